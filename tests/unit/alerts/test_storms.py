"""Storms: how many messages there are, and what is told by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.storms import BESIDE, gathered_in
from noc.model.incident import SEVERITIES, Severity


def told(severities: list[Severity], limit: int = 8) -> list[str]:
    """Return what is told of incidents that open one after the other: their severities, and storms."""
    storms, found, alone = set[str](), list[str](), 0
    for severity in severities:
        root = gathered_in(alone, severity, "p", limit, storms)
        if root in storms:
            continue
        if root is None:
            alone += 1
        else:
            storms.add(root)
        found.append(root or severity)
    return found


@pytest.mark.parametrize(
    ("severity", "alone"), [("critical", 7), ("major", 6), ("minor", 6), ("warning", 6)], ids=SEVERITIES
)
def test_many_of_one_severity_are_told_one_by_one_and_then_together(severity: Severity, alone: int) -> None:
    grade = "minor" if severity == "warning" else severity
    assert told([severity] * 50) == [*[severity] * alone, f"shared/storm/p/{grade}"]


def test_what_is_grave_is_told_beside_a_storm_of_what_is_not() -> None:
    found = told([*["minor"] * 50, "critical", *["warning"] * 5, *["critical"] * 50])  # type: ignore[list-item]
    assert found[6:] == ["shared/storm/p/minor", "critical", "shared/storm/p/critical"]


def test_what_is_less_grave_joins_the_gravest_storm() -> None:
    assert told([*["critical"] * 20, *["warning"] * 20])[7:] == ["shared/storm/p/critical"]  # type: ignore[list-item]


@given(st.lists(st.sampled_from(SEVERITIES), max_size=80), st.integers(2, 12))
def test_nobody_gets_more_messages_than_they_can_read_and_nothing_grave_is_lost(
    severities: list[Severity], limit: int
) -> None:
    found = told(severities, limit)
    assert len(found) <= limit + BESIDE
    for severity in ("critical", "major"):
        if severity in severities:
            as_grave = SEVERITIES[: SEVERITIES.index(severity) + 1]
            assert any(one.rpartition("/")[2] in as_grave for one in found), "something as grave is told"
