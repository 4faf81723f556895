"""In which languages the portal is read: English, and each that has a catalogue under `locale/` (docs/standing.md).

A language is chosen by the reader, at the foot of the page, else by the browser. It holds on the pages that are ready
for one: an agency's and POST's pages stay English, whole, whoever reads them.
"""

from pathlib import Path

from django.conf.locale import LANG_INFO

ENGLISH = ("en-us", "English")
# Every text of these is a message of a catalogue (clee_portal/tests/test_translated.py opens each of them).
READY = frozenset(
    {
        "home",
        "set_language",
        "compliance:case",
        "compliance:check_transcript",
        "compliance:check_transcript_file",
        "compliance:issued_transcript",
        "compliance:my_contact",
        "compliance:my_contact_address",
        "compliance:my_contact_confirm",
        "compliance:my_plan",
        "compliance:my_record",
        "compliance:my_standing",
        "compliance:officer_contact",
        "compliance:officer_standing",
        "compliance:officer_timeline",
        "compliance:officer_transcripts",
        "compliance:outside_training",
        "compliance:record_report",
        "compliance:record_report_add",
        "compliance:record_report_disagree",
        "compliance:relief_add",
        "compliance:relief_answer",
        "compliance:relief_ask",
        "compliance:relief_request",
        "compliance:relief_withdraw",
        "compliance:report_record",
        "compliance:what_if",
        "compliance:who_looked",
        "compliance:will_be",
        "notifications:my_messages",
        "notifications:preferences",
        "notifications:stop",
        "training:calendar",
        "training:calendar_class",
        "training:calendar_feed",
        "training:check",
        "training:class_certificates",
        "training:class_detail",
        "training:class_evaluate",
        "training:my_classes",
        "training:register",
        "training:registration",
        "training:registration_give_back",
    }
)


def found(folder: Path) -> list[tuple[str, str]]:
    """English, and the languages that have a catalogue in `folder`, each by its own name."""
    codes = sorted(one.parent.parent.name for one in folder.glob("*/LC_MESSAGES/django.mo"))
    codes = [code.replace("_", "-").lower() for code in codes]
    return [ENGLISH, *((code, LANG_INFO[code.partition("-")[0]]["name_local"].capitalize()) for code in codes)]
