"""Every record made so far is given the course of its class."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("training", "0009_records_say_their_course")]

    operations = [
        migrations.RunSQL(
            "UPDATE training_trainingrecord r SET course_id = k.course_id"
            " FROM training_trainingclass k WHERE k.id = r.training_class_id AND r.course_id IS NULL",
            migrations.RunSQL.noop,
        )
    ]
