"""Words of the rules and of the register that stand on officers' pages, named so that a catalogue has them.

They are data: what POST adds later is shown as it was written until a translation of it is added here.
"""

from django.utils.translation import gettext_noop as _

NAMES = (
    _("Total"),
    _("Approved provider"),
    _("an approved provider"),
    _("Legal studies"),
    _("Technical studies"),
    _("Interpersonal perspectives"),
    _("Firearms"),
    _("Racial profiling"),
    _("Implicit bias"),
    _("De-escalation"),
)
SHORT_NAMES = (
    _("total"),
    _("approved"),
    _("legal"),
    _("technical"),
    _("interpersonal"),
    _("firearms"),
    _("racial profiling"),
    _("implicit bias"),
    _("de-escalation"),
)
WORDINGS = (
    _("At least 24 hours of continuing law enforcement education in the calendar year."),
    _(
        "At least 8 of the hours from an approved provider: a licensed provider or academy, a course POST approved "
        "individually, or recognized out-of-state or federal training. In-service and college hours do not count to "
        "these 8."
    ),
    _("At least 2 hours of Legal Studies."),
    _("At least 2 hours of Technical Studies."),
    _("At least 2 hours of Interpersonal Perspectives."),
    _("At least 2 hours of Skill Development in firearms, in person. Online hours do not count to these 2."),
    _("At least 1 of the hours on racial profiling, in any area."),
    _("At least 1 of the hours on implicit bias, in any area."),
    _("At least 1 of the hours on de-escalation, in any area."),
)
LICENSES = (
    _("Active"),
    _("Suspended"),
    _("Inactive"),
    _("Expired"),
    _("Revoked"),
    _("Surrendered"),
    _("No license"),
    _("License active"),
    _("License suspended"),
    _("License inactive"),
    _("License expired"),
    _("License revoked"),
    _("License surrendered"),
)
KINDS = (
    _("Approved provider"),
    _("In-service of an agency"),
    _("Individually approved course"),
    _("Recognized out-of-state or federal course"),
    _("College course"),
    _("Duplicate of another entry"),
    _("Repeat of a course already taken this period"),
    _("Medical leave"),
    _("Military leave"),
)
# Areas and topics of the curriculum (training/seed/curriculum.yaml).
CURRICULUM = (
    _("Legal Studies"),
    _("Technical Studies"),
    _("Interpersonal Perspectives"),
    _("Skill Development"),
    _("Firearms"),
    _("Racial profiling"),
    _("Implicit bias"),
    _("De-escalation"),
)
STATES = (
    _("Waits for POST"),
    _("POST asked for more"),
    _("Granted"),
    _("Denied"),
    _("Withdrawn"),
    _("Taken back"),
)
