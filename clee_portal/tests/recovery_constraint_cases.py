"""What the database must refuse of recoveries of a lost second step and of contact details; see constraint_cases.py."""

from clee_portal import clock
from clee_portal.accounts.models import ContactDetails, FactorRecovery
from clee_portal.tests.constraint_cases import insert, refused
from training.tests import factories


def _recovery(**values):
    given = {"user": factories.user(), "opened_by": factories.post_staff(), "needs_approval": True} | values
    return insert(FactorRecovery, identified_by="Called back", expires_at=clock.now(), **given)


@refused("factor_recovery_never_for_oneself")
def _():
    person = factories.post_staff()
    _recovery(user=person, opened_by=person)


@refused("factor_recovery_approved_by_another")
def _():
    opener = factories.post_staff()
    _recovery(opened_by=opener, approved_by=opener, approved_at=clock.now())


@refused("factor_recovery_approved_at_a_moment")
def _():
    _recovery(approved_by=factories.post_staff())


@refused("factor_recovery_no_link_before_approval")
def _():
    _recovery(token_digest="a" * 64)


@refused("factor_recovery_used_by_its_link")
def _():
    _recovery(used_at=clock.now())


@refused("factor_recovery_used_or_withdrawn")
def _():
    _recovery(needs_approval=False, token_digest="a" * 64, used_at=clock.now(), withdrawn_at=clock.now())


@refused("factor_recovery_one_at_a_time")
def _():
    person = factories.user()
    _recovery(user=person)
    _recovery(user=person)


@refused("factor_recovery_token_unique")
def _():
    _recovery(needs_approval=False, token_digest="a" * 64)
    _recovery(needs_approval=False, token_digest="a" * 64)


def _contact(**values):
    return insert(ContactDetails, user=factories.user(), **values)


@refused("contact_email_is_confirmed")
def _():
    _contact(email="own@example.org")


@refused("contact_asked_whole")
def _():
    _contact(asked_email="own@example.org", asked_until=clock.now())


@refused("contact_mail_goes_somewhere")
def _():
    _contact(mail_to="own")


@refused("contact_phone_shape")
def _():
    _contact(phone="call me")
