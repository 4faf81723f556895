"""What changed between two readings of the facts of a case, in words; whether it may be decided on its facts."""

from compliance.case_facts import Facts
from compliance.models import CaseNotice, CaseSubmission, ReliefDecision, ReliefRequest
from compliance.verdict import Standing
from training.models import LicenseEvent

_KINDS = dict(LicenseEvent.Kind.choices)
_RELIEF = dict(ReliefRequest.Kind.choices)
_DECIDED = dict(ReliefDecision.Decision.choices)


def why_not(facts: Facts, is_overridden: bool = False) -> str:
    """Why the facts of a case do not let it go before the Director; empty where they do."""
    if facts["finding"]["standing"] != Standing.CANDIDATE:
        label = Standing(facts["finding"]["standing"]).label
        return f"The officer stands otherwise by now: {label}."
    if facts["likely_errors"] and not is_overridden:
        return f"Likely a recording error, not settled: {'; '.join(facts['likely_errors'])}"
    return ""


def looked_at(submission: CaseSubmission) -> tuple[str, str]:
    """The facts as they were last looked at, as text, and their digest: when put forward, or at the last second look.
    The looks may be prefetched."""
    looks = sorted(submission.second_looks.all(), key=lambda one: (one.as_of, one.pk))
    last = looks[-1] if looks else submission
    return last.facts, last.facts_sha256


def changes(before: Facts, after: Facts) -> list[str]:
    """What changed, one line a change, what the law looks at first; none where nothing did."""
    found = []
    was, now = before["finding"], after["finding"]
    if was["standing"] != now["standing"]:
        found.append(f"The standing was “{_standing(was)}” and is “{_standing(now)}”.")
    names = {one["code"]: one["name"] for one in after["requirements"]["list"]}
    for code, hours in now["hours"].items():
        if (old := was["hours"].get(code)) is not None and old != hours:
            found.append(f"{names[code]}: {old} hours counted, now {hours}.")
    if before["requirements"] != after["requirements"] or before["period"] != after["period"]:
        found.append("The requirements or the dates of the period were changed.")
    found += _training(before["training"], after["training"])
    found += _added(before["license"], after["license"], _event, "On the license", "No longer on the license")
    found += _requests(before["relief"], after["relief"])
    found += _added(before["answers"], after["answers"], _answer, "New answer", "Answer taken back")
    found += _added(before["likely_errors"], after["likely_errors"], str, "Likely an error", "Settled")
    if before["notice"] != after["notice"]:
        found.append(f"The notice was corrected: {_notice(after['notice'])}.")
    return found


def _standing(finding: dict) -> str:
    return Standing(finding["standing"]).label


def _training(before: list[dict], after: list[dict]) -> list[str]:
    was, now = ({one["record"]: one for one in rows} for rows in (before, after))
    found = [f"New on the record: {_record(one)}." for pk, one in now.items() if pk not in was]
    found += [f"No longer on the record: {_record(one)}." for pk, one in was.items() if pk not in now]
    found += [f"Changed on the record: {_record(one)}." for pk, one in now.items() if pk in was and was[pk] != one]
    return found


def _record(one: dict) -> str:
    return f"{one['course']}, completed {one['completed_on']} ({one['class']})"


def _event(one: dict) -> str:
    return f"{_KINDS[one['event']].lower()} on {one['date']}"


def _requests(before: list[dict], after: list[dict]) -> list[str]:
    was, found = {one["request"]: one for one in before}, []
    for one in after:
        made = f"{_RELIEF[one['kind']]} {one['request']}"
        if one["request"] not in was:
            found.append(f"{made} was asked for on {one['requested_on']}.")
        elif one["decisions"] != was[one["request"]]["decisions"] and one["decisions"]:
            latest = one["decisions"][-1]
            found.append(f"{made}: {_DECIDED[latest['decision']].lower()} on {latest['decided_on']}.")
    return found


def _answer(one: dict) -> str:
    return f"{one['given_by']}, {one['on']}: “{one['words'][:200]}”"


def _notice(one: dict | None) -> str:
    if one is None:
        return "none is served"
    return f"{dict(CaseNotice.How.choices)[one['how']].lower()}, {one['served_on']}, answers until {one['answer_by']}"


def _added(before: list, after: list, words, new: str, gone: str) -> list[str]:
    found = [f"{new}: {words(one).rstrip('.')}." for one in after if one not in before]
    return found + [f"{gone}: {words(one).rstrip('.')}." for one in before if one not in after]
