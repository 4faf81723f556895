"""Import of agencies. Two spellings of one agency are told apart from two agencies by people, never by a guess."""

import re
from dataclasses import dataclass, field

from training.imports.cells import as_text
from training.imports.headers import Columns, Field
from training.imports.rows import Row, Setting
from training.imports.values import agency_key, choose, read_county, read_email, read_text
from training.models import Agency
from training.names import plain, tidy
from training.wrong import Wrong

Kind = Agency.Kind
_KINDS = {
    Kind.CITY: ("city", "local", "municipal", "municipality", "town", "village", "police", "police department"),
    Kind.COUNTY: ("county", "sheriff", "sheriffs office"),
    Kind.STATE: ("state", "highway patrol"),
    Kind.SCHOOL: ("school", "college", "university", "campus", "school or college", "school district"),
    Kind.OTHER: ("other", "federal", "tribal", "special", "special jurisdiction", "airport", "park", "railroad"),
}
KINDS = {plain(word): kind.value for kind, words in _KINDS.items() for word in words}
_FILLED = ("county", "city", "address", "phone", "email", "closed_on")
_SHORT = (("police department", "pd"), ("sheriffs office", "so"), ("sheriffs department", "so"))


def read_code(raw) -> str:
    """POST's code of an agency."""
    text = tidy(as_text(raw))
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,20}", text):
        raise Wrong(f"“{text[:40]}” is not a code.", "Use letters, digits, - and _, at most 20 of them.")
    return text


def read_name(raw) -> str:
    """An agency's name, without the state some lists put behind it."""
    return re.sub(r"\s+-\s+MO$", "", read_text(raw, most=200))


@dataclass
class _Draft:
    row: Row
    name: str
    code: str
    given: dict = field(default_factory=dict)


class Agencies:
    """Agencies, found again by their code, else by their name."""

    noun = "agencies"
    writes_only_of = None
    fields = {
        one.name: one
        for one in (
            Field("code", "POST's short code", ("agency code", "ori", "agency id", "short code")),
            Field("name", "name", ("agency name", "agency", "submitted name", "department", "law enforcement agency")),
            Field(
                "kind",
                "city, county, state, school or other",
                ("type", "agency type", "jurisdiction type", "jurisdiction"),
            ),
            Field("county", "county", ("county name",)),
            Field("city", "city", ("municipality", "town")),
            Field("address", "postal address", ("mailing address", "street address", "street")),
            Field("phone", "telephone", ("telephone", "phone number", "tel")),
            Field("email", "e-mail", ("e-mail", "email address", "mail")),
            Field("closed_on", "last day it existed", ("closed", "date closed", "disbanded")),
        )
    }

    def __init__(self, *, make_codes: bool = False, allow_similar: bool = False):
        self.make_codes = make_codes
        self.allow_similar = allow_similar

    def advice(self, columns: Columns) -> list[str]:
        """What the columns lack."""
        if not columns.has("name"):
            return ["No column holds the agency’s name: give it with --map COLUMN=name."]
        if not columns.has("code") and not self.make_codes:
            return ["No column holds POST’s code: give it with --map COLUMN=code, or have codes made by --make-codes."]
        return []

    def take(self, rows: list[Row], setting: Setting) -> None:
        """Check the rows and write the good ones."""
        known = _Register(Agency.objects.order_by("pk"))
        new: list[Agency] = []
        changed: dict[int, Agency] = {}
        for row in rows:
            draft = _read(row)
            if row.problems:
                continue
            found, similar = known.find(draft)
            if row.problems:
                continue
            if found is not None:
                self._meet(row, draft, found, changed)
            elif similar is not None and not self.allow_similar and not draft.code:
                row.refuse(
                    "name",
                    f"Possible duplicate of “{similar.name}” ({similar.code}).",
                    "Take the row out if it is that agency; if not, give its POST code or use --allow-similar.",
                )
            elif not draft.code and not self.make_codes:
                row.refuse("code", "There is no code.", "Give POST’s code of the agency, or use --make-codes.")
            else:
                code = draft.code or known.free_code(draft.name)
                agency = Agency(code=code, name=draft.name, **{k: v for k, v in draft.given.items() if v})
                known.add(agency)
                new.append(agency)
                near = f"; possible duplicate of “{similar.name}” ({similar.code})" if similar else ""
                made = f"code made: {code}" if not draft.code else ""
                row.recorded((made + near).removeprefix("; "))
        Agency.objects.bulk_create(new)
        Agency.objects.bulk_update([one for one in changed.values() if one.pk], _FILLED)

    def _meet(self, row: Row, draft: _Draft, found: Agency, changed: dict[int, Agency]) -> None:
        filled, differing = [], []
        for name in _FILLED:
            value = draft.given[name]
            if value and not getattr(found, name):
                setattr(found, name, value)
                filled.append(name)
            elif value and plain(str(getattr(found, name))) != plain(str(value)):
                differing.append(name)
        left = f"left as it is, though the file differs: {', '.join(differing)}" if differing else ""
        if filled:
            if found.pk:
                changed[found.pk] = found
            row.recorded("; ".join(part for part in (f"filled in: {', '.join(filled)}", left) if part))
        else:
            row.already_there(left)


def _read(row: Row) -> _Draft:
    name = row.need("name", read_name, what="name")
    code = row.read("code", read_code, default="")
    how = "Use city, county, state, school or other."
    given = {
        "kind": row.read("kind", choose, KINDS, "a kind of agency", how, default=""),
        "county": row.read("county", read_county, default=""),
        "city": row.read("city", read_text, most=80, default=""),
        "address": row.read("address", read_text, most=500, default=""),
        "phone": row.read("phone", read_text, most=30, default=""),
        "email": row.read("email", read_email, default=""),
        "closed_on": row.past_date("closed_on", "last day"),
    }
    if name and not plain(name):
        row.refuse("name", "There is no name.", "Fill it in.")
    return _Draft(row, name or "", code, given)


class _Register:
    """The agencies known so far, by code and by spelling-blind name."""

    def __init__(self, agencies):
        self._by_code: dict[str, Agency] = {}
        self._by_key: dict[str, list[Agency]] = {}
        for agency in agencies:
            self.add(agency)

    def add(self, agency: Agency) -> None:
        """One more."""
        self._by_code[agency.code.casefold()] = agency
        self._by_key.setdefault(agency_key(agency.name), []).append(agency)

    def find(self, draft: _Draft) -> tuple[Agency | None, Agency | None]:
        """The agency a row means, and one it may mean."""
        if draft.code and (found := self._by_code.get(draft.code.casefold())):
            if agency_key(found.name) != agency_key(draft.name):
                draft.row.refuse(
                    "code", f"The code {found.code} belongs to “{found.name}”.", "Correct the code or the name."
                )
                return None, None
            return found, None
        near = [one for one in self._by_key.get(agency_key(draft.name), ()) if not _elsewhere(one, draft)]
        same = [one for one in near if plain(one.name) == plain(draft.name)]
        if same and not draft.code:
            certain = [one for one in same if one.county and plain(one.county) == plain(draft.given["county"])]
            if len(same) == 1 or len(certain) == 1:
                return (certain or same)[0], None
        return None, near[0] if near else None

    def free_code(self, name: str) -> str:
        """A code made from a name: aurora-springs-pd; a number behind it where that is taken."""
        text = plain_words(name)
        base = _cut(text, 20)
        code, number = base, 1
        while code.casefold() in self._by_code:
            number += 1
            code = f"{_cut(text, 19 - len(str(number)))}-{number}"
        return code


def plain_words(name: str) -> str:
    """A name as lower-case words with hyphens, the usual endings shortened."""
    words = [plain(word) for word in re.split(r"[\s/.,()&-]+", name.replace("'", ""))]
    text = " ".join(word for word in words if word.isascii() and word)
    for ending, short in _SHORT:
        text = re.sub(rf"\b{ending}\b", short, text)
    return text.replace(" ", "-") or "agency"


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    head, _, last = text.rpartition("-")
    if last in ("pd", "so") and len(head) > most - 3:
        return f"{head[: most - 3].rstrip('-')}-{last}"
    whole = text[: most + 1].rpartition("-")[0]
    return whole if len(whole) > most // 2 else text[:most].rstrip("-")


def _elsewhere(agency: Agency, draft: _Draft) -> bool:
    """Whether county, or else city, say that it is another agency."""
    county, city = draft.given["county"], draft.given["city"]
    if agency.county and county:
        return plain(agency.county) != plain(county)
    return False if not (agency.city and city) else plain(agency.city) != plain(city) and not (agency.county or county)
