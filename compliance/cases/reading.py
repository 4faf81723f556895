"""Reading golden cases: the shape is closed, a key that is not in it is an error of the case."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import yaml

from compliance.models import ReliefDecision, ReliefRequest
from compliance.verdict import Standing
from training.models import Delivery, LicenseEvent, SourceKind, TrainingRecord


class CaseError(Exception):
    """A case (or file of cases) that cannot be understood; the text says where."""


class _Loader(yaml.SafeLoader):
    """YAML with exact decimals (never floats), and a doubled key as an error."""


def _mapping(loader: _Loader, node: yaml.MappingNode, deep: bool = False) -> dict:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    if twice := {key for key in keys if keys.count(key) > 1}:
        raise CaseError(f"line {node.start_mark.line + 1}: the key {sorted(map(str, twice))[0]!r} stands twice")
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


def _exact(loader: _Loader, node: yaml.ScalarNode) -> Decimal:
    text = loader.construct_scalar(node)
    try:
        return Decimal(text)
    except InvalidOperation:
        raise CaseError(f"line {node.start_mark.line + 1}: {text!r} is not a number") from None


_Loader.add_constructor("tag:yaml.org,2002:float", _exact)
_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


@dataclass(frozen=True)
class Case:
    """One case, checked for shape: `data` holds only known keys, with dates as dates and hours as Decimal."""

    path: Path
    name: str
    data: dict


FIRST_YEAR, LAST_YEAR = 1900, 2099  # as of dates in files (training/imports/dates.py)
TODAY = object()  # marks a key whose value is a date
HOURS = object()  # a mapping of code -> hours
YEAR = object()

_OFFICER_EVENT = {
    "date": TODAY,
    "event": LicenseEvent.Kind.values,
    "period": YEAR,
    "recorded_on": TODAY,
    "voided_on": TODAY,
}
_SHAPE = {
    "name": str,
    "period": YEAR,
    "as_of": TODAY,
    "officer": {"licensed_on": TODAY, "events": [_OFFICER_EVENT]},
    "training": [
        {
            "completed_on": TODAY,
            "recorded_on": TODAY,
            "source": SourceKind.values,
            "role": TrainingRecord.Role.values,
            "delivery": Delivery.values,
            "hours": HOURS,
            "topics": HOURS,
            "period": YEAR,
            "voided_on": TODAY,
            "refused_on": TODAY,
            "not_counted": TrainingRecord.NotCounted.values,
        }
    ],
    "relief": [
        {
            "kind": ReliefRequest.Kind.values,
            "reason": ReliefRequest.Reason.values,
            "requested_on": TODAY,
            "decided_on": TODAY,
            "decision": [d for d in ReliefDecision.Decision.values if d != "ended"],
            "due_on": TODAY,
            "ended_on": TODAY,
        }
    ],
    "expect": {"standing": Standing.values, "short": HOURS, "earned": HOURS},
}
_NEEDED = {
    "": {"name", "period", "as_of", "officer", "expect"},
    "officer": {"licensed_on"},
    "officer.events": {"date", "event"},
    "training": {"completed_on", "source", "hours"},
    "relief": {"kind", "reason", "requested_on"},
    "expect": {"standing"},
}


def read(paths) -> Iterator[Case]:
    """Every case of the files and folders in `paths`; raises `CaseError` at the first that has another shape."""
    for path in files(paths):
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, OSError) as error:
            raise CaseError(f"{path}: cannot be read: {error}") from None
        yield from read_text(text, path)


def read_text(text: str, path: Path) -> Iterator[Case]:
    """Every case of a text, as it stands in a file; `path` is where it came from. Raises as `read`."""
    try:
        rows = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader  # nosec B506
    except (yaml.YAMLError, ValueError) as error:
        raise CaseError(f"{path}: cannot be read: {error}") from None
    except RecursionError:
        raise CaseError(f"{path}: cannot be read: too much lies inside each other") from None
    except CaseError as error:
        raise CaseError(f"{path}: {error}") from None
    if not isinstance(rows, list) or not rows:
        raise CaseError(f"{path}: a list of cases is expected")
    names: set[str] = set()
    for number, row in enumerate(rows, start=1):
        where = f"{path}: case {number}"
        if isinstance(row, dict) and isinstance(row.get("name"), str):
            where = f"{path}: “{row['name']}”"
        try:
            data = _checked(row, _SHAPE, "")
            _check_together(data)
        except CaseError as error:
            raise CaseError(f"{where}: {error}") from None
        if data["name"] in names:
            raise CaseError(f"{where}: the name is not unique in its file")
        names.add(data["name"])
        yield Case(path, data["name"], data)


def files(paths) -> list[Path]:
    """The YAML files of `paths`: files as named, folders with all below them, in order of their names."""
    found: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix in (".yaml", ".yml"))
            if not inside:
                raise CaseError(f"{path}: no .yaml file in this folder")
            found.extend(inside)
        elif path.is_file():
            found.append(path)
        else:
            raise CaseError(f"{path}: no such file or folder")
    return found


def _checked(value, shape, where: str):
    """`value` with its shape verified; a date stays a date, hours become Decimals."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            raise CaseError(f"{where or 'the case'} should be a mapping")
        if unknown := [key for key in value if key not in shape]:
            raise CaseError(f"{where + ': ' if where else ''}unknown key {unknown[0]!r}")
        if missing := sorted(_NEEDED.get(where, set()) - value.keys()):
            raise CaseError(f"{where + ': ' if where else ''}{missing[0]!r} is missing")
        return {key: _checked(item, shape[key], f"{where}.{key}".lstrip(".")) for key, item in value.items()}
    if isinstance(shape, list) and shape and isinstance(shape[0], dict):
        if not isinstance(value, list):
            raise CaseError(f"{where} should be a list")
        return [_checked(item, shape[0], where) for item in value]
    if isinstance(shape, list):
        if value not in shape:
            raise CaseError(f"{where}: {value!r} is not one of {', '.join(shape)}")
        return value
    if shape is TODAY:
        if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
            raise CaseError(f"{where}: {value!r} is not a date such as 2018-12-31")
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise CaseError(f"{where}: the year {value.year} is out of reach")
        return value
    if shape is YEAR:
        if not isinstance(value, int) or not FIRST_YEAR <= value <= LAST_YEAR:
            raise CaseError(f"{where}: {value!r} is not a year")
        return value
    if shape is HOURS:
        return _hours(value, where)
    if not isinstance(value, str) or not value.strip():
        raise CaseError(f"{where} should be a text")
    return value


def _hours(value, where: str) -> dict[str, Decimal]:
    if not isinstance(value, dict):
        raise CaseError(f"{where} should be a mapping of codes to hours")
    hours = {}
    for code, number in value.items():
        if isinstance(number, bool) or not isinstance(number, int | Decimal):
            raise CaseError(f"{where}.{code}: {number!r} is not a number of hours")
        try:
            hours[code] = Decimal(number)
        except InvalidOperation:
            raise CaseError(f"{where}.{code}: {number!r} is not a number of hours") from None
        if not hours[code].is_finite() or hours[code] < 0:
            raise CaseError(f"{where}.{code}: {number!r} is not a number of hours")
    return hours


def _check_together(data: dict) -> None:
    """What several keys say together."""
    for event in data["officer"].get("events", []):
        concerns_period = event["event"] in ("made_inactive", "reinstated")
        if concerns_period != ("period" in event):
            raise CaseError(f"officer.events: {event['event']} {'needs' if concerns_period else 'has no'} 'period'")
    for request in data.get("relief", []):
        if ("decision" in request) != ("decided_on" in request):
            raise CaseError("relief: 'decision' and 'decided_on' go together")
        if "ended_on" in request and request.get("decision") != "granted":
            raise CaseError("relief: only a granted extension or waiver can have 'ended_on'")
        if "due_on" in request and request.get("decision") not in (None, "granted"):
            raise CaseError("relief: only a granted extension has 'due_on'")
