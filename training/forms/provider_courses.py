"""The form of a course in a provider's catalogue; its hours are the same entry piece as an agency's."""

from decimal import Decimal

from django import forms
from django.db.models import Q

from training.forms.calendar_fields import fee, lines, text
from training.models import Agency, Course, Delivery
from training.services.provider_courses import FACTS, Facts


class ProviderCourseForm(forms.Form):
    """What a course says."""

    title = text("Title", 200, "Give the course a title.")
    synopsis = lines(
        "Synopsis",
        5000,
        "Say what is taught, in a few sentences.",
        rows=5,
        help_text="The subjects and how they are taught. Providers keep it of each course (11 CSR 75-15.030).",
    )
    objectives = lines("Objectives", 5000, help_text="What people can do afterwards.")
    delivery = forms.ChoiceField(
        label="How it is held",
        choices=Delivery.choices,
        initial=Delivery.CLASSROOM,
        widget=forms.RadioSelect,
        help_text="Firearms hours count only in person.",
    )
    fee = fee(help_text="Empty means free. Each class can have its own.")
    prerequisites = lines("Prerequisites", 1000, rows=2, help_text="What people must have or have done before.")
    audience = text("Who should attend", 300)
    instructors = text("Instructors", 300, help_text="Names, and what qualifies them.")
    administrator = text(
        "Course administrator", 200, "Name the course administrator.", help_text="The name stands on the certificates."
    )
    underwrites = text(
        "Agency whose course you underwrite",
        200,
        help_text="Its name or code; empty: it is your own course. An underwritten course goes to POST, which approves "
        "it 30 days ahead of its first class.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False

    def clean_underwrites(self) -> Agency | None:
        """The agency of this name or code."""
        typed = " ".join(self.cleaned_data["underwrites"].split())
        if not typed:
            return None
        found = Agency.objects.filter(Q(code=typed.lower()) | Q(name__iexact=typed)).order_by("pk").first()
        if found is None:
            raise forms.ValidationError(f"No agency is called “{typed}”. Give its name as POST writes it, or its code.")
        return found

    @property
    def facts(self) -> Facts:
        """What was given."""
        given = {name: self.cleaned_data[name] for name in FACTS}
        return Facts(**given | {"fee": given["fee"] or Decimal(0)})


def shown(course: Course) -> dict:
    """What the form shows for a course."""
    values = {name: getattr(course, name) for name in FACTS}
    money = f"{course.fee:.2f}".removesuffix(".00") if course.fee else ""
    return values | {"fee": money, "underwrites": course.underwrites.name if course.underwrites else ""}
