"""Storms: when so much opens at once that further incidents are gathered in one. Pure.

Nobody can read a hundred messages: of one policy at most two more than `storm:` says are told within `together`, of
whatever severities. Nothing is held back because of what is less grave, but among what is not urgent.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from noc.model.incident import SEVERITIES, Severity

PREFIX: Final = "shared/storm/"

_GRADES: Final[dict[Severity, Severity]] = {
    "critical": "critical",
    "major": "major",
    "minor": "minor",
    "warning": "minor",
}
"""Of storms: what is minor and what warns are gathered together."""

STORMS: Final = len(set(_GRADES.values()))
"""So many storms may there be of a policy, one of each grade."""

BESIDE: Final = 2
"""So many messages may there be beyond the limit: what is told by itself, and the storms."""


def gathered_in(alone: int, severity: Severity, policy: str, limit: int, there_are: Container[str]) -> str | None:
    """Return the entity of the storm that a further incident is gathered in; None where it is one by itself.

    alone: how many incidents of the policy, of whatever severity, opened by themselves a short time ago. limit: of the
    settings. there_are: entities of open storms.
    """
    most = limit + BESIDE - STORMS
    if alone < max(most if severity == "critical" else most - 1, 1):  # one is left for what is critical
        return None
    grade = _GRADES[severity]
    grades = SEVERITIES[: SEVERITIES.index(grade) + 1]
    roots = [storm_of(policy, one) for one in grades]
    return next((one for one in roots if one in there_are), roots[-1])


def storm_of(policy: str, grade: str) -> str:
    """Return the entity of a storm."""
    return f"{PREFIX}{policy}/{grade}"
