"""Mail about a person's own address: the code to it, the news of a change to the addresses that were known before."""

import logging

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from clee_portal.accounts.models import ContactDetails

log = logging.getLogger(__name__)


def send_code(request: HttpRequest, one: ContactDetails, code: str, page: str) -> bool:
    """The code to the address that is to be confirmed; `page` names where it is given back. Whether it went out."""
    told = f"{code[:5]}-{code[5:]}"
    url = f"{request.build_absolute_uri(reverse(page))}?{urlencode({'code': told})}"
    context = {"user": one.user, "url": url, "code": told}
    try:
        get_adapter(request).send_mail("account/email/contact_confirm", one.asked_email, context)
    except OSError:
        log.exception("The code for an own address could not be sent")
        return False
    return True


def tell_of_change(request: HttpRequest, one: ContactDetails, before: str) -> None:
    """Tell the address of the sign-in, and the own one of before, what the own address is now."""
    adapter = get_adapter(request)
    context = {"email": _veiled(one.email), "goes_there": one.mail_to == ContactDetails.MailTo.OWN}
    for address in filter(None, (one.user.email, before)):
        adapter.send_notification_mail("account/email/contact_changed", one.user, context, address)


def _veiled(address: str) -> str:
    """An address as its owner knows it and nobody else can use it: "r…@example.org"."""
    name, _, host = address.rpartition("@")
    return f"{name[:1]}…@{host}" if address else ""
