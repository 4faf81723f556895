from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('training', '0010_course_of_each_record'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='trainingrecord',
            constraint=models.CheckConstraint(condition=models.Q(('course__isnull', False)), name='record_has_its_course'),
        ),
        migrations.AddConstraint(
            model_name='trainingrecord',
            constraint=models.UniqueConstraint(condition=models.Q(('kept_because', ''), ('not_counted', ''), ('role', 'student'), ('voided_at', None)), fields=('officer', 'course', 'completed_on', 'credited_year'), name='record_course_counts_once_a_day', violation_error_message='This officer already has credit for this course on this day.'),
        ),
    ]
