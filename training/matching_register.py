"""Officers of the whole register whose name is like one that an agency wrote: offered to POST, never taken.

An agency's own names are matched inside the agency only (`matching`). A bare name of nobody there waits for POST.
"""

import re
from collections.abc import Sequence

from django.db import connection, transaction

from clee_portal import clock
from training import selectors
from training.matching import MOST_OFFERED, Candidate
from training.models import Officer

# Of trigrams: "Jon Marsh" finds Marsh, John; a line with a few more words still finds its name.
ALIKE = 0.4
_LIKE = """
    SELECT asked.at - 1, found.officer_id
    FROM unnest(%s::text[]) WITH ORDINALITY AS asked (words, at),
    LATERAL (
        SELECT near.officer_id, max(near.likeness) AS likeness FROM (
            SELECT id AS officer_id, similarity(search_name, lower(immutable_unaccent(asked.words))) AS likeness
            FROM training_officer WHERE search_name %% lower(immutable_unaccent(asked.words))
            UNION ALL
            SELECT officer_id, similarity(search_name, lower(immutable_unaccent(asked.words)))
            FROM training_officerformername WHERE search_name %% lower(immutable_unaccent(asked.words))
        ) AS near GROUP BY near.officer_id ORDER BY likeness DESC, near.officer_id LIMIT %s
    ) AS found
    ORDER BY asked.at, found.likeness DESC, found.officer_id
"""


@transaction.atomic
def like(names: Sequence[str]) -> list[tuple[Candidate, ...]]:
    """For each name, its parts in any order, the officers of the state who are called like it, the likest first.

    Present and former names; none for what holds no letters. Four statements, however many names.
    """
    words = [" ".join(re.findall(r"[^\W\d_][^\W\d_'’-]*", name)) for name in names]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(ALIKE)])
        cursor.execute(_LIKE, [words, MOST_OFFERED])
        found = cursor.fetchall()
    officers = Officer.objects.in_bulk({pk for _, pk in found})
    at_work = selectors.agencies_today(officers, clock.today())
    offered: list[list[Candidate]] = [[] for _ in names]
    for at, pk in found:
        one = officers[pk]
        agencies = tuple(str(agency) for agency in at_work.get(pk, ())) or ("no agency today",)
        offered[at].append(Candidate(pk, one.license_number, one.sorted_name, "", "", agencies, False))
    return [tuple(those) for those in offered]
