"""Every rule says what to do, in the handbook: shipped ones, and those that noc makes itself; and of no other rule."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.rules.load import load_rules
from alerts.rules.made import MADE
from noc.inventory.shipped import shipped
from noc.web.handbook import ADDRESS, Handbook

ROOT = Path(__file__).resolve().parents[2]
RULES, _ = load_rules([shipped("rules")])
SAYS = {rule.name: (rule.summary, rule.runbook) for rule in (*RULES.values(), *MADE.values())}
BOOK = Handbook()
SECTIONS = {
    section.heading: (page, section)
    for page in BOOK.shelf("runbooks")
    for section in page.sections
    if section.level == 2
}
SAID = ("Look", "Do", "Often", "Tell", "Ends")
WRITTEN = {
    "alerts/eventwatch.py": "rules of files",
    "alerts/told.py": "rules of files",
    "alerts/watch.py": "rules of files",
    "noc/state/handling.py": "reads back what was told",
}
"""Modules that tell of rules which they don't make."""


def test_there_is_one_section_for_each_rule_and_no_other() -> None:
    headings = Counter(
        section.heading for page in BOOK.shelf("runbooks") for section in page.sections if section.level > 1
    )
    assert sorted(headings) == sorted(SAYS)
    assert [name for name, count in headings.items() if count > 1] == []
    assert not RULES.keys() & MADE.keys()


@pytest.mark.parametrize("name", sorted(SAYS))
def test_the_runbook_of_a_rule_is_its_section(name: str) -> None:
    page, section = SECTIONS[name]
    summary, runbook = SAYS[name]
    assert runbook == f"{ADDRESS}/{page.name}#{name}"
    assert section.anchor == name
    assert section.raw.strip().startswith(f"**{summary}.** "), "it begins with what the rule says"
    assert re.findall(r"^- \*\*(\w+)\*\*: \S", section.raw, re.MULTILINE) == list(SAID)
    assert len(section.text.split()) <= 200, "somebody reads it at night"
    assert ("noc makes this rule itself" in section.raw or "noc makes itself" in page.text) == (name in MADE)


def test_a_section_names_no_rule_that_is_not_there() -> None:
    words = {word for _, section in SECTIONS.values() for word in re.findall(r"`([a-z]+(?:-[a-z0-9]+)+)`", section.raw)}
    assert {word for word in words if word.split("-")[0] in {name.split("-")[0] for name in SAYS}} <= set(SAYS)


def test_who_raises_a_rule_without_a_file_takes_it_from_those_that_noc_makes() -> None:
    makers = {path: tree for path, tree in _modules() if _calls(tree) & {"RuleTransition", "Concern"}}
    assert makers.keys() >= WRITTEN.keys()
    assert [path for path, tree in makers.items() if path not in WRITTEN and not _names(tree) & {"MADE", "Made"}] == []


def test_every_rule_that_noc_makes_is_raised_by_somebody() -> None:
    words = {word for _, tree in _modules() for word in _texts(tree) if word in MADE}
    assert sorted(words) == sorted(MADE)


def test_a_part_of_the_handbook_is_read_by_its_address() -> None:
    html = BOOK.part("/help/runbooks/devices#device-down")
    assert html is not None
    assert "<strong>Device down.</strong>" in html
    assert "Transport device down" not in html
    assert BOOK.part("/help/runbooks/devices#none") is BOOK.part("/help/none#x") is BOOK.part("https://e.org/") is None


def _modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield what may raise rules, but for the table itself."""
    for path in sorted((*ROOT.glob("alerts/*.py"), *ROOT.glob("noc/*/*.py"))):
        text = path.read_text(encoding="utf-8")
        if any(word in text for word in (*MADE, "RuleTransition(", "Concern(")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(text)


def _calls(tree: ast.Module) -> set[str]:
    return {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


def _names(tree: ast.Module) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _texts(tree: ast.Module) -> set[str]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
