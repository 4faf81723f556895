"""Golden cases of a draft: written, run, copied, removed. They are kept with the set when it is published."""

from dataclasses import dataclass
from pathlib import Path

from django.db import IntegrityError, transaction

from clee_portal.accounts.models import User
from clee_portal.history import because
from clee_portal.history import seen as pages
from clee_portal.refusal import Refused
from compliance import trial
from compliance.cases import checking, reading, writing
from compliance.models import GoldenCase, RequirementSet
from compliance.services.rule_locks import to_change

# Each case is judged as one officer of the state would be; so many are run in a second or two.
MOST = 60
HERE = Path("case")


@dataclass(frozen=True)
class Ran:
    """What came of one kept case: `differences` in words; none where it agrees."""

    case: GoldenCase
    differences: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the set gives what the case expects."""
        return not self.differences

    @property
    def words(self) -> str:
        """The differences in a row."""
        return "; ".join(self.differences)


def outcomes(one: RequirementSet) -> list[Ran]:
    """Every case of a set, run against it now. Everything a case writes is rolled back."""
    cases, found = list(one.golden_cases.select_related("written_by")), []
    if not cases:
        return []
    with trial.in_being(one) as requirements:
        for case in cases:
            try:
                read = _read(case.text, one)
                outcome = next(checking.check([read], requirements))
                found.append(Ran(case, outcome.differences))
            except reading.CaseError as error:
                found.append(Ran(case, (_words(error),)))
    return found


def _read(text: str, one: RequirementSet) -> reading.Case:
    """The one case of a text; raises `CaseError`."""
    cases = list(reading.read_text(text, HERE))
    if len(cases) != 1:
        raise reading.CaseError(f"There are {len(cases)} cases here. Keep one at a time.")
    if cases[0].data["period"] != one.period.year:
        raise reading.CaseError(f"period: this draft is about {one.period.year}, the case about "
                                f"{cases[0].data['period']}.")  # fmt: skip
    return cases[0]


def _words(error: reading.CaseError) -> str:
    """What is wrong, without the name of a file that is none."""
    return str(error).removeprefix(f"{HERE}: ")


@transaction.atomic
def write(
    *, by: User, draft: RequirementSet, text: str, case: GoldenCase | None = None, seen: str | None = None
) -> GoldenCase:
    """Keep a case of a draft, new or changed. What it expects may still disagree; what cannot be understood is refused,
    with the place. `seen` is the mark of the page of a case (`clee_portal.history.seen`)."""
    held = to_change(by=by, draft=draft)
    if len(text) > GoldenCase._meta.get_field("text").max_length:
        raise Refused("A case has at most 8,000 letters.", field="text")
    if case is not None and (case := held.golden_cases.filter(pk=case.pk).first()) is None:
        raise Refused("This case was removed meanwhile. Keep yours as a new one.", field="text")
    if case is not None:
        pages.check(seen=seen, now=stands(case), given={"text": text.strip() + "\n"}, rows=[case])
    if case is None and held.golden_cases.count() >= MOST:
        raise Refused(f"A set has at most {MOST} cases.", field="text")
    try:
        read = _read(text, held)
        with trial.in_being(held) as requirements:
            next(checking.check([read], requirements))
    except reading.CaseError as error:
        raise Refused(_words(error), field="text") from None
    kept = case or GoldenCase(requirement_set=held)
    kept.name, kept.text, kept.written_by = read.name[:200], text.strip() + "\n", by
    try:
        with transaction.atomic(), because(f"Golden case of the draft for {held.period.year}: {kept.name}"):
            kept.save()
    except IntegrityError:
        raise Refused(
            f"This draft has a case “{kept.name}” already. Give this one another name.", field="text"
        ) from None
    return kept


def stands(case: GoldenCase) -> dict:
    """What `write` changes of a case, as it stands."""
    return {"text": case.text}


@transaction.atomic
def remove(*, by: User, case: GoldenCase) -> None:
    """Take a case out of its draft."""
    held = to_change(by=by, draft=case.requirement_set)
    with because(f"Golden case of the draft for {held.period.year} removed: {case.name}"):
        GoldenCase.objects.filter(pk=case.pk).delete()


@transaction.atomic
def copy(*, by: User, draft: RequirementSet, source: RequirementSet) -> int:
    """Copy the cases of a published set that the draft has not got yet, by their names; their days move to its year.
    Returns how many."""
    held = to_change(by=by, draft=draft)
    return copy_all(by=by, draft=held, source=source)


def copy_all(*, by: User, draft: RequirementSet, source: RequirementSet) -> int:
    """`copy` for a draft that is locked already, or is new."""
    years = draft.period.year - source.period.year
    known = set(draft.golden_cases.values_list("name", flat=True))
    fresh: list[GoldenCase] = []
    for one in source.golden_cases.all():
        text = one.text
        if years:
            text = writing.text_of(writing.moved(next(reading.read_text(text, HERE)).data, years))
        if one.name not in known and len(known) + len(fresh) < MOST:
            fresh.append(GoldenCase(requirement_set=draft, name=one.name, text=text, written_by=by))
    GoldenCase.objects.bulk_create(fresh)
    return len(fresh)


def sources_of(draft: RequirementSet) -> list[RequirementSet]:
    """Published sets with cases that can be copied, the latest first."""
    found = RequirementSet.objects.filter(published_at__isnull=False, golden_cases__isnull=False).distinct()
    return list(found.select_related("period").order_by("-period__year", "-version"))
