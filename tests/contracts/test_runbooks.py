"""Every shipped rule says what to do, in the handbook; and the handbook says so of no other rule."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from alerts.rules.load import load_rules
from noc.inventory.shipped import shipped
from noc.web.handbook import ADDRESS, Handbook

RULES, _ = load_rules([shipped("rules")])
BOOK = Handbook()
SECTIONS = {
    section.heading: (page, section)
    for page in BOOK.shelf("runbooks")
    for section in page.sections
    if section.level == 2
}
SAID = ("Look", "Do", "Often", "Tell", "Ends")


def test_there_is_one_section_for_each_shipped_rule_and_no_other() -> None:
    headings = Counter(
        section.heading for page in BOOK.shelf("runbooks") for section in page.sections if section.level > 1
    )
    assert sorted(headings) == sorted(RULES)
    assert [name for name, count in headings.items() if count > 1] == []


@pytest.mark.parametrize("name", sorted(RULES))
def test_the_runbook_of_a_rule_is_its_section(name: str) -> None:
    page, section = SECTIONS[name]
    assert RULES[name].runbook == f"{ADDRESS}/{page.name}#{name}"
    assert section.anchor == name
    assert section.raw.strip().startswith(f"**{RULES[name].summary}.** "), "it begins with what the rule says"
    assert re.findall(r"^- \*\*(\w+)\*\*: \S", section.raw, re.MULTILINE) == list(SAID)
    assert len(section.text.split()) <= 200, "somebody reads it at night"


def test_a_section_names_no_rule_that_is_not_there() -> None:
    words = {word for _, section in SECTIONS.values() for word in re.findall(r"`([a-z]+(?:-[a-z0-9]+)+)`", section.raw)}
    assert {word for word in words if word.split("-")[0] in {name.split("-")[0] for name in RULES}} <= set(RULES)


def test_a_part_of_the_handbook_is_read_by_its_address() -> None:
    html = BOOK.part("/help/runbooks/devices#device-down")
    assert html is not None
    assert "<strong>Device down.</strong>" in html
    assert "Transport device down" not in html
    assert BOOK.part("/help/runbooks/devices#none") is BOOK.part("/help/none#x") is BOOK.part("https://e.org/") is None
