"""Agencies as files name them."""

from dataclasses import dataclass, field

from training.imports.cells import as_text
from training.imports.values import agency_key
from training.models import Agency
from training.names import plain, tidy
from training.wrong import Wrong


@dataclass
class Agencies:
    """Agencies as files name them: by code or by name."""

    by_code: dict[str, Agency] = field(default_factory=dict)
    by_key: dict[str, list[Agency]] = field(default_factory=dict)

    @classmethod
    def all(cls) -> "Agencies":
        """Every agency of the state."""
        found = cls()
        for agency in Agency.objects.order_by("pk"):
            found.by_code[agency.code.casefold()] = agency
            found.by_key.setdefault(agency_key(agency.name), []).append(agency)
        return found

    def read(self, raw) -> Agency:
        """The agency a cell names. Raises `Wrong`."""
        text = tidy(as_text(raw))
        if agency := self.by_code.get(text.casefold()):
            return agency
        found = self.by_key.get(agency_key(text), [])
        exact = [one for one in found if plain(one.name) == plain(text)]
        if len(exact or found) == 1:
            return (exact or found)[0]
        if found:
            codes = ", ".join(one.code for one in found)
            raise Wrong(f"“{text[:60]}” may be several agencies ({codes}).", "Give the code of the one that is meant.")
        raise Wrong(f"There is no agency “{text[:60]}”.", "Correct its code or name, or import the agency first.")
