"""The pages of a provider's catalogue and calendar, and who may open them (see pages.py)."""

from clee_portal.tests.page import BOTH, CHIEFS, DIRECTOR, OFFICER, POST, SCHOOL, STATE, Page, own

_LOOKED_AT = (
    "provider_calendar",
    "provider_calendar_imports",
    "brought_calendar",
    "catalogue_course",
    "scheduled_class",
)
_ACTED_ON = (
    "provider_calendar_plan", "provider_course_add", "catalogue_course_edit", "brought_event", "scheduled_edit",
    "scheduled_move", "scheduled_call_off",
)  # fmt: skip
PAGES_OF_PROVIDERS = {
    "training:provider_courses": Page(SCHOOL | STATE),
    "training:provider_overview": Page(SCHOOL | STATE),
    "compliance:provider_need": Page(SCHOOL | STATE),
    # Whoever had a seat in the class has it (test_evaluations.py); the world's is of an officer without an account.
    "training:class_evaluate": own(get=404, methods=BOTH),
    # Of whatever body reported the class.
    "training:class_records": Page(CHIEFS | STATE, OFFICER),
    "training:scheduled_copy": Page(SCHOOL | POST, DIRECTOR, get=302),
}
PAGES_OF_PROVIDERS |= {
    f"training:{name}": Page(SCHOOL | STATE, methods=BOTH, only_look=DIRECTOR) for name in _LOOKED_AT
}
PAGES_OF_PROVIDERS |= {f"training:{name}": Page(SCHOOL | POST, DIRECTOR, methods=BOTH) for name in _ACTED_ON}
FILES_OF_PROVIDERS = {
    f"training:{name}": Page(SCHOOL | STATE) for name in ("provider_calendar", "provider_courses", "provider_overview")
}
FILES_OF_PROVIDERS["compliance:provider_need"] = Page(SCHOOL | STATE)
