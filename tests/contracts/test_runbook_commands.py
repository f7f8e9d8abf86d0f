"""What runbooks tell people to type is a command of the system that it is said of.

A command's first words, up to what people fill in, must be known: to a profile of its command line, to ntc-templates,
whose templates were written from what devices print, to a recording (NOC_RECORDINGS), or here, to a command reference.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest
import yaml

from alerts.rules.load import load_rules
from alerts.rules.made import MADE
from noc.inventory.shipped import shipped
from tests.contracts import runbook_references as references

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs/runbooks").glob("*.md"))
RULES = {*load_rules([shipped("rules")])[0], *MADE}
SYSTEMS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "IOS": (("cisco-ios", "cisco-iosxe"), "cisco_ios"),
    "Junos": (("juniper-junos",), "juniper_junos"),
    "ASA": (("cisco-asa",), "cisco_asa"),
    "Linux": (("linux",), "linux"),
}
"""As runbooks call systems: the profiles of their command lines, and what ntc-templates and recordings call them."""

DEFAULT = re.compile(r"Those without a system before them are of (?:Cisco )?(\w+)\.")
STEP = re.compile(r"`(?P<code>[^`]+)`|(?P<system>\b(?:IOS|Junos|ASA|Linux)\b)|(?P<sign>[()]|[.?] )")
FILLED_IN = re.compile(r"[A-Z][A-Z_]*|\||…|\d+")


@dataclass(frozen=True)
class Told:
    """A command of a runbook, and of which system it is."""

    page: str
    system: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}-{self.system}-{self.text}"

    @property
    def words(self) -> list[str]:
        """Return its first words."""
        found: list[str] = []
        for word in self.text.split():
            if FILLED_IN.fullmatch(word):
                break
            found.append(word)
        return found


def told(page: str, line: str, default: str) -> Iterator[Told]:
    """Yield what stands as code in a line: a system holds until its sentence ends, or the brackets it is named in."""
    systems = [default]
    for step in STEP.finditer(line):
        if step["code"] is not None:
            yield Told(page, systems[-1], step["code"])
        elif step["system"] is not None:
            systems[-1] = step["system"]
        elif step["sign"] == "(":
            systems.append(systems[-1])
        elif step["sign"] == ")":
            systems.pop()
        else:
            systems = [default] * len(systems)


def all_told() -> list[Told]:
    found = set()
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        default = DEFAULT.search(text)
        assert default is not None, f"{path.name} does not say of which system its commands are"
        for line in text.splitlines():
            found |= set(told(path.stem, line, default[1]))
    return sorted((one for one in found if not _is_of_noc(one.text)), key=str)


def _is_of_noc(text: str) -> bool:
    """Return whether it is a page, a rule, a command of noc's own (test_command_lines), or a word of its settings."""
    return text.startswith(("/", "noc ")) or text in RULES or text in references.OTHER


COMMANDS = all_told()


@cache
def templated(system: str) -> tuple[str, ...]:
    """Return the commands that ntc-templates has templates for, as its index writes them: `sh[[ow]] ver[[sion]]`."""
    rows = (line.split(",", 3) for line in (files("ntc_templates") / "templates/index").read_text().splitlines())
    return tuple(row[3].strip() for row in rows if len(row) == 4 and row[2].strip() == SYSTEMS[system][1])


@cache
def patterns(system: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(re.sub(r"\[\[(.+?)\]\]", r"(?:\1)?", one)) for one in templated(system))


@cache
def lines(system: str) -> frozenset[tuple[str, ...]]:
    """Return the commands that are known word by word."""
    profiles, family = SYSTEMS[system]
    known = {one for some in references.KNOWN.get(system, {}).values() for one in some}
    for name in profiles:
        written = yaml.safe_load((ROOT / f"config/profiles/cli/{name}.yaml").read_text(encoding="utf-8"))
        known |= {one["command"] for one in written.get("commands", ())} | set(written.get("configuration", ()))
    known |= {re.sub(r"\[\[|\]\]", "", one) for one in templated(system)}
    recordings = os.environ.get("NOC_RECORDINGS")
    if recordings:
        known |= {path.name.replace("_", " ") for path in Path(recordings, "cli", family).glob("*")}
    return frozenset(tuple(one.split()) for one in known)


def is_known(one: Told) -> bool:
    words = one.words
    if words[0] in references.PROGRAMS and (one.system == "Linux" or words[0] in ("nc", "ssh")):
        return True
    begins = any(line[: len(words)] == tuple(words) for line in lines(one.system))
    whole = any(pattern.fullmatch(" ".join(words)) for pattern in patterns(one.system))
    return begins or whole or words[0] in references.EVERYWHERE


@pytest.mark.parametrize("one", COMMANDS, ids=str)
def test_a_command_is_one_of_its_system(one: Told) -> None:
    assert is_known(one), (
        f"{one.page}.md: {one.system} is not known to have `{' '.join(one.words)}`: mend it, name its system before "
        "it, or write it into tests/contracts/runbook_references.py with the reference that has it"
    )


def test_references_are_needed() -> None:
    used = {(one.system, " ".join(one.words)) for one in COMMANDS}
    listed = [(system, text) for system, books in references.KNOWN.items() for some in books.values() for text in some]
    assert sorted(listed) == sorted(set(listed))
    assert sorted(one for one in listed if one not in used) == []
    first = {one.words[0] for one in COMMANDS}
    assert sorted(references.PROGRAMS.keys() - first) == []
    assert not {text for text in references.OTHER if not any(f"`{text}`" in page.read_text() for page in PAGES)}


def test_a_system_holds_as_far_as_people_read_it() -> None:
    line = "`a`, (Junos: `b`, `c`) `d`; ASA: `e`. `f` (`g`; Linux: `h`). `i`"
    assert [(one.text, one.system) for one in told("p", line, "IOS")] == [
        ("a", "IOS"), ("b", "Junos"), ("c", "Junos"), ("d", "IOS"), ("e", "ASA"), ("f", "IOS"), ("g", "IOS"),
        ("h", "Linux"), ("i", "IOS"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        Told("p", "IOS", "show ip bgp sumary"),
        Told("p", "Junos", "show ip bgp summary"),
        Told("p", "IOS", "df -h"),
    ],
    ids=str,
)
def test_what_no_system_has_is_found(wrong: Told) -> None:
    assert not is_known(wrong)
