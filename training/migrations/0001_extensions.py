from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    """PostgreSQL's own pieces: exclusion over dates, names by likeness, names without accents."""

    initial = True
    # Tables of packages that refer to none of ours come first: each of their steps renders again what is there by then.
    dependencies = [
        ("history", "0001_record_of_access"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]
    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(
            """
            CREATE OR REPLACE FUNCTION public.immutable_unaccent(text) RETURNS text
            LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
            AS $$ SELECT public.unaccent('public.unaccent', $1) $$
            """,
            "DROP FUNCTION public.immutable_unaccent(text)",
        ),
    ]
