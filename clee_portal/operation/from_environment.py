"""The settings of operation, from the environment: a part of `clee_portal.settings`."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environ import Env

from clee_portal.operation import logs

# Days: less is refused where the database, or the rules, ask for more.
YEAR = 365
SHORTEST = {
    "ACCESS_RECORD_DAYS": (7 * YEAR, YEAR, "the record of access is kept for 365 days at least."),
    "MAIL_TEXT_DAYS": (2 * YEAR, 90, "what was written to people is kept for 90 days at least."),
    "MEDICAL_DOCUMENT_DAYS": (3 * YEAR, YEAR, "medical documents are kept for 365 days after the decision at least."),
    "EVIDENCE_DAYS": (6 * YEAR + 2, 6 * YEAR + 2, "evidence is kept for six years at least (2192 days)."),
}


def operation(env: Env, base: Path, *, is_embedded: bool, is_real: bool) -> dict:
    """Name -> value. Raises ImproperlyConfigured where something would be kept too short."""
    found = {
        # Copies of everything: where they lie, who can read them, how many are kept.
        "BACKUP_FOLDER": env.str("BACKUP_FOLDER", default=str(base / "var" / "backups") if is_embedded else ""),
        "BACKUP_RECIPIENTS": env.list("BACKUP_RECIPIENTS", default=[]),
        "BACKUP_IDENTITY_FILE": env.str("BACKUP_IDENTITY_FILE", default=""),
        "BACKUP_KEEP": {
            "daily": env.int("BACKUP_KEEP_DAILY", default=14),
            "weekly": env.int("BACKUP_KEEP_WEEKLY", default=8),
            "monthly": env.int("BACKUP_KEEP_MONTHLY", default=12),
        },
        # JSON, with no personal data, wherever people are real.
        "LOGGING": logs.configuration(
            level=env.str("LOG_LEVEL", default="WARNING"),
            as_json=env.str("LOG_FORMAT", default="json" if is_real else "plain") == "json",
        ),
        "METRICS_TOKEN": env.str("METRICS_TOKEN", default=""),
        "SENTRY_DSN": env.str("SENTRY_DSN", default=""),
    }
    for name, (usual, shortest, why) in SHORTEST.items():
        found[name] = env.int(name, default=usual)
        if found[name] < shortest:
            raise ImproperlyConfigured(f"{name}: {why}")
    return found
