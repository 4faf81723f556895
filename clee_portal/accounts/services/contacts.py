"""A person's own contact details, which no change of agency takes away.

An own e-mail address counts once the code in a mail that went there was given back by the person, signed in: whoever
takes over a session or a mailbox alone cannot move mail elsewhere. The address of the sign-in is told of each change.
"""

import datetime as dt
import hashlib
import hmac
import re
import secrets

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext

from clee_portal import clock, history
from clee_portal.accounts.models import ContactDetails, User
from clee_portal.refusal import Refused

TO_CONFIRM = dt.timedelta(hours=24)
# Without letters and figures that look alike; ten of them are 49 bits.
_ALPHABET, _LENGTH = "23456789ABCDEFGHJKMNPQRSTVWXYZ", 10
_PHONE = re.compile(r"[0-9+(][-0-9+(). x]{6,29}")
MailTo = ContactDetails.MailTo


def of(user: User) -> ContactDetails:
    """The contact details of `user`; empty ones where nothing was ever said."""
    return ContactDetails.objects.filter(user=user).first() or ContactDetails(user=user)


@transaction.atomic
def keep(*, by: User, phone: str, mail_to: str, is_open_to_agency: bool, seen: int) -> ContactDetails:
    """Keep the telephone number, where mail goes, and whether one's agency may see it. Raises `Refused`."""
    phone, one = " ".join(phone.split()), _locked(by)
    said = {"phone": phone, "mail_to": mail_to, "is_open_to_agency": is_open_to_agency}
    if all(getattr(one, name) == value for name, value in said.items()):
        return one
    _check_seen(one, seen)
    if phone and not (_PHONE.fullmatch(phone) and 7 <= sum(sign.isdigit() for sign in phone) <= 15):
        raise Refused(gettext("Write the number like (573) 555-0107."), field="phone")
    if mail_to == MailTo.OWN and not one.email:
        raise Refused(gettext("Add an address of your own first, and confirm it."), field="mail_to")
    one.phone, one.mail_to, one.is_open_to_agency = phone, MailTo(mail_to), is_open_to_agency
    return _save(one, "Contact details changed by the person")


@transaction.atomic
def ask(*, by: User, email: str, seen: int) -> tuple[ContactDetails, str]:
    """The person names an own e-mail address; returns the details with the code that has to go there by mail.

    An earlier one that was not confirmed is forgotten. The same page sent twice asks once: then the code is empty.
    Whoever calls sends it once this is committed. Raises `Refused`.
    """
    email, one = email.strip(), _locked(by)
    if one.step == seen + 1 and email.lower() == one.asked_email.lower() != "":
        return one, ""
    _check_seen(one, seen)
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(gettext("Write an e-mail address, such as name@example.com."), field="email") from None
    if email.lower() == by.email.lower():
        raise Refused(
            gettext("This is the address you sign in with. Name another one, which stays yours."), field="email"
        )
    if email.lower() == one.email.lower():
        raise Refused(gettext("This address is confirmed already."), field="email")
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    one.asked_email, one.asked_digest, one.asked_until = email, _digest(code), clock.now() + TO_CONFIRM
    return _save(one, "Own e-mail address named"), code


@transaction.atomic
def confirm(*, by: User, code: str) -> ContactDetails:
    """The person gives back the code that went to the address: it is theirs. The first one also gets their mail from
    now on. Raises `Refused`; confirmed already, nothing changes."""
    one = _locked(by)
    code = re.sub(r"[\s-]", "", code).upper()
    if not one.asked_email:
        raise Refused(gettext("No address waits to be confirmed. Name it again on the page of your contact details."))
    if one.asked_until <= clock.now():
        raise Refused(
            gettext("The code has run out. Have a new mail sent from the page of your contact details."), field="code"
        )
    if not hmac.compare_digest(one.asked_digest, _digest(code)):
        raise Refused(gettext("This is not the code of the latest mail."), field="code")
    if not one.email:
        one.mail_to = MailTo.OWN
    one.email, one.email_confirmed_at = one.asked_email, clock.now()
    one.asked_email, one.asked_digest, one.asked_until = "", "", None
    return _save(one, "Own e-mail address confirmed by the code sent there")


@transaction.atomic
def remove(*, by: User, seen: int) -> ContactDetails:
    """Take the own address away, and one that waits; mail goes where the person signs in again. Raises `Refused`."""
    one = _locked(by)
    _check_seen(one, seen)
    if not (one.email or one.asked_email):
        raise Refused(gettext("There is no own address any more."))
    one.email, one.email_confirmed_at, one.mail_to = "", None, MailTo.SIGN_IN
    one.asked_email, one.asked_digest, one.asked_until = "", "", None
    return _save(one, "Own e-mail address removed")


def _locked(by: User) -> ContactDetails:
    """The details, locked; new ones where there are none."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # there may be no row yet, and two who make one
    return of(by)


def _check_seen(one: ContactDetails, seen: int) -> None:
    if one.step != seen:
        raise Refused(
            gettext("Your contact details were changed in another tab meanwhile. Look at them again, then try again.")
        )


def _save(one: ContactDetails, why: str) -> ContactDetails:
    one.step += 1
    with history.because(why):
        one.save()
    return one


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
