"""The door: who comes in and leaves, on a phone or a tablet, with the connection or without, or by plain forms."""

import datetime as dt
import hashlib
import uuid

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.refusal import Refused
from clee_portal.ticked import is_number
from training import access, door, names_shown, sign_in_sheet
from training.forms.door import DoorForm, MarkForm, Sent, Unreadable, read
from training.models import AttendanceMark, Registration, ScheduledClass, ScheduledMeeting
from training.models.registrations import CODE_LENGTH
from training.presence import clock_words
from training.services import attendance
from training.services.attendance import Full, Moment
from training.views.one_form import OneFormView

# What the page is made of, to be kept for when the connection is gone.
SHELL = (
    "vendor/bootstrap/bootstrap.min.css",
    "vendor/htmx/htmx.min.js",
    "vendor/public-sans/public-sans-latin-wght-normal.woff2",
    "vendor/qr/decode.js",
    "vendor/qr/index.js",
    "portal/look.css",
    "portal/door.css",
    "portal/door.js",
    "portal/door-keeping.js",
    "portal/door-camera.js",
    "portal/portal.js",
    "portal/session.js",
    "portal/icons.svg",
    "portal/favicon.svg",
)


class DoorMixin:
    """One class of the calendar, among those whose working pages are open to the person, and one of its meetings."""

    def dispatch(self, request, *args, **kwargs):
        """Only who may keep the attendance; a class that is not open to the person does not exist for them."""
        method = request.method.lower()
        if method not in self.http_method_names or not hasattr(self, method):
            return self.http_method_not_allowed(request, *args, **kwargs)
        self.now = clock.now()
        self.held = self.found(request, kwargs)
        self.meeting = self.meeting_of(request)
        if not access.can_enter_provider_class(request.user, self.held.provider):
            raise PermissionDenied
        if self.meeting is None:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def open_to(self, user):
        """The classes whose working pages are open to the person."""
        return ScheduledClass.objects.visible_to(user).select_related("provider", "course", "training_class")

    def found(self, request, kwargs: dict) -> ScheduledClass:
        """The class the address names."""
        return get_object_or_404(self.open_to(request.user).with_reference(kwargs["reference"]))

    def meeting_of(self, request) -> ScheduledMeeting | None:
        """The meeting the page is of."""
        return door.meeting_of(self.held, request.GET.get("meeting", ""), self.now)

    @property
    def url(self) -> str:
        """The door of this meeting."""
        return f"{reverse('training:door', args=[self.held.reference])}?meeting={self.meeting.pk}"


@method_decorator(never_cache, name="dispatch")
@method_decorator(csp_update({"worker-src": ["'self'"]}), name="dispatch")
class DoorView(DoorMixin, View):
    """The list at the door. Every button is a plain form; a script makes it quick, and keeps it without connection."""

    def get(self, request, **kwargs):
        """The list."""
        return self.page(DoorForm())

    def post(self, request, **kwargs):
        """One act: somebody in or out, a code or a license number; now, or at another time of the meeting."""
        form = DoorForm(request.POST)
        if not form.is_valid():
            return self.page(form)
        try:
            taken = self.act(form)
        except Full as full:
            return self.page(form, full=full.message, again=_again(request.POST))
        except Refused as refusal:
            form.add_error("time" if refusal.field == "at" else None, refusal.message)
            return self.page(form)
        messages.success(request, taken.words) if taken.is_new else messages.info(request, taken.words)
        return redirect(self.url)

    def act(self, form: DoorForm):
        """Mark whoever is meant."""
        given, typed = self.request.POST, form.cleaned_data
        at = door.moment_of(self.meeting, typed["time"]) if typed["time"] else self.now
        if at > self.now:
            raise Refused(f"{clock_words(at)} is in the future. Give the time it happened.", field="at")
        moment = Moment(_key(given.get("key")), at, self.meeting)
        pk = given.get("in") or given.get("out")
        kind = "out" if "out" in given or given.get("step") == "out" else "in"
        common = {"by": self.request.user, "add_chair": typed["add_chair"], "now": self.now}
        if pk:
            one = Registration.objects.filter(scheduled_class=self.held, pk=pk if is_number(pk) else 0)
            return attendance.mark(registration=get_object_or_404(one), kind=kind, moment=moment, **common)
        return found(self.held, typed["found"], kind, moment, common)

    def page(self, form: DoorForm, **more):
        """The page, with the list of the meeting."""
        rows = door.rows(self.held, self.meeting, self.request.user)
        context = {
            "held": self.held,
            "meeting": self.meeting,
            "meetings": list(self.held.meetings.all()),
            "rows": [one for one in rows if not one.waits],
            "waiting": [one for one in rows if one.waits],
            "counts": door.Counts.of(rows),
            "form": form,
            "now": self.now,
            "state": door.state(self.held, self.meeting, self.request.user, self.now),
            "key": uuid.uuid4(),
            "signed_in_as": interrupted.token(self.request.user),
            **more,
        }
        return render(self.request, "training/door.html", context)


def found(held: ScheduledClass, typed: str, kind: str, moment: Moment, common: dict):
    """Whoever is named by a code or a license number: marked, or let in as a walk-in."""
    plain = "".join(typed.split()).upper().replace("-", "")
    if len(plain) == CODE_LENGTH:
        return attendance.mark(
            registration=attendance.by_code(held, plain), kind=kind, moment=moment._replace(by_code=True), **common
        )
    here = held.registrations.live().filter(officer__license_number="".join(typed.split()).upper()).first()
    if here or kind == "out":
        if here is None:
            raise Refused(f"Nobody of this class has the license number or code “{typed}”.")
        return attendance.mark(registration=here, kind=kind, moment=moment, **common)
    return attendance.walk_in(scheduled_class=held, license_number=typed, moment=moment, **common)


@method_decorator(never_cache, name="dispatch")
class DoorStateView(DoorMixin, View):
    """The list as data: asked for by the page, and kept by it for when the connection is gone."""

    def get(self, request, **kwargs):
        """Everybody, with the times of this meeting."""
        return JsonResponse(door.state(self.held, self.meeting, self.request.user, self.now))


class DoorSendView(DoorMixin, View):
    """Marks that the door made, at once or later: each is taken once, by its key, and answered in words."""

    http_method_names = ("post", "options")

    def post(self, request, **kwargs):
        """What became of each, and the list as it stands now."""
        try:
            sent = read(request.body if request.content_type == "application/json" else b"")
        except Unreadable:
            return HttpResponseBadRequest("This is not what the page at the door sends.", content_type="text/plain")
        meetings = {str(one.pk): one for one in self.held.meetings.all()}
        results = [self.taken(one, meetings) for one in sent]
        self.held.refresh_from_db(fields=["capacity", "seats_taken"])
        return JsonResponse(
            {"results": results, "state": door.state(self.held, self.meeting, self.request.user, clock.now())}
        )

    def taken(self, one: Sent, meetings: dict[str, ScheduledMeeting]) -> dict:
        """What became of a mark: taken, already (nothing new), full (a chair is asked for), refused."""
        meeting = meetings.get(one.meeting)
        at = door.moment_of(meeting or self.meeting, one.time) if one.time else one.at
        moment = Moment(one.key, at, meeting, bool(one.code), one.ahead)
        common = {"by": self.request.user, "add_chair": one.add_chair, "now": self.now}
        try:
            if one.registration:
                known = Registration.objects.filter(scheduled_class=self.held, pk=one.registration).first()
                if known is None:
                    raise Refused("This person is not in the list of this class any more.")
                done = attendance.mark(registration=known, kind=one.kind, moment=moment, **common)
            else:
                done = found(self.held, one.code or one.number, one.kind, moment, common)
        except Full as full:
            return {"key": str(one.key), "became": "full", "words": full.message}
        except Refused as refusal:
            return {"key": str(one.key), "became": "refused", "words": refusal.message}
        became = "taken" if done.is_new or done.mark.key == one.key else "already"
        return {"key": str(one.key), "became": became, "words": done.words}


@method_decorator(never_cache, name="dispatch")
class DoorWorkerView(DoorMixin, View):
    """The service worker of one door: its address limits it to that page."""

    def get(self, request, **kwargs):
        """The script, with what the page is made of."""
        # The decoder's two files name each other by their plain names.
        shell = [static(name) for name in SHELL] + [f"{settings.STATIC_URL}vendor/qr/index.js"]
        shell = list(dict.fromkeys(shell))
        version = hashlib.sha256(" ".join(shell).encode()).hexdigest()[:16]
        context = {"shell": shell, "page": self.path, "version": version, "keeping": static("portal/door-keeping.js")}
        code = render_to_string("training/door_worker.js", context)
        return HttpResponse(code, content_type="text/javascript; charset=utf-8")

    @property
    def path(self) -> str:
        """The address of the page, whatever the meeting."""
        return reverse("training:door", args=[self.held.reference])


class DoorMarkView(DoorMixin, OneFormView):
    """A mark set right: another time, or taken back; with the reason."""

    template_name = "training/door_mark.html"
    form_class = MarkForm

    def found(self, request, kwargs: dict) -> ScheduledClass:
        """The class of the mark."""
        rows = AttendanceMark.objects.filter(registration__scheduled_class__in=self.open_to(request.user))
        rows = rows.select_related("registration__officer", "registration__scheduled_class", "meeting", "voided_by")
        self.mark = get_object_or_404(rows, pk=kwargs["pk"])
        return self.open_to(request.user).get(pk=self.mark.registration.scheduled_class_id)

    def meeting_of(self, request) -> ScheduledMeeting | None:
        """The meeting of the mark."""
        return self.mark.meeting or super().meeting_of(request)

    def get_initial(self) -> dict:
        """The time as it is, or what was typed before."""
        local = self.mark.at.astimezone(clock.CHICAGO)
        return {"time": dt.time(local.hour, local.minute), "key": uuid.uuid4()} | super().get_initial()

    def get_context_data(self, **kwargs):
        """Also the mark."""
        return super().get_context_data(held=self.held, mark=self.mark, name=self.name, back=self.url, **kwargs)

    @property
    def name(self) -> str:
        """Whose mark it is, as the person may see it."""
        return names_shown.name_for(self.request.user, self.mark.registration.officer)

    def act(self, form):
        """Void it, or void it and make it anew."""
        given = form.cleaned_data
        at = door.moment_of(self.meeting, given["time"]) if given["time"] else None
        if at is None:
            attendance.void(by=self.request.user, attendance_mark=self.mark, reason=given["reason"])
            words = f"{self.name}: taken back."
        else:
            made = attendance.correct(
                by=self.request.user,
                attendance_mark=self.mark,
                at=at,
                reason=given["reason"],
                key=given["key"],
                now=self.now,
            )
            words = f"{self.name}: {made.kind} at {clock_words(made.at)} now."
        messages.success(self.request, words)
        return redirect(self.url)


class SignInSheetView(DoorMixin, View):
    """The sign-in sheet, to be printed: the fallback where there is no device, or no power."""

    def get(self, request, **kwargs):
        """The PDF."""
        pdf = sign_in_sheet.as_pdf(self.held, self.request.user, self.now)
        response = HttpResponse(pdf, content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="sign-in-{self.held.reference}.pdf"'
        return response


def _key(given: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(given or "")
    except ValueError:
        return uuid.uuid4()


def _again(data) -> list[tuple[str, str]]:
    """What is sent again with a chair added."""
    return [(name, data[name]) for name in ("in", "out", "found", "time", "step", "key") if data.get(name)]
