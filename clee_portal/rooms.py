"""The rooms of the portal: pages that belong together, each with the tab by which it is reached.

A room is an entry of the menu; inside it, its pages stand side by side above the content.
"""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser


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
        "Overview",
        (
            Page("compliance:agency_overview", "Officers"),
            Page("compliance:trends", "Over the year"),
            Page("compliance:agency_plans", "Plan"),
            Page("compliance:make_up", "Make-up credit"),
            Page("compliance:relief_of_agency", "Extensions"),
            Page("compliance:gaps_of_agency", "May be missing"),
            Page("compliance:agency_reports", "Reported"),
            Page("compliance:statement", "Statement"),
            Page("compliance:agency_letters", "Letters"),
        ),
    ),
    Room("Enter a class", (Page("training:class_enter", "Enter a class"),)),
    Room(
        "Classes",
        (
            Page("training:class_list", "Classes"),
            Page("training:course_list", "Courses"),
            Page("training:import_list", "Files"),
            Page("training:held_rows", "Held rows"),
            Page("training:duplicate_list", "Duplicates"),
            Page("training:registrations_of_agency", "Registrations"),
        ),
    ),
    Room(
        "Roster",
        (
            Page("training:roster", "Commissions"),
            Page("training:agency_people", "People"),
            Page("training:agency_messages", "Messages"),
            Page("training:not_connected", "Not connected"),
        ),
    ),
)
# Of one provider: every address takes its id.
PROVIDER = (
    Room(
        "Calendar",
        (
            Page("training:provider_calendar", "Classes to come"),
            Page("training:provider_calendar_plan", "Plan a class"),
            Page("training:provider_calendar_imports", "Bring in a calendar"),
        ),
    ),
    Room(
        "Overview",
        (
            Page("training:provider_overview", "How it goes"),
            Page("compliance:provider_need", "What officers need"),
        ),
    ),
    Room("Courses", (Page("training:provider_courses", "Courses"),)),
    Room("Enter a class", (Page("training:provider_class_enter", "Enter a class"),)),
    Room(
        "Classes",
        (
            Page("training:provider_class_list", "Classes"),
            Page("training:provider_import_list", "Files"),
            Page("training:provider_held_rows", "Held rows"),
            Page("training:provider_held_class_list", "Held classes"),
            Page("training:provider_duplicate_list", "Duplicates"),
            Page("training:provider_late_list", "Late rosters"),
            Page("compliance:provider_reports", "Reported"),
        ),
    ),
    Room("People", (Page("training:provider_people", "People"),)),
)
# Of the state's people.
STATE = (
    Room(
        "Find an officer",
        (
            Page("training:officer_find", "Find an officer"),
            Page("training:accesses", "Record of access"),
        ),
    ),
    Room(
        "To review",
        (
            Page("compliance:workbench", "All queues"),
            Page("training:course_queue", "Courses"),
            Page("compliance:relief_queue", "Extensions"),
            Page("training:held_for_post", "Held rows"),
            Page("training:held_class_list", "Held classes"),
            Page("training:duplicates_of_state", "Duplicates"),
            Page("compliance:gap_queue", "Recording errors"),
            Page("compliance:report_queue", "Reported"),
            Page("compliance:make_up_of_state", "Make-up credit"),
            Page("training:late_rosters", "Late rosters"),
            Page("training:commission_claims", "Claimed twice"),
            Page("training:commission_notices", "Notices"),
            Page("recovery_list", "Lost second steps"),
        ),
    ),
    Room("The state", (Page("compliance:glance", "The state at a glance"),)),
    Room(
        "Register",
        (
            Page("training:agency_list", "Agencies"),
            Page("training:provider_list", "Providers"),
            Page("training:expiring_list", "Near their end"),
            Page("training:source_list", "Recognized sources"),
            Page("training:export_list", "Exports"),
        ),
    ),
    Room(
        "People",
        (
            Page("training:invitation_list", "Invitations"),
            Page("training:campaign_list", "Campaigns"),
            Page("training:invitation_requests", "Asked for"),
            Page("training:state_people", "Of the state"),
            Page("training:body_list", "Of agencies and providers"),
            Page("training:people_unconfirmed", "Not confirmed"),
        ),
    ),
    Room(
        "March 15",
        (
            Page("compliance:candidate_list", "Past the last day"),
            Page("compliance:case_list", "Cases"),
            Page("compliance:case_uncommissioned", "Without a commission"),
            Page("compliance:case_queue", "Before the Director"),
            Page("compliance:decided_list", "Decided"),
            Page("compliance:reinstatement_list", "To be reinstated"),
        ),
    ),
    Room(
        "Messages",
        (
            Page("compliance:mailings", "Reminders and notices"),
            Page("compliance:occasion_list", "Kinds of mail"),
            Page("compliance:mail_preview", "Read before it goes"),
            Page("compliance:letters_of_state", "Letters"),
        ),
    ),
    Room("Rules", (Page("compliance:rules", "Rules"),)),
)


def room_of(name: str) -> Room | None:
    """The room a page lies in."""
    return next((room for room in (*AGENCY, *PROVIDER, *STATE) if room.holds(name)), None)


def user_of(request):
    """Who asks. An error page may be rendered before anybody is known."""
    return getattr(request, "user", None) or AnonymousUser()
