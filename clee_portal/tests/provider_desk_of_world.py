"""The training desk of a provider in the state of `world.py`: a file it sent, with a row that is held."""

from clee_portal import clock
from clee_portal.accounts.models import User
from training.models import ImportRow, Provider, TrainingImport

# Words in the names of pages that take a provider's number.
PAGES_OF_A_PROVIDER = (
    "provider_class", "provider_import", "provider_held", "provider_duplicate", "provider_late", "provider_calendar",
    "provider_course", "provider_overview", "provider_need", "provider_reports",
)  # fmt: skip


def sent_by(provider: Provider, staff: User) -> tuple[TrainingImport, ImportRow]:
    """A file of the provider, done, and its held row."""
    word = provider.name.split()[0]
    sent = TrainingImport.objects.create(
        provider=provider,
        name=f"{word} roster.csv",
        state="done",
        content=b"Name",
        sha256=word.lower().ljust(64, "0"),
        header_row=1,
        columns=["Name"],
        fields=["name"],
        uploaded_by=staff,
        sent_at=clock.now(),
        finished_at=clock.now(),
    )
    row = ImportRow.objects.create(
        training_import=sent,
        number=2,
        cells=[f"Guest of {word}"],
        fate="held",
        column="Name",
        wrong=f"Nobody in earlier classes of {provider} is called so.",
        fix="Give the POST license number beside the name.",
    )
    return sent, row
