"""The house's own rules: imports go one way, and no module grows without end (docs/architecture.md)."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from compliance.views.standing import StandingView
from training.imports.command import ImportCommand

ROOT = Path(settings.BASE_DIR)
HOUSES = ("clee_portal", "notifications", "training", "compliance")
MODULES = sorted(
    path.relative_to(ROOT)
    for house in HOUSES
    for path in (ROOT / house).rglob("*.py")
    if "migrations" not in path.parts
)

# Each part may import those before it, and itself. The site's own pieces that everybody may use come first.
ORDER = ["foundation", "notifications", "training", "compliance", "site"]
FOUNDATION = (
    "clee_portal.accounts",
    "clee_portal.history",
    "clee_portal.clock",
    "clee_portal.locking",
    "clee_portal.refusal",
    "clee_portal.paging",
    "clee_portal.ticked",
    "clee_portal.compiled",
    "clee_portal.typeset",
    "clee_portal.buckets",
    "clee_portal.replica",
    "clee_portal.templatetags",  # the pieces of the look; every app's templates load them
)

# Inside an app, by the name of the module or package. What is not named here is a selector: it reads and decides.
LAYERS = {
    "models": 0,
    "access": 1,
    "services": 3,
    "seed": 3,
    "demonstration": 3,
    "imports": 3,  # reading files, and recording what stands in them
    "forms": 4,
    "tasks": 4,
    "views": 5,
    "admin": 5,
    "urls": 6,
    "provider_urls": 6,
    "apps": 6,
    "management": 6,
    "tests": 7,
}
SELECTORS = 2


@dataclass(frozen=True)
class Import:
    """One import: which module it is in, what it brings in, its line, and whether it stands inside a function."""

    module: str
    target: str
    line: int
    inside: bool


def dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(source: str, module: str, *, is_package: bool = False) -> list[Import]:
    """Every import of a module, names imported from a package included as modules of it."""
    found = []

    def look(node, inside):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found.extend(Import(module, alias.name, child.lineno, inside) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                base = child.module or ""
                if child.level:
                    package = module.split(".") if is_package else module.split(".")[:-1]
                    base = ".".join([*package[: len(package) - child.level + 1], *filter(None, [child.module])])
                found.extend(Import(module, f"{base}.{alias.name}", child.lineno, inside) for alias in child.names)
            look(child, inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))

    look(ast.parse(source), False)
    return found


def part_of(name: str) -> str | None:
    """The part of the house a dotted name lies in; None for other people's code."""
    if name.startswith(FOUNDATION):
        return "foundation"
    house = name.split(".")[0]
    return "site" if house == "clee_portal" else house if house in HOUSES else None


def layer_of(name: str) -> int:
    """The layer of a module inside its app."""
    parts = name.split(".")
    below = parts[2:] if name.startswith(FOUNDATION[:2]) else parts[1:]
    return LAYERS.get(below[0], SELECTORS) if below else SELECTORS


def app_of(name: str) -> str:
    parts = name.split(".")
    return ".".join(parts[:2]) if name.startswith(FOUNDATION[:2]) else parts[0]


def is_test(name: str) -> bool:
    return "tests" in name.split(".")


def wrong_way(one: Import) -> bool:
    """Whether an import goes to a part that may not be known."""
    here, there = part_of(one.module), part_of(one.target)
    return not is_test(one.module) and there is not None and ORDER.index(there) > ORDER.index(here)


def wrong_layer(one: Import) -> bool:
    """Whether an import inside an app goes up a layer. A test may import anything, and nothing imports a test."""
    if is_test(one.module) or app_of(one.module) != app_of(one.target) or app_of(one.module) == "clee_portal":
        return is_test(one.target) and not is_test(one.module)
    if one.module.startswith("clee_portal.history") or "." not in one.target.removeprefix(app_of(one.target)):
        return False
    return layer_of(one.target) > layer_of(one.module)


def read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


IMPORTS = [
    one for path in MODULES for one in imports_of(read(path), dotted(path), is_package=path.name == "__init__.py")
]


def told(imports) -> list[str]:
    return [f"{one.module}:{one.line} imports {one.target}" for one in imports]


def test_the_walk_sees_the_whole_house():
    seen = {one.module for one in IMPORTS}
    assert {"clee_portal.urls", "training.models.officers", "compliance.standings", "notifications.views"} <= seen


def test_imports_go_one_way():
    assert told(filter(wrong_way, IMPORTS)) == []


def test_layers_of_an_app_know_only_those_below():
    assert told(filter(wrong_layer, IMPORTS)) == []


@pytest.mark.parametrize(
    ("module", "target", "way", "layer"),
    [
        ("training.models.officers", "compliance.standings", True, False),
        ("notifications.models", "training.models", True, False),
        ("clee_portal.accounts.views", "clee_portal.navigation", True, False),
        ("training.models.officers", "clee_portal.clock", False, False),
        ("compliance.views.standing", "training.models", False, False),
        ("training.models.officers", "training.access", False, True),
        ("training.access", "training.models", False, False),
        ("training.selectors", "training.services.classes", False, True),
        ("training.services.classes", "training.forms.class_entry", False, True),
        ("training.forms.class_entry", "training.services.classes", False, False),
        ("training.services.classes", "training.views.class_entry", False, True),
        ("training.views.class_entry", "training.tests.factories", False, True),
        ("clee_portal.accounts.models", "clee_portal.accounts.views", False, True),
        ("training.tests.test_classes", "compliance.standings", False, False),
    ],
)
def test_an_import_the_wrong_way_is_seen(module, target, way, layer):
    one = Import(module, target, 1, False)
    assert (wrong_way(one), wrong_layer(one)) == (way, layer)


def test_relative_and_inner_imports_are_seen():
    source = "from . import views\nfrom ..models import Officer\ndef f():\n    import compliance.standings\n"
    assert imports_of(source, "training.services.classes") == [
        Import("training.services.classes", "training.services.views", 1, False),
        Import("training.services.classes", "training.models.Officer", 2, False),
        Import("training.services.classes", "compliance.standings", 4, True),
    ]


def test_imports_inside_functions_say_why_on_the_line():
    lines = {dotted(path): read(path).splitlines() for path in MODULES}
    silent = [one for one in IMPORTS if one.inside and "# " not in lines[one.module][one.line - 1]]
    assert told(silent) == []


def test_no_cupboard_for_everything():
    forbidden = {"signals", "utils", "common", "helpers", "misc"}
    assert [str(path) for path in MODULES if forbidden & {*path.parent.parts, path.stem}] == []


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_module_is_under_400_lines(path):
    assert len(read(path).splitlines()) < 400


def test_every_public_thing_says_what_it_is():
    """Modules, classes and functions of the product have a docstring (not those of tests)."""
    silent = []
    for path in MODULES:
        if is_test(dotted(path)) or (path.name == "__init__.py" and not read(path).strip()):
            continue
        tree = ast.parse(read(path))
        things = [(path.name, tree)]
        things += [
            (node.name, node)
            for node in tree.body
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_")
        ]
        silent += [f"{path}: {name}" for name, node in things if not ast.get_docstring(node)]
    assert silent == []


def test_nothing_is_left_to_be_done():
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X")
    assert [str(path) for path in MODULES if any(mark in read(path) for mark in marks)] == []


def test_what_a_subclass_must_give_is_abstract():
    """A class that lacks a part of itself cannot be made; it is not found out when a page is asked for."""
    raising = "raise NotImplemented" + "Error"
    assert [str(path) for path in MODULES if raising in read(path)] == []
    for unfinished in (StandingView, ImportCommand):
        with pytest.raises(TypeError, match="abstract"):
            unfinished()


def test_the_clock_is_read_in_one_place():
    """Only `clee_portal.clock` asks what time it is; everybody else is handed a moment, or asks it."""
    asking = ("timezone.now(", "datetime.now(", "date.today(", "utcnow(", "timezone.localdate(")
    product = [path for path in MODULES if not is_test(dotted(path)) and dotted(path) != "clee_portal.clock"]
    assert [str(path) for path in product if any(call in read(path) for call in asking)] == []


# Who may write what happened to a license: golden cases and packets judged anew, which are rolled back; the
# demonstration; POST's register, which knows nothing of inactive licenses; and the Director's own act.
BY_THE_DIRECTOR = "compliance.services.case_decisions"
WRITERS_OF_LICENSES = {
    "compliance.cases.checking",
    "compliance.replaying",
    "compliance.demonstration.nation",
    "compliance.demonstration.writing",
    "training.services.officers",
    "training.services.licenses",
    BY_THE_DIRECTOR,
}
_LICENSE_WRITES = re.compile(
    r"LicenseEvent\((?!Recorded)|LicenseEvent\.objects\.\w*(create|update)|license_events\.(create|add|bulk_create)"
    r"|(INSERT INTO|UPDATE|COPY)\s+training_licenseevent",
)


def test_no_program_writes_what_happens_to_a_license():
    """No task, list, campaign or notice can make a license inactive: nothing but these writes an event of one."""
    writers = {dotted(path) for path in MODULES if not is_test(dotted(path)) and _LICENSE_WRITES.search(read(path))}
    assert BY_THE_DIRECTOR in writers  # it finds a writer where there is one
    assert writers <= WRITERS_OF_LICENSES
    says_so = {
        dotted(path)
        for path in MODULES
        if not is_test(dotted(path)) and re.search(r"made_inactive|MADE_INACTIVE", read(path))
    }
    acts = [one for one in says_so if ".services." in one or one.endswith(".tasks") or ".views." in one]
    assert set(acts) == {BY_THE_DIRECTOR}
