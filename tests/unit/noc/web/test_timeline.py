"""Entries of a timeline as sentences: what is told, and that nothing is said that the entry doesn't tell."""

from __future__ import annotations

import pytest

from noc.i18n.language import LOCALES, language
from noc.model.incident import Entry, EntryKind, Facts
from noc.web.timeline import Told, told
from noc.web.zones import IN_UTC

ENGLISH = language("en")
NOBODY: Facts = {"impact": 3, "urgency": 2, "priority": 3, "sites": 0, "people": 0, "services": 0}
MANY: Facts = {"impact": 1, "urgency": 1, "priority": 1, "sites": 2, "people": 214, "services": 1, "was": 2}


def said(kind: EntryKind, facts: Facts, tag: str = "en") -> Told:
    return told(Entry(7, 0, kind, None, facts), language(tag), IN_UTC, lambda why: f"because {why}", str.upper)


@pytest.mark.parametrize(
    ("facts", "what", "why"),
    [
        (NOBODY, "Priority 3", "low impact: no whole site cut off, no service down; severity: major"),
        (
            MANY,
            "Priority 1 instead of 2",
            "high impact: 2 whole sites cut off, 214 people there, 1 service down; severity: critical",
        ),
        ({"impact": 2, "urgency": 4, "priority": 3, "was": 3}, "Priority 3", "medium impact; severity: warning"),
        (
            {"why": "by_hand", "priority": 2, "was": 3, "text": "a visit"},
            "Priority 2",
            "set by hand; until then it was 3",
        ),
        ({"why": "by_hand", "priority": 2, "was": 2}, "Priority 2", "set by hand"),
        ({"why": "released", "was": 2}, None, "noc works it out again; until then it was 2"),
        ({"impact": 9, "urgency": 1, "priority": 3}, "Priority 3", None),
        ({}, None, None),
    ],
)
def test_a_priority_says_what_it_was_made_of(facts: Facts, what: str | None, why: str | None) -> None:
    assert said("priority", facts) == Told(what, why)


@pytest.mark.parametrize(
    ("kind", "facts", "what", "why"),
    [
        (
            "overdue",
            {"target": "respond", "by_ms": 0, "priority": 2},
            None,
            "nobody owned it by 1 Jan 1970, 00:00:00 UTC",
        ),
        ("overdue", {"target": "another", "by_ms": 0}, None, None),
        ("joined", {"count": 1, "entities": "device/nbo-sw-1"}, None, "nbo-sw-1"),
        ("joined", {"count": 3, "entities": "device/a, endpoint/b"}, "3 symptoms joined", "a, b …"),
        ("left", {"why": "up", "count": 2, "entities": "device/a, device/b"}, "2 symptoms left", "because up · a, b"),
        ("diagnosed", {"answered": 1, "failed": 3, "devices": "a, b"}, None, "1 of 4 questions answered: a, b"),
        ("note", {"text": "hello"}, None, None),
        (
            "opened",
            {"why": "down", "rule": "device-down", "policy": "default", "evidence": "alone"},
            None,
            "it is down, by rule device-down; policy default says whom to call; because alone",
        ),
        (
            "opened",
            {"why": "raised", "rule": "x", "policy": None, "evidence": "in vain", "for": "device/r"},
            None,
            "rule x was raised; no policy says whom to call; because in vain: device/r",
        ),
        (
            "opened",
            {"why": "raised", "rule": "x", "policy": "p", "window": 4, "window_until": "2026-03-01T00:00:00Z"},
            None,
            "rule x was raised; policy p says whom to call; it is in window 4 until 1 Mar 2026, 00:00:00 UTC",
        ),
        (
            "escalated",
            {"step": 2, "after_s": 60, "why": "unacknowledged", "to": "amina, luca"},
            None,
            "because unacknowledged within 1 min; step 2: AMINA, LUCA",
        ),
        (
            "escalated",
            {"step": 2, "after_s": 0, "why": "undelivered", "to": "luca"},
            None,
            "because undelivered; step 2: LUCA",
        ),
        ("reminded", {"number": 3, "to": "luca"}, None, "LUCA, for time 3"),
        ("escalated", {"why": "by_hand"}, None, None),
        ("opened", {"why": "down", "from": "nbo-1", "there": 4}, None, None),
    ],
)
def test_others_are_sentences_too_or_told_by_their_facts(
    kind: EntryKind, facts: Facts, what: str | None, why: str | None
) -> None:
    assert said(kind, facts) == Told(what, why)


@pytest.mark.parametrize("tag", sorted(LOCALES))
def test_every_language_says_the_numbers(tag: str) -> None:
    sentence = said("priority", MANY, tag)
    assert sentence.what is not None
    assert sentence.why is not None
    for number in ("1", "2"):
        assert number in sentence.what
    assert "214" in sentence.why
