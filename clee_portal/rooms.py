"""The rooms of the portal: pages that belong together, each with the tab by which it is reached.

A room is an entry of the menu; inside it, its pages stand side by side above the content.
"""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a room: the name of its address and what its tab is called."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Room:
    """Pages that belong together. Its entry in the menu leads to the first."""

    label: str
    pages: tuple[Page, ...]

    @property
    def first(self) -> str:
        """The name of the address its entry leads to."""
        return self.pages[0].name

    def holds(self, name: str) -> bool:
        """Whether a page lies in it."""
        return any(page.name == name for page in self.pages)


# Of one agency: every address takes its code.
AGENCY = (
    Room(
        _("Overview"),
        (
            Page("compliance:agency_overview", _("Officers")),
            Page("compliance:trends", _("Over the year")),
            Page("compliance:agency_plans", _("Plan")),
            Page("compliance:make_up", _("Make-up credit")),
            Page("compliance:relief_of_agency", _("Extensions")),
            Page("compliance:gaps_of_agency", _("May be missing")),
            Page("compliance:agency_reports", _("Reported")),
            Page("compliance:statement", _("Statement")),
            Page("compliance:agency_letters", _("Letters")),
        ),
    ),
    Room(_("Enter a class"), (Page("training:class_enter", _("Enter a class")),)),
    Room(
        _("Classes"),
        (
            Page("training:class_list", _("Classes")),
            Page("training:course_list", _("Courses")),
            Page("training:import_list", _("Files")),
            Page("training:held_rows", _("Held rows")),
            Page("training:duplicate_list", _("Duplicates")),
            Page("training:registrations_of_agency", _("Registrations")),
        ),
    ),
    Room(
        _("Roster"),
        (
            Page("training:roster", _("Commissions")),
            Page("training:agency_people", _("People")),
            Page("training:agency_messages", _("Messages")),
            Page("training:not_connected", _("Not connected")),
        ),
    ),
)
# Of one provider: every address takes its id.
PROVIDER = (
    Room(
        _("Calendar"),
        (
            Page("training:provider_calendar", _("Classes to come")),
            Page("training:provider_calendar_plan", _("Plan a class")),
            Page("training:provider_calendar_imports", _("Bring in a calendar")),
        ),
    ),
    Room(
        _("Overview"),
        (
            Page("training:provider_overview", _("How it goes")),
            Page("compliance:provider_need", _("What officers need")),
        ),
    ),
    Room(_("Courses"), (Page("training:provider_courses", _("Courses")),)),
    Room(_("Enter a class"), (Page("training:provider_class_enter", _("Enter a class")),)),
    Room(
        _("Classes"),
        (
            Page("training:provider_class_list", _("Classes")),
            Page("training:provider_import_list", _("Files")),
            Page("training:provider_held_rows", _("Held rows")),
            Page("training:provider_held_class_list", _("Held classes")),
            Page("training:provider_duplicate_list", _("Duplicates")),
            Page("training:provider_late_list", _("Late rosters")),
            Page("compliance:provider_reports", _("Reported")),
        ),
    ),
    Room(_("People"), (Page("training:provider_people", _("People")),)),
)
# Of the state's people.
STATE = (
    Room(
        _("Find an officer"),
        (
            Page("training:officer_find", _("Find an officer")),
            Page("training:accesses", _("Record of access")),
        ),
    ),
    Room(
        _("To review"),
        (
            Page("compliance:workbench", _("All queues")),
            Page("training:course_queue", _("Courses")),
            Page("compliance:relief_queue", _("Extensions")),
            Page("training:held_for_post", _("Held rows")),
            Page("training:held_class_list", _("Held classes")),
            Page("training:duplicates_of_state", _("Duplicates")),
            Page("compliance:gap_queue", _("Recording errors")),
            Page("compliance:report_queue", _("Reported")),
            Page("compliance:make_up_of_state", _("Make-up credit")),
            Page("training:late_rosters", _("Late rosters")),
            Page("training:commission_claims", _("Claimed twice")),
            Page("training:commission_notices", _("Notices")),
            Page("recovery_list", _("Lost second steps")),
        ),
    ),
    Room(_("The state"), (Page("compliance:glance", _("The state at a glance")),)),
    Room(
        _("Register"),
        (
            Page("training:agency_list", _("Agencies")),
            Page("training:provider_list", _("Providers")),
            Page("training:expiring_list", _("Near their end")),
            Page("training:source_list", _("Recognized sources")),
            Page("training:export_list", _("Exports")),
        ),
    ),
    Room(
        _("People"),
        (
            Page("training:invitation_list", _("Invitations")),
            Page("training:campaign_list", _("Campaigns")),
            Page("training:invitation_requests", _("Asked for")),
            Page("training:state_people", _("Of the state")),
            Page("training:body_list", _("Of agencies and providers")),
            Page("training:people_unconfirmed", _("Not confirmed")),
        ),
    ),
    Room(
        _("March 15"),
        (
            Page("compliance:candidate_list", _("Past the last day")),
            Page("compliance:case_list", _("Cases")),
            Page("compliance:case_uncommissioned", _("Without a commission")),
            Page("compliance:case_queue", _("Before the Director")),
            Page("compliance:decided_list", _("Decided")),
            Page("compliance:reinstatement_list", _("To be reinstated")),
        ),
    ),
    Room(
        _("Messages"),
        (
            Page("compliance:mailings", _("Reminders and notices")),
            Page("compliance:occasion_list", _("Kinds of mail")),
            Page("compliance:mail_preview", _("Read before it goes")),
            Page("compliance:letters_of_state", _("Letters")),
        ),
    ),
    Room(_("Rules"), (Page("compliance:rules", _("Rules")),)),
)


def room_of(name: str) -> Room | None:
    """The room a page lies in."""
    return next((room for room in (*AGENCY, *PROVIDER, *STATE) if room.holds(name)), None)


def user_of(request):
    """Who asks. An error page may be rendered before anybody is known."""
    return getattr(request, "user", None) or AnonymousUser()
