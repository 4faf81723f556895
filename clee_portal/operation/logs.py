"""What is logged: one JSON object a line, with the request or task it belongs to, and no personal data.

Names, e-mail addresses and license numbers are in no line. The text of an exception may hold them (what was typed, a
row of the database), so of an exception the type, the place in the code, and PostgreSQL's code and constraint are told,
and its text only where it comes from a server that is away or a disk that is full. Of addresses the name of the page is
told, never the address: license numbers stand in it.
"""

import datetime as dt
import json
import logging
import re
import sys
import traceback
from contextvars import ContextVar

# The request at work in this thread: its id and, once it is known, its page.
reference: ContextVar[str] = ContextVar("reference", default="")
page: ContextVar[str] = ContextVar("page", default="")

_SCRUBBED = (
    (re.compile(r"[^\s<>\"'=:,;()]+@[^\s<>\"',;()]+"), "[e-mail]"),
    (re.compile(r"(?<![\w:/.])/[^\s\"'<>]+"), "[address]"),
    (re.compile(r"(?<![\w=-])\d{4,7}(?![\w=-])"), "[number]"),
)
# Classes of errors of PostgreSQL that speak of the server and never of a row: connection, resources, operator, system.
_OF_THE_SERVER = ("08", "53", "57", "58")
_FIELDS = ("method", "status", "milliseconds", "account", "statements")
_MOST_FRAMES = 30


def configuration(*, level: str, as_json: bool) -> dict:
    """For `logging.config.dictConfig`. Requests are logged whatever the level; SQL, whose values are personal, never.
    Where lines are JSON, Python's own warnings are lines too."""
    if as_json:
        logging.captureWarnings(True)
    kind = {"()": "clee_portal.operation.logs.JsonFormatter"} if as_json else {"format": PLAIN}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": kind},
        "handlers": {"console": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "clee_portal.requests": {"level": "INFO"},
            "django": {"level": level, "handlers": [], "propagate": True},
            "django.db.backends": {"level": "WARNING"},
            "django.server": {"handlers": [], "propagate": True},
        },
    }


PLAIN = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def scrubbed(text: str) -> str:
    """Text without e-mail addresses, addresses of pages, and what may be a license number."""
    for pattern, word in _SCRUBBED:
        text = pattern.sub(word, text)
    return text


class JsonFormatter(logging.Formatter):
    """One line of JSON for each record."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            "pid": record.process,
        }
        if told := reference.get():
            line["request"] = told
        if task := _task():
            line["task"], line["task_name"] = task
        if named := getattr(record, "page", "") or page.get():
            line["page"] = named
        line |= {name: getattr(record, name) for name in _FIELDS if getattr(record, name, None) is not None}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = exception(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def exception(error: BaseException) -> list[dict]:
    """An exception and what it came from, the last first: type, place, and what PostgreSQL says that is no one's."""
    told, seen = [], set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        frames = traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
        kind = type(error)
        one = {"type": f"{kind.__module__}.{kind.__qualname__}", "at": [_place(frame) for frame in frames]}
        told.append(one | _of_postgres(error) | _of_the_system(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told


def _place(frame: traceback.FrameSummary) -> str:
    parts = frame.filename.replace("\\", "/").split("/")
    return f"{'/'.join(parts[-3:])}:{frame.lineno} {frame.name}"


def _of_postgres(error: BaseException) -> dict:
    told = getattr(error, "diag", None)
    if told is None:
        return {}
    names = ("sqlstate", "constraint_name", "table_name", "column_name")
    found = {name: value for name in names if (value := getattr(told, name, None))}
    state = getattr(error, "sqlstate", None)
    if state is None or state.startswith(_OF_THE_SERVER):
        found["text"] = scrubbed(str(error))[:500]
    return found


def _of_the_system(error: BaseException) -> dict:
    return {"text": error.strerror} if isinstance(error, OSError) and error.strerror else {}


def _message(record: logging.LogRecord) -> str:
    """The words of a record. What was put into them is scrubbed, but for numbers; an exception is its type."""
    arguments = record.args
    if isinstance(arguments, dict):
        arguments = {name: _argument(value) for name, value in arguments.items()}
    elif arguments:
        arguments = tuple(map(_argument, arguments))
    try:
        text = str(record.msg) % arguments if arguments else str(record.msg)
    except (TypeError, ValueError):
        text = str(record.msg)
    return _SCRUBBED[0][0].sub(_SCRUBBED[0][1], text)


def _argument(value):
    if isinstance(value, BaseException):
        return type(value).__name__
    return value if isinstance(value, int | float | bool) else scrubbed(str(value))


def _task() -> tuple[str, str] | None:
    """The id and name of the task at work, in a worker."""
    if "celery" not in sys.modules:
        return None
    at_work = sys.modules["celery"].current_task
    return (at_work.request.id, at_work.name) if at_work and at_work.request.id else None
