"""Models whose rows are not evidence, each with the reason. One that is neither tracked nor listed fails the tests."""

EXEMPT = {
    "accounts.User": "an account: its roles and memberships are evidence, its last sign-in is not",
    "auth.Group": "not used: what a person may do follows from dated roles and memberships",
    "auth.Group_permissions": "not used, as above",
    "auth.Permission": "not used, as above",
    "contenttypes.ContentType": "a list of tables kept by Django",
    "sessions.Session": "who is signed in just now",
    "account.EmailAddress": "sign-in addresses kept by allauth",
    "account.EmailConfirmation": "pending confirmations kept by allauth",
    "django_celery_beat.IntervalSchedule": "when the worker looks for due work",
    "django_celery_beat.CrontabSchedule": "as above",
    "django_celery_beat.SolarSchedule": "as above",
    "django_celery_beat.ClockedSchedule": "as above",
    "django_celery_beat.PeriodicTask": "as above",
    "django_celery_beat.PeriodicTasks": "as above",
    "pghistory.Context": "not used: the context is stored on each event",
    "training.ColumnMapping": "a convenience: how an agency's files are read; what was read is kept with the import",
    "training.OfficerGroup": "a convenience: it saves ticks; who is credited is kept with the class",
    "training.OfficerGroup_officers": "as above",
    "notifications.Pace": "when the next mail may go, by which workers keep one pace",
    "notifications.DemonstrationMessage": "mail of the demonstration, which never leaves the machine",
}
