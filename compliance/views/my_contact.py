"""How one is reached: telephone, address of record, and an own e-mail address, which counts once it is confirmed."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.views.generic import TemplateView

from clee_portal import clock
from clee_portal.accounts import contact_mail, interrupted, limits, second_factor, step_up
from clee_portal.accounts.models import ContactDetails
from clee_portal.accounts.services import contacts as own
from clee_portal.accounts.views.asking import CountedMixin
from clee_portal.history import accesses
from clee_portal.refusal import Refused
from clee_portal.ticked import is_number
from compliance.forms.contact import AddressForm, CodeForm, ContactForm
from compliance.views.report_record import OwnRecordView
from notifications import addresses
from training import access as facts
from training import changes, contacts
from training.models import Officer
from training.services import contacts as service

PAGE, CONFIRM = "compliance:my_contact", "compliance:my_contact_confirm"


class _ContactView(OwnRecordView):
    """A form about one's own contact details."""

    @cached_property
    def contact(self) -> ContactDetails:
        """How they stand."""
        return own.of(self.request.user)

    def get_initial(self) -> dict:
        """Also how often something of them was changed."""
        return {"seen": self.contact.step, **super().get_initial()}

    def get_context_data(self, **kwargs):
        """Also how they stand."""
        waits = self.contact.asked_email and self.contact.asked_until > clock.now()
        return super().get_context_data(contact=self.contact, waits=waits, **kwargs)


class MyContactView(_ContactView):
    """How one is reached, what of it one's agency sees, and what it was before."""

    template_name = "compliance/my_contact.html"
    form_class = ContactForm

    def get_form_kwargs(self) -> dict:
        """Of whom."""
        undercover = self.officer.is_name_closed
        return super().get_form_kwargs() | {"contact": self.contact, "works_undercover": undercover}

    def get_initial(self) -> dict:
        """As it stands."""
        said = {name: getattr(self.contact, name) for name in ("phone", "mail_to", "is_open_to_agency")}
        address = self.officer.postal_address
        return said | {"postal_address": address, "address_before": address, **super().get_initial()}

    def get_context_data(self, **kwargs):
        """Also every version, and whether mail to the own address comes back."""
        return super().get_context_data(
            trail=changes.of(self.contact) if self.contact.step else [],
            own_fails=bool(addresses.failing_among([self.contact.email])) if self.contact.email else False,
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        """Keep it, or take the own address away; a sending that says neither shows the page."""
        if request.POST.get("step") == "remove":
            return self.remove()
        return super().post(request, *args, **kwargs) if request.POST.get("step") == "keep" else self.get(request)

    def remove(self):
        """Take the own address away; the addresses that were known are told."""
        seen, before = self.request.POST.get("seen", ""), self.contact.email
        if not second_factor.may_be_changed(self.request):
            return step_up.prove(self.request)
        try:
            after = own.remove(by=self.request.user, seen=int(seen) if is_number(seen) else -1)
        except Refused as refusal:
            messages.error(self.request, refusal.message)
        else:
            if before:
                contact_mail.tell_of_change(self.request, after, before)
            messages.success(self.request, gettext("Your own address is removed."))
        return redirect(PAGE)

    def act(self, form):
        """Keep it."""
        given = {"is_open_to_agency": False} | form.cleaned_data
        service.keep(by=self.request.user, officer=self.officer, **given)
        messages.success(self.request, gettext("Your contact details are kept."))
        return redirect(self.request.get_full_path())


class MyAddressView(CountedMixin, _ContactView):
    """Name an own e-mail address; the code goes there."""

    template_name = "compliance/my_contact_address.html"
    form_class = AddressForm

    def act(self, form):
        """Send the code, once the person has just proved who they are."""
        user = self.request.user
        if not second_factor.may_be_changed(self.request):
            interrupted.keep(self.request)
            return step_up.prove(self.request)
        try:
            limits.begin(limits.CONTACT_MAIL, self.request, account=user.email)
        except limits.TooMany as refusal:
            form.add_error("email", limits.as_error(refusal))
            return self.form_invalid(form)
        one, code = own.ask(by=user, **form.cleaned_data)
        if code and not contact_mail.send_code(self.request, one, code, CONFIRM):
            form.add_error("email", gettext("The mail could not be sent. Try again later."))
            return self.form_invalid(form)
        return redirect(CONFIRM)


class ConfirmAddressView(CountedMixin, _ContactView):
    """Give back the code that went to the address. The link in the mail brings it along; a button sends it."""

    template_name = "compliance/my_contact_confirm.html"
    form_class = CodeForm

    def get_initial(self) -> dict:
        """The code of the link."""
        return {"code": self.request.GET.get("code", "")[:40], **super().get_initial()}

    def act(self, form):
        """Confirm it; the addresses that were known before are told."""
        user, before = self.request.user, self.contact.email
        try:
            attempt = limits.begin(limits.CONTACT_CODE, self.request, account=user.email)
        except limits.TooMany as refusal:
            form.add_error("code", limits.as_error(refusal))
            return self.form_invalid(form)
        after = own.confirm(by=user, code=form.cleaned_data["code"])
        attempt.succeeded()
        addresses.works_again(after.email)
        contact_mail.tell_of_change(self.request, after, before)
        messages.success(
            self.request,
            gettext("%(email)s is confirmed. %(where)s") % {"email": after.email, "where": self._where(after)},
        )
        return redirect(PAGE)

    @staticmethod
    def _where(one: ContactDetails) -> str:
        if one.mail_to == ContactDetails.MailTo.OWN:
            return gettext("Mail about you goes there from now on.")
        return gettext("Choose below whether mail about you goes there.")


class OfficerContactView(TemplateView):
    """How one officer is reached, for POST and for the agency, which sees what the officer opened to it."""

    template_name = "compliance/officer_contact.html"

    def get(self, request, *args, **kwargs):
        """One that is not open to the person does not exist for them; a look of somebody else is written down."""
        found = Officer.objects.visible_to(request.user).filter(license_number=kwargs["license_number"])
        self.officer = get_object_or_404(found)
        self.is_own = facts.can_keep_contact(request.user, self.officer)
        if not self.is_own:
            accesses.saw(request, self.officer.license_number, "Contact details")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """What may be seen of it."""
        sees_all = not self.is_own and facts.can_see_contact(self.request.user, self.officer)
        return super().get_context_data(
            officer=self.officer,
            is_own=self.is_own,
            reached=contacts.shown_to(self.request.user, self.officer),
            sees_all=sees_all,
            trail=changes.of(*contacts.kept_by(self.officer)) if sees_all else [],
            **kwargs,
        )
