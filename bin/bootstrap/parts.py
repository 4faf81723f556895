"""All parts the portal is made of: the packages of the lock file and what the browser gets, with version and license.

`deploy/sbom.cdx.json` is the list for programs (CycloneDX), `docs/licenses.md` the one for people; `bin/scan --write`
makes both from an environment that holds the lock file's packages alone.
"""

import json
import re
from pathlib import Path

from .environment import RUNTIME
from .places import ROOT

SBOM = ROOT / "deploy" / "sbom.cdx.json"
PAGE = ROOT / "docs" / "licenses.md"
VENDOR = ROOT / "static" / "vendor"

# Licenses whose duties the portal meets by keeping the notices: it is run, not passed on in changed form.
AGREED = {
    "MIT", "BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "PSF-2.0", "Python-2.0", "0BSD", "Unlicense",
    "MIT-CMU", "MPL-2.0", "LGPL-3.0-only", "LGPL-3.0-or-later", "LGPL-3.0", "OFL-1.1", "ZPL-2.1", "PostgreSQL",
    "CC0-1.0", "MIT-0", "Zlib",
}  # fmt: skip
SAME = {
    "BSD License": "BSD", "MIT License": "MIT", "The MIT License": "MIT", "Apache Software License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0", "Apache License, Version 2.0": "Apache-2.0", "Apache 2.0": "Apache-2.0",
    "BSD-3-Clause license": "BSD-3-Clause", "3-Clause BSD License": "BSD-3-Clause", "BSD 3-Clause": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause", "New BSD": "BSD-3-Clause", "PSFL": "PSF-2.0", "LGPL": "LGPL-3.0",
    "Python Software Foundation License": "PSF-2.0", "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0", "ISC License (ISCL)": "ISC",
    "Public Domain": "Unlicense",
}  # fmt: skip


# What they say where it is not read; of qrcode its file, which the package index calls "other".
STATED = {"python-crontab": "LGPL-3.0", "pyrage": "MIT", "qrcode": "BSD-3-Clause AND MIT"}


def locked(file: Path = RUNTIME) -> dict[str, list[str]]:
    """Name -> the versions a lock file pins: one, or one for each group of Python versions or systems."""
    pins = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", file.read_text(), flags=re.MULTILINE)
    found: dict[str, list[str]] = {}
    for name, version in pins:
        found.setdefault(name, []).append(version)
    return found


def only_elsewhere(file: Path = RUNTIME) -> set[str]:
    """Names that the lock file pins for some systems or versions of Python alone."""
    return set(re.findall(r"^([A-Za-z0-9._-]+)==[^\s;\\]+ ;", file.read_text(), flags=re.MULTILINE))


def needed_by(file: Path = RUNTIME) -> dict[str, list[str]]:
    """Name -> who needs it: packages, or `deploy/requirements.in` itself as "the portal"."""
    found: dict[str, list[str]] = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", file.read_text()):
        name = re.match(r"([A-Za-z0-9._-]+)==", block)
        if name:
            via = re.findall(r"^    #(?: via)? +([^\s#].*)$", block, flags=re.MULTILINE)
            found[name[1]] = ["the portal" if one.startswith("-r") else one for one in via if one != "via"]
    return found


def browser_parts() -> list[dict]:
    """What lies under `static/vendor`: name, version and license, from the VERSIONS.md and LICENSE beside each."""
    found = []
    for folder in sorted(VENDOR.iterdir()):
        versions = (folder / "VERSIONS.md").read_text()
        name, version = re.search(r"^(\S.*?)[ @]v?(\d[\w.]*)", versions, flags=re.MULTILINE).groups()
        head = (folder / "LICENSE").read_text()[:2000]
        found.append({"name": name.strip(), "version": version, "licenses": [license_of(head)]})
    return found


def license_of(text: str) -> str:
    """The license whose text this is, by its words."""
    for words, name in (
        ("SIL OPEN FONT LICENSE", "OFL-1.1"),
        ("Apache License", "Apache-2.0"),
        ("Redistribution and use", "0BSD" if "Zero-Clause" in text else "BSD"),
        ("Zero-Clause BSD", "0BSD"),
        ("Permission to use, copy, modify", "0BSD"),
        ("MIT", "MIT"),
    ):
        if words.lower() in text.lower():
            return name
    return "unknown"


def licenses_of(component: dict) -> list[list[str]]:
    """The licenses a component of the list names, by their usual names: all of the outer list hold, and of each inner
    one may be chosen. Where it names several without a word between them, all hold."""
    named = [STATED[component["name"]]] if component["name"] in STATED else [
        one.get("expression") or one["license"].get("id") or one["license"].get("name", "")
        for one in component.get("licenses", [])
    ]  # fmt: skip
    found: list[list[str]] = []
    for one in named:
        name = one.removeprefix("License :: OSI Approved :: ")
        is_expression = name not in SAME and re.search(r" (?:AND|OR|WITH) ", name)
        choices = read(name) if is_expression else [[SAME.get(name, name)]]
        found += [choice for choice in choices if choice not in found]
    is_exact = any(name.startswith("BSD-") for choice in found for name in choice)  # then "BSD" says nothing more
    return [choice for choice in found if not (choice == ["BSD"] and is_exact)]


def read(expression: str) -> list[list[str]]:
    """An SPDX expression, as `licenses_of` gives it: AND binds closer than OR, and WITH belongs to its license. What is
    none stays one license of that name, which nobody agreed to."""
    words = re.findall(r"[()]|[^\s()]+(?: WITH [^\s()]+)?", expression)

    def one() -> list[list[str]]:
        word = words.pop(0)
        if word != "(":
            return [[SAME.get(word, word)]]
        inner = either()
        if words.pop(0) != ")":
            raise IndexError
        return inner

    def both() -> list[list[str]]:
        found = one()
        while words[:1] == ["AND"]:
            words.pop(0)
            found = found + one()
        return found

    def either() -> list[list[str]]:
        found = both()
        while words[:1] == ["OR"]:
            words.pop(0)
            other = both()
            found = [[*first, *second] for first in found for second in other]
        return found

    try:
        found = either()
    except IndexError:
        return [[expression]]
    return [[expression]] if words else found


def said(licenses: list[list[str]]) -> str:
    """They in words: "MIT and (BSD or ISC)"."""
    choices = [" or ".join(choice) for choice in licenses]
    several = len(choices) > 1
    return " and ".join(f"({words})" if several and " or " in words else words for words in choices)


def wrong() -> list[str]:
    """What is not right about the list of parts, in sentences; empty where all is."""
    listed = {one["name"]: one for one in json.loads(SBOM.read_text())["components"]}
    expected = {normal(name): versions for name, versions in locked().items()}
    expected |= {normal(one["name"]): [one["version"]] for one in browser_parts()}
    elsewhere = {normal(name) for name in only_elsewhere()}
    have = {normal(name): one["version"] for name, one in listed.items()}
    again = "Run bin/scan --write."
    found = [
        f"{name} {have.get(name, 'is not')} in {SBOM.name}, {' or '.join(expected.get(name, ['is not']))} in the lock "
        f"file. {again}"
        for name in sorted(expected.keys() | have.keys())
        if have.get(name) not in expected.get(name, []) and not (name in elsewhere and name not in have)
    ]
    for name, one in listed.items():
        not_agreed = [choice for choice in licenses_of(one) if not AGREED & {*choice}]
        if not_agreed or not licenses_of(one):
            found.append(f"{name}: the license {said(not_agreed) or 'is not named'} was not agreed to.")
    return found


def normal(name: str) -> str:
    """A package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def write(listed: dict) -> None:
    """Keep the list that was found, with the browser's parts added, and the page made of it."""
    listed.get("metadata", {}).pop("timestamp", None)
    components = [
        {key: one[key] for key in ("type", "name", "version", "purl", "bom-ref", "licenses") if key in one}
        for one in listed["components"]
    ]
    components += [
        {
            "type": "library",
            "name": one["name"],
            "version": one["version"],
            "bom-ref": f"browser:{one['name']}@{one['version']}",
            "licenses": [{"license": {"id": name}} for name in one["licenses"]],
        }
        for one in browser_parts()
    ]
    listed["components"] = sorted(components, key=lambda one: normal(one["name"]))
    SBOM.write_text(json.dumps(listed, indent=1, sort_keys=True) + "\n")
    PAGE.write_text(page())


def page() -> str:
    """The page of licenses, from the list."""
    via = {normal(name): names for name, names in needed_by().items()}
    lines = [
        "# Licenses",
        "",
        "Every part of the portal with its license, and who needs it; why the portal needs what it asks for itself is",
        "in the [README](../README.md#what-it-stands-on). Made by `bin/scan --write` from `requirements.txt` and",
        "`static/vendor`; `deploy/sbom.cdx.json` is the same list for programs (CycloneDX). `bin/scan` refuses a",
        "license that was not agreed to. “And”: each holds; “or”: one may be chosen.",
        "",
        "What tests, lint and scanners need is not in it: `deploy/requirements-*.in` has the reason for each, the list",
        "compiled from it every version with its hashes. It is run as programs, on the machine of whoever changes or",
        "looks at the portal, and nothing of it is in the portal or its image; one of these, Wapiti, is under the GPL.",
        "",
        "| part | version | license | needed by |",
        "|---|---|---|---|",
    ]
    for one in json.loads(SBOM.read_text())["components"]:
        who = ", ".join(via.get(normal(one["name"]), ["the pages"]))
        lines.append(f"| {one['name']} | {one['version']} | {said(licenses_of(one))} | {who} |")
    return "\n".join(lines) + "\n"
