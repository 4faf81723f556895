"""What a column of a file of training may hold, and the names by which it is recognised."""

from training import said
from training.imports.headers import Field
from training.imports.officers import LICENSE_FIELD, NAME_FIELDS

FIELDS = (
    LICENSE_FIELD,
    *NAME_FIELDS,
    Field(
        "title",
        "title of the course",
        (
            "course title",
            "course name",
            "class title",
            "class name",
            "class",
            "training",
            "course",
            "training title",
            "name of class",
            "name of course",
            "topic",
            "course or topic",
            "subject",
            "event",
        ),
    ),
    Field(
        "control_number",
        "POST’s number of an approved course",
        ("post control number", "control no", "post course number"),
    ),
    Field(
        "completed_on",
        "day the class ended",
        (
            "completed",
            "completion date",
            "date completed",
            "end date",
            "ended on",
            "training date",
            "class date",
            "course date",
            "date",
            "date of training",
            "date of class",
            "date of course",
            "date attended",
            "date taken",
            "class end date",
            "day",
        ),
    ),
    Field("starts_on", "first day, where it is another", ("start date", "started on", "begin date", "from")),
    Field(
        "hours",
        "hours in all",
        said.HOURS_COLUMNS,
    ),
    Field("area", "area of the hours", ("curricula area", "core area", "curriculum area", "category")),
    Field("source", "kind of source", ("source kind", "source type")),
    Field("provider", "licensed provider: name or license number", ("provider name", "training provider", "academy")),
    Field(
        "source_agency",
        "agency whose in-service it was: code or name",
        ("in-service agency", "reporting agency", "hosting agency"),
    ),
    Field("sponsor", "who gave it, where that is neither", ("sponsored by", "college")),
    Field(
        "approved_by",
        "who approved an out-of-state course, where not the sponsor: as on the Director's list",
        ("approving state", "recognized source"),
    ),
    Field("although", "why it is recorded although its source was not on that list", ("recorded although",)),
    Field("delivery", "classroom or online", ("format", "delivery method", "method")),
    Field("status", "completed, instructed, incomplete", said.STATUS_COLUMNS),
    Field("role", "student or instructor", ("attended as", "capacity")),
    Field(
        "period", "year it is credited to, where it is another", ("credited year", "reporting period", "credit year")
    ),
    Field("place", "where it was held", ("location", "site")),
    Field("recorded_on", "day an older register recorded it"),
)
