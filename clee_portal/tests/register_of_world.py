"""What the register of the small state has: licenses of its providers, a record joined with another, a source."""

import datetime as dt

from training.models import Officer, OfficerMerge, ProviderLicense, RecognizedSource

LONG_AGO = dt.date(2015, 3, 2)


def register_of(house, school, by) -> dict[str, list]:
    """By a word in the name of a page: what it is about. Everything carries the word of its house or school."""
    source, _ = RecognizedSource.objects.get_or_create(
        name="Statehouse of Arkansas", first_year=LONG_AGO.year, decided_on=LONG_AGO
    )
    license = ProviderLicense.objects.create(
        provider=school.provider, number=f"PL-{school.provider.pk}", valid_from=LONG_AGO, decided_on=LONG_AGO
    )
    joined = Officer.objects.create(
        license_number=f"M-{house.officer.pk}",
        first_name="Ona",
        last_name=house.officer.last_name,
        merged_into=house.officer,
    )
    merge = OfficerMerge.objects.create(
        kept=house.officer,
        merged=joined,
        license_number=f"OLD-{house.officer.pk}",
        both_valid=False,
        reason="One person",
        by=by,
    )
    return {
        "license_event": [house.officer.license_events.get()],
        "merge_undo": [merge],
        "provider_license_add": [school.provider],
        "provider_license": [license],
        "provider_register": [school.provider],
        "provider_edit": [school.provider],
        "source_end": [source],
        "source_void": [source],
    }
