"""What the database must refuse of the register; registered beside the cases of constraint_cases.py."""

from django.db.models.functions import Now

from clee_portal.tests.constraint_cases import DAY, EARLIER, insert, refused
from training.models import (
    Officer,
    OfficerFormerNumber,
    OfficerMerge,
    OfficerMergeRow,
    RecognizedSource,
)
from training.tests import factories


def a_number(**values) -> OfficerFormerNumber:
    values = {"officer": values.pop("officer", None) or factories.officer(), "license_number": "123", **values}
    return insert(OfficerFormerNumber, used_until=DAY, **values)


def a_merge(**values) -> OfficerMerge:
    given = {"license_number": "123", "both_valid": False, "reason": "One person"} | values
    return insert(
        OfficerMerge,
        **{"kept": given.get("kept") or factories.officer(), "merged": given.get("merged") or factories.officer()}
        | given,
    )


def a_source(**values) -> RecognizedSource:
    return insert(RecognizedSource, **{"name": "Arkansas", "first_year": 2021, "decided_on": DAY} | values)


@refused("officer_not_merged_into_itself")
def _():
    one = factories.officer()
    Officer.objects.filter(pk=one.pk).update(merged_into=one)


@refused("former_number_once_per_officer")
def _():
    one = factories.officer()
    a_number(officer=one)
    a_number(officer=one)


@refused("former_number_shape")
def _():
    a_number(license_number="12 3")


@refused("training_officerformernumber_void_has_reason")
def _():
    a_number(voided_at=Now())


@refused("training_officerformernumber_void_after_recorded")
def _():
    one = a_number()
    OfficerFormerNumber.objects.filter(pk=one.pk).update(voided_at=f"{EARLIER} 00:00Z", void_reason="Wrong")


@refused("merge_of_two")
def _():
    one = factories.officer()
    a_merge(kept=one, merged=one)


@refused("merge_has_reason")
def _():
    a_merge(reason="")


@refused("merge_undone_has_reason")
def _():
    a_merge(undone_at=Now())


@refused("merged_once_at_a_time")
def _():
    one = factories.officer()
    a_merge(merged=one)
    a_merge(merged=one)


@refused("merge_row_once")
def _():
    merge = a_merge()
    for _ in range(2):
        row = OfficerMergeRow(merge=merge, model="training.Commission", field="officer", row=1)
        OfficerMergeRow.objects.bulk_create([row])


@refused("training_recognizedsource_void_has_reason")
def _():
    a_source(voided_at=Now())


@refused("training_recognizedsource_void_after_recorded")
def _():
    one = a_source()
    RecognizedSource.objects.filter(pk=one.pk).update(voided_at=f"{EARLIER} 00:00Z", void_reason="Wrong")


@refused("recognized_source_ends_after_it_starts")
def _():
    a_source(last_year=2020)


@refused("recognized_source_year_is_a_year")
def _():
    a_source(first_year=26)


@refused("recognized_source_once_a_year")
def _():
    a_source(last_year=2023)
    a_source(name="ÁRKANSAS", first_year=2023)
