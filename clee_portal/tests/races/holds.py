"""What is true of the facts whatever was done, in whatever order: asked after every race, and after each of its orders.

The two orders say what may come out; these say what must never, also where both orders, or nothing but a page's form,
would let it through.
"""

import json
from collections.abc import Collection

from django.db import connection

from clee_portal import clock
from compliance import case_facts, packets
from compliance.models import Candidacy, CasePacket
from training import licensing
from training.models import Officer

NEVER = {
    "credit stands in a class that was undone": """
        SELECT FROM training_trainingrecord r JOIN training_trainingclass c ON c.id = r.training_class_id
        WHERE r.voided_at IS NULL AND c.voided_at IS NOT NULL""",
    "an entry is not counted because of one that is gone": """
        SELECT FROM training_trainingrecord r JOIN training_trainingrecord t ON t.id = r.twin_id
        WHERE r.voided_at IS NULL AND r.not_counted <> '' AND t.voided_at IS NOT NULL""",
    "an entry is not counted because of one that is not counted either": """
        SELECT FROM training_trainingrecord r JOIN training_trainingrecord t ON t.id = r.twin_id
        WHERE r.voided_at IS NULL AND r.not_counted <> '' AND t.voided_at IS NULL AND t.not_counted <> ''""",
    "one training is counted twice, and nobody said that it is another": """
        SELECT FROM training_trainingrecord r
        JOIN training_trainingclass c ON c.id = r.training_class_id JOIN training_course k ON k.id = c.course_id
        WHERE r.voided_at IS NULL AND r.not_counted = '' AND r.kept_because = ''
        GROUP BY r.officer_id, k.id, r.completed_on, r.role, r.credited_year HAVING count(*) > 1""",
    "credit of a file that was undone": """
        SELECT FROM training_importrow i JOIN training_trainingimport f ON f.id = i.training_import_id
        JOIN training_trainingrecord r ON r.id = i.record_id
        WHERE f.state = 'undone' AND i.fate = 'credited' AND r.voided_at IS NULL""",
    "a class of the calendar says that it is credited, and its credit was undone": """
        SELECT FROM training_scheduledclass s JOIN training_trainingclass c ON c.id = s.training_class_id
        WHERE c.voided_at IS NOT NULL""",
    "a class of the calendar was called off and is credited": """
        SELECT FROM training_scheduledclass s JOIN training_trainingclass c ON c.id = s.training_class_id
        WHERE s.state = 'called_off' AND c.voided_at IS NULL""",
    "a class of the calendar is held and credited": """
        SELECT FROM training_heldclass h JOIN training_scheduledclass s ON s.id = h.scheduled_class_id
        WHERE h.voided_at IS NULL AND h.training_class_id IS NULL AND s.training_class_id IS NOT NULL""",
    "more seats are taken than there are, or others than those who have them": """
        SELECT FROM training_scheduledclass s WHERE s.seats_taken > s.capacity OR s.seats_taken <> (
            SELECT count(*) FROM training_registration r
            WHERE r.scheduled_class_id = s.id AND r.state IN ('registered', 'offered'))""",
    "somebody has a seat or a turn in a class that was called off": """
        SELECT FROM training_registration r JOIN training_scheduledclass s ON s.id = r.scheduled_class_id
        WHERE s.state = 'called_off' AND r.state IN ('registered', 'offered', 'waiting')""",
    "a record that was joined with another has credit, a license or a commission": """
        SELECT FROM training_officer o WHERE o.merged_into_id IS NOT NULL AND (
            EXISTS (SELECT FROM training_trainingrecord r WHERE r.officer_id = o.id AND r.voided_at IS NULL)
            OR EXISTS (SELECT FROM training_licenseevent e WHERE e.officer_id = o.id AND e.voided_at IS NULL)
            OR EXISTS (SELECT FROM training_commission c WHERE c.officer_id = o.id AND c.set_aside_by_id IS NULL))""",
    "somebody is commissioned at an agency that was closed": """
        SELECT FROM training_commission c JOIN training_agency a ON a.id = c.agency_id
        WHERE c.set_aside_by_id IS NULL AND c.started_on > a.closed_on""",
    "a decision was reversed, and the license is what it made it": """
        SELECT FROM compliance_casedecision d JOIN training_licenseevent e ON e.id = d.event_id
        WHERE e.voided_at IS NULL
        AND EXISTS (SELECT FROM compliance_casedecision r WHERE r.reverses_id = d.id)""",
    "a decision stands, and what it did to the license does not": """
        SELECT FROM compliance_casedecision d LEFT JOIN training_licenseevent e ON e.id = d.event_id
        WHERE d.kind IN ('make_inactive', 'reinstate') AND (e.id IS NULL OR e.voided_at IS NOT NULL)
        AND NOT EXISTS (SELECT FROM compliance_casedecision r WHERE r.reverses_id = d.id)""",
    "a case that was decided lies before the Director": """
        SELECT FROM compliance_casesubmission s JOIN compliance_casedecision d ON d.submission_id = s.id
        WHERE s.closed_at IS NULL""",
    "a case lies before the Director twice": """
        SELECT FROM compliance_casesubmission s WHERE s.closed_at IS NULL
        GROUP BY s.candidacy_id HAVING count(*) > 1""",
    "a notice is served twice": """
        SELECT FROM compliance_casenotice n WHERE n.voided_at IS NULL GROUP BY n.candidacy_id HAVING count(*) > 1""",
    "an undecided request is closed, or a decided one open": """
        SELECT FROM compliance_reliefrequest q WHERE q.voided_at IS NULL AND q.is_open = EXISTS (
            SELECT FROM compliance_reliefdecision d WHERE d.request_id = q.id AND d.voided_at IS NULL)""",
    "two licenses of a provider cover one day": """
        SELECT FROM training_providerlicense a JOIN training_providerlicense b ON b.provider_id = a.provider_id
        WHERE a.id < b.id AND a.voided_at IS NULL AND b.voided_at IS NULL
        AND daterange(a.valid_from, a.valid_until, '[]') && daterange(b.valid_from, b.valid_until, '[]')""",
}
# What a decision was made on, of all that its packet has: the rest is as it is now.
JUDGED = ("finding", "training", "license", "relief")


def wrong(thing) -> list[str]:
    """What is not as it must be."""
    asked = " UNION ALL ".join(f"SELECT %s WHERE EXISTS ({one})" for one in NEVER.values())
    with connection.cursor() as cursor:
        cursor.execute(asked, list(NEVER))
        found = [words for (words,) in cursor.fetchall()]
    return found


def misfits(thing, but_for: Collection[str] = ()) -> list[str]:
    """Events of a license that do not follow from each other, and decisions that rested on other facts than were known
    at their moment. Joining two records, which moves what was recorded, may bring either about by itself."""
    officers = [one for one in vars(thing).values() if isinstance(one, Officer)]
    found = [words for one in officers for words in licensing.misfits(licensing.events_of(one, clock.END_OF_TIME))]
    return [words for words in found + _packets(thing) if words not in but_for]


def _packets(thing) -> list[str]:
    """Decisions that rested on other facts than were known at their moment."""
    if not isinstance(case := vars(thing).get("case"), Candidacy):
        return []
    found = []
    made = CasePacket.objects.filter(decision__candidacy=case.pk).select_related(
        "decision__candidacy__officer", "decision__candidacy__period"
    )
    if before := getattr(thing, "decision", None):  # what it rested on was recorded earlier than it says
        made = made.exclude(decision=before.pk)
    for one in made:
        rested = json.loads(packets.read(one))["facts"]
        known = case_facts.read([one.decision.candidacy], one.decision.decided_at)[case.pk]
        known = json.loads(case_facts.text(known))
        differs = [name for name in JUDGED if rested[name] != known[name]]
        if differs:
            found.append(f"{one.decision.get_kind_display()}: rested on other {', '.join(differs)} than were known")
    return found
