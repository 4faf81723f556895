"""Every record made so far is given the course of its class; those that would count twice are named."""

from django.db import migrations

FILL = """
UPDATE training_trainingrecord r SET course_id = k.course_id
FROM training_trainingclass k WHERE k.id = r.training_class_id AND r.course_id IS NULL
"""
TWICE = """
SELECT o.license_number, c.title, r.completed_on, array_agg('C-' || lpad(r.training_class_id::text, 6, '0') ORDER BY r.id)
FROM training_trainingrecord r JOIN training_course c ON c.id = r.course_id JOIN training_officer o ON o.id = r.officer_id
WHERE r.voided_at IS NULL AND r.not_counted = '' AND r.kept_because = '' AND r.role = 'student'
GROUP BY o.license_number, c.title, r.officer_id, r.course_id, r.completed_on, r.credited_year
HAVING count(*) > 1 ORDER BY 1, 3
"""
MOST = 20


def name_what_counts_twice(apps, schema_editor):
    """Refuse to go on where a student has credit twice for one course on one day, and say whose and in which classes:
    what does not count is for people to say (rulebook 11, 6), and the next migration lets the database insist."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TWICE)
        found = cursor.fetchall()
    if found:
        named = [f"  license {number}, “{title}”, {day}: {', '.join(classes)}" for number, title, day, classes in found]
        more = [f"  and {len(found) - MOST} more"] if len(found) > MOST else []
        raise RuntimeError(
            f"{len(found)} officers' courses count twice on one day:\n"
            + "\n".join([*named[:MOST], *more])
            + "\nSettle each in the portal as it was (Duplicates: count once, or keep both with a reason), then migrate"
            " again. Nothing of this migration was done."
        )


class Migration(migrations.Migration):
    dependencies = [("training", "0009_records_say_their_course")]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunPython(name_what_counts_twice, migrations.RunPython.noop),
    ]
