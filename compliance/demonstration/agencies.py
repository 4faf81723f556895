"""Agencies and providers of the demonstration: from one officer to over a thousand, very unequal, as they are."""

from dataclasses import dataclass, field
from random import Random

from compliance.demonstration import names
from compliance.demonstration.courses import Calendar, Course, catalog

KINDS = (("city", 76), ("county", 19), ("school", 3.5), ("state", 1.5))
# Agencies that the demonstration accounts belong to.
LARGEST, SMALL_CITY, SHERIFF = 0, 1, 2


@dataclass(frozen=True)
class Scale:
    """How large a state is made. `by_hand` are the sizes of the few largest agencies."""

    name: str
    agencies: int
    officers: int
    by_hand: tuple[int, ...]
    regions: int


SMALL = Scale("small", 40, 1_500, (300, 140), 3)
FULL = Scale("full", 650, 18_000, (1_240, 1_090, 1_020, 900, 540), 10)


@dataclass(slots=True, eq=False)
class Agency:
    """An agency, its size and how it trains. `own` are its in-service courses by title; `host` trains the smallest."""

    number: int
    kind: str
    name: str
    code: str
    county: str
    city: str
    address: str
    phone: str
    size: int
    region: int
    pattern: str
    host: "Agency | None" = None
    trained: int = 0
    own: dict[str, Course] = field(default_factory=dict)
    extra: dict[str, Course] = field(default_factory=dict)
    weeks: dict[int, list[int]] = field(default_factory=dict)

    @property
    def training_place(self) -> str:
        """Where its classes are held."""
        return f"{self.name}, training room"

    @property
    def domain(self) -> str:
        """Its mail domain, which cannot exist."""
        return f"{self.code}.example.org"

    @property
    def trainer(self) -> "Agency":
        """The agency whose in-service its officers attend: its own, or its host's."""
        return self.host or self


def sizes(rng: Random, scale: Scale) -> list[int]:
    """Officers by agency: log-normal, median ten, the largest by hand, three of the sizes the accounts speak of."""
    fixed = [scale.by_hand[0], 12, 31, *scale.by_hand[1:]]
    wanted = round(scale.officers * 0.95) - sum(fixed)
    drawn = sorted((rng.lognormvariate(2.3, 1.26) for _ in range(scale.agencies - len(fixed))), reverse=True)
    limit = scale.by_hand[-1] - 10

    def scaled(factor: float) -> list[int]:
        return [max(1, min(limit, round(size * factor))) for size in drawn[:-1]] + [1]

    low, high = 0.0, 50.0
    for _ in range(30):
        factor = (low + high) / 2
        low, high = (low, factor) if sum(scaled(factor)) > wanted else (factor, high)
    return fixed + scaled(low)


def address(rng: Random, town: str) -> str:
    """An address in a town."""
    street = rng.choice(names.lists()["streets"])
    return f"{rng.randint(100, 9899)} {street} Street\n{town}, MO 6{rng.randint(3000, 5899)}"


def make(rng: Random, scale: Scale) -> list[Agency]:
    """The agencies of a state."""
    towns = iter(names.towns(rng))
    counties = names.counties(rng, max(8, min(115, scale.agencies // 5)))
    state_names = iter(names.lists()["state_agencies"] * 3)
    sheriffs, agencies, codes = list(counties), [], set()
    for number, size in enumerate(sizes(rng, scale)):
        kind = rng.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])[0]
        kind = {LARGEST: "city", SMALL_CITY: "city", SHERIFF: "county", 3: "state"}.get(number, kind)
        town = next(towns)
        county = counties[number % len(counties)]
        if kind == "county" and sheriffs:
            county = sheriffs.pop()
            name, stem = f"{county} County Sheriff's Office", f"{county}-so"
        elif kind == "school":
            name, stem = rng.choice(
                ((f"{town} College Campus Police", f"{town}-cp"), (f"{town} School District Police", f"{town}-sd"))
            )
        elif kind == "state" and (state_name := next(state_names, "")) and state_name not in {a.name for a in agencies}:
            name, stem = state_name, "-".join(state_name.split()[1:3])
        else:
            kind, name, stem = "city", f"{town} Police Department", f"{town}-pd"
        *words, last = filter(None, map(names.plain, stem.replace(" ", "-").split("-")))
        code = "-".join(words)[: 19 - len(last)].strip("-") + f"-{last}"
        while code in codes:
            code = f"{code[:16]}-{number}"
        codes.add(code)
        agencies.append(
            Agency(
                number,
                kind,
                name,
                code,
                "" if rng.random() < 0.04 else county,
                town,
                address(rng, town),
                f"(573) 555-{rng.randint(0, 9999):04d}",
                size,
                number % scale.regions,
                rng.choices(("block", "even", "spring", "fall"), (30, 35, 20, 15))[0],
            )
        )
    for agency in agencies:
        others = [a for a in agencies if a.region == agency.region and a.size >= 15] or [agencies[LARGEST]]
        agency.host = rng.choice(others) if agency.size < 5 else None
    for agency in agencies:
        agency.trainer.trained += agency.size
    return agencies


def give_courses(rng: Random, agencies: list[Agency], calendar: Calendar) -> None:
    """Each agency that trains its own takes up one or two courses of each group of in-service."""
    for agency in agencies:
        if agency.host:
            continue
        for group in catalog()["in_service"].values():
            for template in rng.sample(group, 1 if rng.random() < 0.4 else min(2, len(group))):
                agency.own[template.title] = Course(template, calendar, agency=agency)
        profiling = catalog()["in_service"]["bias"][0]
        if not any("racial_profiling" in {t for _, t, _ in c.template.lines} for c in agency.own.values()):
            agency.own[profiling.title] = Course(profiling, calendar, agency=agency)


def licensed_courses(scale: Scale, calendar: Calendar) -> list[list[Course]]:
    """For each region the courses of its approved providers, classroom and on-line, and the few of other sources."""
    classroom = [i for i, row in enumerate(catalog()["providers"]) if not row.get("online")]
    online = [i for i, row in enumerate(catalog()["providers"]) if row.get("online")]
    statewide = [
        Course(template, calendar, provider=online[i % len(online)]) for i, template in enumerate(catalog()["online"])
    ]
    statewide += [Course(template, calendar) for template in catalog()["elsewhere"]]
    regions = []
    for region in range(scale.regions):
        local = [
            Course(template, calendar, provider=classroom[(region + i % 2 * scale.regions) % len(classroom)])
            for i, template in enumerate(catalog()["classroom"])
        ]
        regions.append(local + statewide)
    return regions
