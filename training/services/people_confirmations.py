"""Once a quarter: are those who act still the right ones? Answered by the CEO, a provider's head, the Director."""

import datetime as dt

from django.db import transaction

from clee_portal import history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access, quarters
from training.models import Agency, PeopleConfirmation, Provider


@transaction.atomic
def confirm(
    *, by: User, agency: Agency | None = None, provider: Provider | None = None, today: dt.date
) -> PeopleConfirmation:
    """Give the word for this quarter; given again it stays the first. For neither an agency nor a provider it is the
    state's. Raises `Refused`."""
    if agency is not None:
        Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
        may = access.can_confirm_people(by, agency)
        why = "Only the agency’s CEO confirms who acts for it."
    elif provider is not None:
        Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)
        may = access.can_confirm_provider_people(by, provider)
        why = "Only the provider’s head confirms who acts for it."
    else:
        may, why = access.can_confirm_state_people(by), "Only the Director confirms who acts for the state."
    if not may:
        raise Refused(why)
    people = quarters.people_of(agency, provider, today)
    with history.because("People confirmed"):
        made, _ = PeopleConfirmation.objects.get_or_create(
            agency=agency,
            provider=provider,
            quarter_on=quarters.first_day(today),
            defaults={"people": people, "confirmed_by": by},
        )
    return made
