"""The same state several times over: its bodies, people and everything of theirs copied with other numbers.

For benchmarks/growth.py: what one agency or officer has is exactly the same in both states, so that a page of theirs
has to read exactly as much. Copied by one INSERT … SELECT for each table, as the superuser of the benchmark's own
servers with triggers and checks of references off: references are moved along with what they refer to.

Not copied: what there is once (areas, topics, license classes, periods and what they ask, sources), what waits for
somebody (the queues stay as long as they are), files that are named by their digest, and what belongs to a sign-in.
"""

from django.apps import apps
from django.db import connection, models

OFFSET = 50_000_000
APPS = ("accounts", "training", "compliance")
ONCE = {
    "accounts.Session", "training.Area", "training.Topic", "training.LicenseClass", "training.RecognizedSource",
    "compliance.ReportingPeriod", "compliance.RequirementSet", "compliance.Requirement", "compliance.ReminderDate",
    "compliance.SeasonDay", "compliance.SeasonCount", "compliance.GapSearch", "compliance.ListMade",
    "compliance.SigningKey", "compliance.ReliefDocument", "training.Campaign", "training.Invitation",
}  # fmt: skip
WAITS = {
    "training.TrainingImport", "training.ImportRow", "training.InvitationRequest", "training.HeldClass",
    "training.HeldPerson", "training.CommissionQuestion", "compliance.Candidacy", "compliance.Listing",
    "compliance.CandidacyCheck", "compliance.RecordReport", "compliance.RecordingGap", "compliance.PlanRequest",
    "compliance.Transcript",
}  # fmt: skip
# How a text that may be there once only is told apart; anything else has the number of the copy behind it.
TOLD_APART = {"email": "nth_copy || '.' || {column}", "code": "'n' || nth_copy || '-' || id"}
DIGITS = 2  # of the number of a copy


def grow(times: int, url: str) -> dict[str, int]:
    """Make the state of the database `url` (as its superuser) so many times what it is; table -> rows now."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as link:
        link.execute("SET session_replication_role = replica")
        copy_all(times, link.execute)
        for model in grown():
            pk, table = model._meta.pk.column, model._meta.db_table
            if sequence := link.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, pk]).fetchone()[0]:
                link.execute(f"SELECT setval('{sequence}', (SELECT coalesce(max({pk}), 1) FROM \"{table}\"))")  # nosec B608
        link.execute("VACUUM (ANALYZE)")
        return {
            model._meta.db_table: link.execute(f'SELECT count(*) FROM "{model._meta.db_table}"').fetchone()[0]  # nosec B608
            for model in grown()
        }


def copy_all(times: int, execute) -> None:
    """Every row that is grown, so many times less one; triggers are off, or see it all."""
    these = set(grown())
    for model in these:
        execute(_statement(model, these, times))


def grown() -> list[type[models.Model]]:
    """The tables whose rows are copied."""
    return [one for one in apps.get_models(include_auto_created=True) if _is_grown(one)]


def _is_grown(model: type[models.Model]) -> bool:
    tracked = getattr(model, "pgh_tracked_model", model)
    is_ours = model._meta.managed and not model._meta.proxy and model._meta.app_label in APPS
    return is_ours and tracked._meta.label not in ONCE | WAITS | _of_waiting()


def _of_waiting() -> set[str]:
    """What refers to something that waits: it is not there for the copies."""
    found: set[str] = set()
    while True:
        more = {
            model._meta.label
            for model in apps.get_models(include_auto_created=True)
            for field in model._meta.concrete_fields
            if field.is_relation and not field.null and field.related_model._meta.label in WAITS | found
        } - found
        if not more:
            return found
        found |= more


def _statement(model: type[models.Model], grown: set, times: int) -> str:
    """All copies of one table."""
    names, values = [], []
    apart = _told_apart(model, grown)
    for field in model._meta.concrete_fields:
        if getattr(field, "generated", False):
            continue
        column = f'"{field.column}"'
        names.append(column)
        refers = field.related_model if field.is_relation else None
        if (field.primary_key and not refers) or refers in grown:
            is_uuid = isinstance(field.target_field if refers else field, models.UUIDField)
            values.append(_other_uuid(column) if is_uuid else f"{column} + nth_copy * {OFFSET}")
        elif refers is not None and refers._meta.label in WAITS:
            values.append("NULL")
        elif field.column in apart:
            values.append(_apart(field, column))
        elif isinstance(field, models.UUIDField):  # what belongs together, a series or a group, is of one copy
            values.append(_other_uuid(column))
        else:
            values.append(column)
    table = f'"{model._meta.db_table}"'
    numbers = f"generate_series(1, {times - 1}) AS nth_copy"
    into, what = ", ".join(names), ", ".join(values)
    return f"INSERT INTO {table} ({into}) SELECT {what} FROM {table} CROSS JOIN {numbers}"  # nosec B608 - our own names


def _other_uuid(column: str) -> str:
    return f"md5({column}::text || nth_copy)::uuid"


def _apart(field: models.Field, column: str) -> str:
    if isinstance(field, models.UUIDField):
        return _other_uuid(column)
    whole = f"left({column}, {field.max_length - DIGITS}) || nth_copy" if field.max_length else f"{column} || nth_copy"
    return f"CASE {column} WHEN '' THEN '' ELSE {TOLD_APART.get(field.name, whole).format(column=column)} END"


def _told_apart(model: type[models.Model], grown: set) -> set[str]:
    """The columns that have to be others, so that nothing is there twice that may be there once."""
    by_column = {field.column: field for field in model._meta.concrete_fields}
    moved = {
        column for column, field in by_column.items()
        if field.primary_key or (field.is_relation and field.related_model in grown)
    }  # fmt: skip
    found: set[str] = set()
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, model._meta.db_table)
    for one in constraints.values():
        columns = [column for column in one["columns"] or () if column in by_column]
        if not one["unique"] or set(columns) & (moved | found):
            continue
        kinds = (models.UUIDField, models.CharField, models.TextField)
        free = [column for column in columns if isinstance(by_column[column], kinds)]
        if free:
            found.add(free[-1])
    return found


def superuser_url(name: str, folder: str) -> str:
    """The address of a database of the benchmark's own servers as their superuser."""
    from urllib.parse import urlsplit

    import copies  # a benchmark's own
    from bootstrap.places import VAR, Home  # the bootstrap's folder is on the path only now

    at = urlsplit(copies.owner_url())
    password = Home(VAR / folder).secrets()["superuser"]
    return at._replace(netloc=f"postgres:{password}@{at.hostname}:{at.port}", path=f"/{name}").geturl()
