"""Agencies and providers in the register: the lists, one of them, and what is changed."""

from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Lower
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import ListView, TemplateView

from clee_portal import clock
from clee_portal.paging import PagesMixin
from training import access, changes, publishing
from training.forms import register as forms
from training.models import Agency, Commission, Membership, Provider, ProviderLicense
from training.models.names import ImmutableUnaccent
from training.services import agencies, providers
from training.views.listing import FileMixin
from training.views.register import ChangeView, SeesRegisterMixin

A_PAGE, MOST_TOUCHED = 50, 10


class _ListView(SeesRegisterMixin, PagesMixin, ListView):
    """A list by name; each word of `q` is looked for, without accents and case."""

    paginate_by = A_PAGE

    def by_words(self, found):
        """Those whose name has every word."""
        self.words = self.request.GET.get("q", "").replace("\0", "").strip()[:100]
        for word in self.words.split():
            found = found.filter(search_name__contains=Lower(ImmutableUnaccent(Value(word))))
        return found

    def get_context_data(self, **kwargs):
        """What was looked for, and whether the person may add one."""
        return super().get_context_data(
            words=self.words, may_keep=access.can_keep_register(self.request.user), today=clock.today(), **kwargs
        )


class AgencyListView(_ListView):
    """The agencies of the register."""

    template_name = "training/register_agencies.html"

    def get_queryset(self):
        """Those asked for, with how many are commissioned there today and whether there is a CEO."""
        today, asked = clock.today(), self.request.GET
        self.kind = asked.get("kind") if asked.get("kind") in Agency.Kind.values else ""
        self.closed = asked.get("closed") == "1"
        here = Commission.objects.in_force(today).filter(agency=OuterRef("pk")).order_by().values("agency")
        ceo = Membership.objects.current(today).filter(agency=OuterRef("pk"), role=Membership.Role.AGENCY_CEO)
        found = Agency.objects.visible_to(self.request.user).annotate(
            officers=Subquery(here.annotate(n=Count("pk")).values("n")),
            ceo_name=Subquery(ceo.order_by("pk").values("user__name")[:1]),
        )
        if self.kind:
            found = found.filter(kind=self.kind)
        gone = Q(closed_on__lt=today)
        return self.by_words(found.filter(gone) if self.closed else found.exclude(gone)).order_by("search_name", "pk")

    def get_context_data(self, **kwargs):
        """The filters too."""
        return super().get_context_data(kind=self.kind, closed=self.closed, kinds=Agency.Kind.choices, **kwargs)


class AgencyListFileView(FileMixin, AgencyListView):
    """The same as CSV or XLSX."""

    header = ("Code", "Name", "Kind", "County", "City", "Address", "Telephone", "E-mail", "CEO", "Officers today",
              "Closed on")  # fmt: skip

    def file_name(self) -> str:
        """As of today."""
        return f"agencies-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each."""
        return [
            (one.code, one.name, one.get_kind_display(), one.county, one.city, one.address, one.phone, one.email,
             one.ceo_name, one.officers or 0, one.closed_on)
            for one in self.get_queryset()
        ]  # fmt: skip


class AgencyAddView(ChangeView):
    """Add an agency."""

    form_class = forms.AgencyAddForm
    heading = "Add an agency."
    intro = "Its CEO is invited afterwards, from the page of its people."
    button = "Add the agency"

    def crumbs(self) -> list[tuple[str, str]]:
        """The list."""
        return [("Agencies", reverse("training:agency_list"))]

    def done_url(self) -> str:
        """The new agency; before that, the list."""
        return reverse("training:agency_register", args=[self.object.code]) if self.object else self.crumbs()[0][1]

    def act(self, form):
        """Add it."""
        given = form.cleaned_data
        self.object = agencies.add(by=self.request.user, code=given["code"], source=given["source"], **form.facts)
        return f"{self.object} is in the register."


def _agency(view) -> Agency:
    return get_object_or_404(Agency.objects.visible_to(view.request.user), code=view.kwargs["code"])


class AgencyRegisterView(SeesRegisterMixin, TemplateView):
    """What the register says of one agency."""

    template_name = "training/register_agency.html"

    def get_context_data(self, **kwargs):
        """The agency, who acts for it, the changes."""
        agency, today = _agency(self), clock.today()
        people = Membership.objects.filter(agency=agency).current(today).select_related("user", "named_by")
        return super().get_context_data(
            agency=agency,
            officers=Commission.objects.in_force(today).filter(agency=agency).count(),
            people=people.order_by("role", "pk"),
            trail=changes.of(agency, *Membership.objects.filter(agency=agency, role="agency_ceo")),
            is_closed=agency.closed_on is not None and agency.closed_on < today,
            may_keep=access.can_keep_register(self.request.user),
            **kwargs,
        )


class AgencyEditView(ChangeView):
    """Change what the register says of an agency."""

    form_class = forms.AgencyForm
    heading = "Change what the register says of the agency."
    intro = "What it said before stays in the history, with what you write as its source."
    button = "Save the change"

    def found(self) -> Agency:
        """The agency."""
        return _agency(self)

    def stands(self) -> dict:
        """What the register says."""
        return agencies.stands(self.object)

    def get_form_kwargs(self) -> dict:
        """The agency as it is."""
        return super().get_form_kwargs() | {"instance": self.object}

    def crumbs(self) -> list[tuple[str, str]]:
        """The list, and the agency."""
        return [
            ("Agencies", reverse("training:agency_list")),
            (self.object.name, reverse("training:agency_register", args=[self.object.code])),
        ]

    def act(self, form):
        """Change it."""
        self.object = agencies.edit(
            by=self.request.user,
            agency=self.object,
            source=form.cleaned_data["source"],
            today=self.today,
            seen=self.seen,
            **form.facts,
        )
        return "Saved. What the register said before is in the history."


class ProviderListView(_ListView):
    """The providers of the register, each with what its license is worth today."""

    template_name = "training/register_providers.html"

    def get_queryset(self):
        """Those asked for."""
        today, asked = clock.today(), self.request.GET
        self.without = asked.get("without") == "1"
        licenses = ProviderLicense.objects.live().filter(
            Q(valid_until=None) | Q(valid_until__gte=today), provider=OuterRef("pk"), valid_from__lte=today
        )
        valid = ProviderLicense.objects.valid_on(today, clock.END_OF_TIME).filter(provider=OuterRef("pk"))
        found = Provider.objects.visible_to(self.request.user).annotate(
            license_number=Subquery(licenses.values("number")[:1]),
            license_standing=Subquery(licenses.values("standing")[:1]),
            license_until=Subquery(licenses.values("valid_until")[:1]),
            may_give=Exists(valid),
        )
        if self.without:
            found = found.filter(may_give=False)
        return self.by_words(found).order_by("search_name", "pk")

    def get_context_data(self, **kwargs):
        """The filters, and the words of each standing."""
        return super().get_context_data(without=self.without, **kwargs)


class ProviderListFileView(FileMixin, ProviderListView):
    """The same as CSV or XLSX."""

    header = ("Name", "Kind", "License", "Worth today", "License until", "May give approved hours", "Telephone",
              "E-mail", "Address")  # fmt: skip

    def file_name(self) -> str:
        """As of today."""
        return f"providers-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each."""
        words = dict(ProviderLicense.Standing.choices)
        return [
            (one.name, one.get_kind_display(), one.license_number, words.get(one.license_standing, "No license"),
             one.license_until, one.may_give, one.phone, one.email, one.address)
            for one in self.get_queryset()
        ]  # fmt: skip


class ProviderAddView(ChangeView):
    """Add a provider."""

    form_class = forms.ProviderForm
    heading = "Add a training provider."
    intro = "Its license is recorded next: without one its classes give no approved hours."
    button = "Add the provider"

    def crumbs(self) -> list[tuple[str, str]]:
        """The list."""
        return [("Providers", reverse("training:provider_list"))]

    def done_url(self) -> str:
        """The new provider; before that, the list."""
        return reverse("training:provider_register", args=[self.object.pk]) if self.object else self.crumbs()[0][1]

    def act(self, form):
        """Add it."""
        self.object = providers.add(by=self.request.user, source=form.cleaned_data["source"], **form.facts)
        return f"{self.object} is in the register. Record its license next."


def _provider(view, pk: int | None = None) -> Provider:
    return get_object_or_404(Provider.objects.visible_to(view.request.user), pk=pk or view.kwargs["pk"])


class ProviderRegisterView(SeesRegisterMixin, TemplateView):
    """What the register says of one provider: its licenses, day by day, and every change."""

    template_name = "training/register_provider.html"

    def get_context_data(self, **kwargs):
        """The provider, its licenses, who acts for it, the changes."""
        provider, today = _provider(self), clock.today()
        held = list(provider.licenses.select_related("recorded_by", "voided_by").order_by("-valid_from", "-pk"))
        people = Membership.objects.filter(provider=provider).current(today).select_related("user")
        touched = publishing.touched(provider.scheduled_classes, today)
        return super().get_context_data(
            provider=provider,
            licenses=[one for one in held if one.voided_at is None],
            taken_back=[one for one in held if one.voided_at],
            is_licensed=provider.is_licensed_on(today, clock.END_OF_TIME),
            people=people.order_by("-is_head", "pk"),
            touched=touched[:MOST_TOUCHED],
            how_many_touched=len(touched),
            trail=changes.of(provider, *held),
            today=today,
            may_keep=access.can_keep_register(self.request.user),
            **kwargs,
        )


class _ProviderChangeView(ChangeView):
    """A change of one provider's entry."""

    def found(self) -> Provider:
        """The provider."""
        return _provider(self)

    @property
    def eyebrow(self) -> str:
        """Which provider."""
        return str(self.object)

    def crumbs(self) -> list[tuple[str, str]]:
        """The list, and the provider."""
        return [
            ("Providers", reverse("training:provider_list")),
            (self.object.name, reverse("training:provider_register", args=[self.object.pk])),
        ]


class ProviderEditView(_ProviderChangeView):
    """Change what the register says of a provider."""

    form_class = forms.ProviderForm
    heading = "Change what the register says of the provider."
    intro = "What it said before stays in the history, with what you write as its source."
    button = "Save the change"

    def stands(self) -> dict:
        """What the register says."""
        return providers.stands(self.object)

    def get_form_kwargs(self) -> dict:
        """The provider as it is."""
        return super().get_form_kwargs() | {"instance": self.object}

    def act(self, form):
        """Change it."""
        self.object = providers.edit(
            by=self.request.user,
            provider=self.object,
            source=form.cleaned_data["source"],
            seen=self.seen,
            **form.facts,
        )
        return "Saved. What the register said before is in the history."


class ProviderLicenseAddView(_ProviderChangeView):
    """Record a license of a provider."""

    form_class = forms.ProviderLicenseForm
    heading = "Record a license of the provider."
    intro = (
        "The POST Commission reviews, the Director licenses (11 CSR 75-15.030). A class gives approved hours where the "
        "license was valid on the day it ended."
    )
    button = "Record the license"

    def act(self, form):
        """Record it."""
        made, is_new = providers.add_license(
            by=self.request.user, provider=self.object, today=self.today, **form.cleaned_data
        )
        return f"License {made} recorded." if is_new else f"License {made} was recorded already. Nothing was added."


class _LicenseMixin:
    """One license of a provider."""

    def found(self) -> Provider:
        """Its provider."""
        held = ProviderLicense.objects.filter(provider__in=Provider.objects.visible_to(self.request.user))
        self.license = get_object_or_404(held.select_related("provider"), pk=self.kwargs["pk"])
        return self.license.provider


class ProviderLicenseChangeView(_LicenseMixin, _ProviderChangeView):
    """From a day on a provider's license is worth something else."""

    form_class = forms.ProviderLicenseChangeForm
    heading = "Change the license from a day on."
    intro = (
        "The Director may put a license on probation, suspend or revoke it in writing (RSMo 590.050), or prolong it. "
        "What it was before that day stays, and so does the credit of classes that ended before."
    )
    button = "Change the license"

    def before(self) -> dict:
        """What it is."""
        held = self.license
        return {"standing": held.standing, "valid_until": held.valid_until, "conditions": held.conditions}

    def act(self, form):
        """Change it."""
        made = providers.change_license(
            by=self.request.user, license=self.license, today=self.today, **form.cleaned_data
        )
        return f"License {made} from {made.valid_from:%B} {made.valid_from.day}, {made.valid_from.year} on."


class ProviderLicenseVoidView(_LicenseMixin, _ProviderChangeView):
    """Take back a license that was recorded wrongly."""

    form_class = forms.SourceForm
    heading = "Take back this license?"
    button = "Take it back"
    is_grave = True

    @property
    def intro(self) -> str:
        """Which."""
        return f"License {self.license}. It stays in the history with your reason. Credit already given stays."

    def act(self, form):
        """Take it back."""
        providers.void_license(by=self.request.user, license=self.license, **form.cleaned_data)
        return f"License {self.license}: taken back."
