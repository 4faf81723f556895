"""What `verify_history` says, as tests compare it."""

import io
from itertools import chain

from django.core.management import call_command

WITH_ITS_HASH = (
    "UPDATE {table} t SET content_hash = sha256(convert_to((SELECT row_to_json(x)::text FROM"
    " (SELECT (jsonb_populate_record(t, '{{\"content_hash\": null}}'::jsonb)).*) x), 'UTF8')) WHERE pgh_id = %s"
)


def verify(*paths, **options) -> tuple[int, list[str]]:
    """The exit code and the lines of the command."""
    out = io.StringIO()
    code = 0
    try:
        call_command("verify_history", *chain(*(("--roots", str(path)) for path in paths)), stdout=out, **options)
    except SystemExit as end:
        code = end.code
    return code, [" ".join(line.split()) for line in out.getvalue().splitlines()]


def findings(*paths) -> list[str]:
    code, lines = verify(*paths)
    told = lines[: next(at for at, line in enumerate(lines) if " rows under " in line)]
    found = [line for line in told if not line.startswith("Removed under tombstone")]
    assert code == (1 if found else 0)
    return found


def versions(thing) -> list[int]:
    return list(thing.events.order_by("pgh_id").values_list("pgh_id", flat=True))
