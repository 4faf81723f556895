"""What the portal writes about, and what each mail would say to a real person: for POST to read before it goes out."""

from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.mixins import UserPassesTestMixin
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import TemplateView, View

from clee_portal.history import accesses
from notifications import composing, occasions
from notifications.composing import Words
from notifications.models import Message
from notifications.occasions import Occasion
from training.access import can_find_officers
from training.models import Agency, Officer
from training.views.listing import FileMixin

# A mail brings its own look; inside the frame nothing runs and nothing is fetched.
FRAME_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
WIDTHS = ("wide", "phone", "text")


class _OfStateMixin(UserPassesTestMixin):
    """For the state's people, who see every officer."""

    raise_exception = True

    def test_func(self) -> bool:
        """POST staff, the Director and designated agents."""
        return can_find_officers(self.request.user)


class OccasionListView(_OfStateMixin, TemplateView):
    """Every occasion: what it is for, who gets it, whether it may be switched off."""

    template_name = "compliance/occasion_list.html"

    def get_context_data(self, **kwargs):
        """By code; with the version of its wording."""
        rows = [(one, composing.version(one)) for one in occasions.registered()]
        return super().get_context_data(rows=rows, **kwargs)


class Preview(NamedTuple):
    """A mail as it would be written: to whom it is about, what it says; or why there is none."""

    about: str = ""
    said: Words | None = None
    trouble: str = ""


class MailPreviewView(_OfStateMixin, View):
    """One occasion with the data of a real officer or agency, wide, at the width of a phone, and as plain text.

    Nothing is sent and nothing is kept. `?part=html` is the mail itself, for the frame.
    """

    def get(self, request):
        """The page, or the mail for its frame."""
        known = {one.code: one for one in occasions.registered()}
        occasion = known.get(request.GET.get("occasion", ""))
        typed = " ".join(request.GET.get("about", "").split())[:100]
        preview = self.preview(occasion, typed) if occasion else Preview()
        if request.GET.get("part") == "html":
            return self.frame(preview)
        width = request.GET.get("width", "")
        context = {
            "occasions": known.values(),
            "occasion": occasion,
            "typed": typed,
            "preview": preview,
            "width": width if width in WIDTHS else WIDTHS[0],
            "widths": [("wide", "Wide"), ("phone", "Phone"), ("text", "Plain text")],
        }
        return render(request, "compliance/mail_preview.html", context)

    def frame(self, preview: Preview) -> HttpResponse:
        """The mail itself, under a policy of its own."""
        body = preview.said.html if preview.said else ""
        response = HttpResponse(body, status=200 if body else 404)
        response["Content-Security-Policy"] = FRAME_POLICY
        response["X-Frame-Options"] = "SAMEORIGIN"
        return response

    def preview(self, occasion: Occasion, typed: str) -> Preview:
        """What the mail would say about whom was typed; without anybody, the latest message of its kind."""
        if not typed:
            latest = Message.objects.filter(occasion=occasion.code).order_by("-put_at", "-pk").first()
            if latest is None:
                return Preview(trouble=_ask_for(occasion))
            return self.written(occasion, latest.key, "the latest of its kind")
        if occasion.sample is None:
            return Preview(trouble="This kind is shown by its latest message only. Leave the field empty.")
        thing = self.found(occasion, typed)
        if thing is None:
            what = "officer has the license number" if occasion.about == "officer" else "agency has the code or name"
            return Preview(trouble=f"No {what} {typed}.")
        if isinstance(thing, Officer):
            accesses.saw(self.request, thing.license_number, f"Preview of mail: {occasion.title}")
        key = occasion.sample(thing.pk)
        if key is None:
            return Preview(str(thing), trouble=f"There is nothing to write to {thing} about: {occasion.audience}")
        return self.written(occasion, key, str(thing))

    def found(self, occasion: Occasion, typed: str) -> Officer | Agency | None:
        """The officer of a license number, or the agency of a code or its whole name."""
        if occasion.about == "officer":
            return Officer.objects.filter(license_number=typed.upper().lstrip("#")).first()
        same = Agency.objects.filter(code=typed.lower()) or Agency.objects.filter(name__iexact=typed)
        return same.first()

    def written(self, occasion: Occasion, key: str, about: str) -> Preview:
        """The mail of a key, whether or not a message of that key was put."""
        context = occasion.preview(key) if occasion.preview else occasion.contexts_of([key]).get(key)
        if context is None:
            return Preview(about, trouble=f"It is no longer true, so nothing would be sent. {_ask_for(occasion)}")
        stop = f"{settings.PORTAL_URL}{reverse('notifications:stop', args=['preview'])}" if occasion.is_optional else ""
        return Preview(about, composing.words(occasion, context, stop))


def _ask_for(occasion: Occasion) -> str:
    if occasion.about == "agency":
        return "Give the code or the name of an agency."
    if occasion.about == "officer":
        return "Give the license number of an officer."
    return "No message of this kind was put yet."


class OccasionListFileView(FileMixin, OccasionListView):
    """Every occasion, as a file."""

    header = ("Code", "Kind", "What it is for", "Who gets it", "May be switched off", "Version of the wording")

    def file_name(self) -> str:
        """What it is."""
        return "kinds-of-mail"

    def file_rows(self) -> list[tuple]:
        """A row for each."""
        return [
            (one.code, one.title, one.purpose, one.audience, one.is_optional, composing.version(one))
            for one in occasions.registered()
        ]
