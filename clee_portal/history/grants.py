"""What the application's database role may do: everything a running portal needs, and nothing that loses evidence.

The owner of the tables runs migrations. The application connects as another role (`DATABASE_APP_ROLE`), which may not
delete or truncate evidence, and may only add to the history.
"""

from django.apps import apps
from django.conf import settings
from django.db import connections
from psycopg import sql


def grant_application_role(using: str = "default", **kwargs) -> None:
    """Give the application's role its rights on every table; runs after each migration, as the owner.

    Does nothing where the role does not exist or is the owner itself (a single-role installation, which
    docs/operations.md advises against: there the triggers alone guard the history).
    """
    role = settings.DATABASE_APP_ROLE
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [role])
        current, exists = cursor.fetchone()
        if not exists or current == role:
            return
        name = sql.Identifier(role)
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name))
        cursor.execute(sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(name))
        cursor.execute(
            sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(name)
        )
        for grant, what in (("SELECT, INSERT, UPDATE, DELETE", "TABLES"), ("USAGE, SELECT", "SEQUENCES")):
            cursor.execute(
                sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {} ON {} TO {}").format(
                    sql.SQL(grant), sql.SQL(what), name
                )
            )
        existing = set(connection.introspection.table_names(cursor))
        for table, rights in sorted(withheld_rights().items()):
            if table in existing:
                cursor.execute(sql.SQL("REVOKE {} ON {} FROM {}").format(sql.SQL(rights), sql.Identifier(table), name))


def withheld_rights() -> dict[str, str]:
    """Table name -> rights the application's role does not have: history may only grow, evidence is never removed."""
    withheld = {"django_migrations": "INSERT, UPDATE, DELETE"}
    for model in apps.get_models(include_auto_created=True):
        if hasattr(model, "pgh_tracked_model") or getattr(model, "is_never_changed", False):
            withheld[model._meta.db_table] = "UPDATE, DELETE, TRUNCATE"
        elif getattr(model, "is_append_only", False):
            withheld[model._meta.db_table] = "UPDATE, TRUNCATE"  # what may be deleted, a trigger says by its age
        elif getattr(model, "is_evidence", False) and not model.is_deletable_evidence:
            withheld[model._meta.db_table] = "DELETE, TRUNCATE"
    return withheld
