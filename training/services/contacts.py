"""How an officer is reached, as the officer keeps it: beside the sign-in, and the address of record."""

from django.db import transaction
from django.utils.translation import gettext

from clee_portal.accounts.models import ContactDetails, User
from clee_portal.accounts.services import contacts
from clee_portal.refusal import Refused
from training import access
from training.models import Officer
from training.services import officers


@transaction.atomic
def keep(
    *,
    by: User,
    officer: Officer,
    phone: str,
    mail_to: str,
    is_open_to_agency: bool,
    postal_address: str,
    address_before: str,
    seen: int,
) -> ContactDetails:
    """Keep the telephone number, where mail goes, what the agency may see, and the address of record. `address_before`
    and `seen` are how the page showed them. Raises `Refused`; then nothing is changed.

    Of an officer who works undercover nothing is opened to an agency.
    """
    if not access.can_keep_contact(by, officer):
        raise Refused(gettext("Only the officer keeps the own contact details."))
    if is_open_to_agency and officer.is_name_closed:
        raise Refused(
            gettext("You work undercover: only you and POST see how you are reached."), field="is_open_to_agency"
        )
    officers.tell_address(by=by, officer=officer, postal_address=postal_address, before=address_before)
    return contacts.keep(by=by, phone=phone, mail_to=mail_to, is_open_to_agency=is_open_to_agency, seen=seen)
