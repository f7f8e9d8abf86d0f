"""Storms: when so much opens at once that further incidents are gathered in one. Pure.

Nobody can read a hundred messages: of one policy at most two more than `storm:` says are told within `together`, of
whatever severities. Nothing is held back because of what is less grave, but among what is not urgent.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Final

from noc.model.incident import SEVERITIES, Severity

_GRADES: Final[dict[Severity, Severity]] = {
    "critical": "critical",
    "major": "major",
    "minor": "minor",
    "warning": "minor",
}
"""Of storms: what is minor and what warns are gathered together."""

_HELD_FREE: Final[dict[Severity, int]] = {"critical": 0, "major": 1, "minor": 2}
"""By grade, how many graver storms may still come, each of which is told."""

BESIDE: Final = 2
"""So many messages may there be beyond the limit: the last one by itself, and the storm."""


def gathered_in(
    opened: Sequence[Severity], severity: Severity, policy: str, limit: int, there_are: Container[str]
) -> str | None:
    """Return the entity of the storm that a further incident is gathered in; None where it is one by itself.

    opened: the severities of the incidents of the policy that opened a short time ago, storms among them. limit: so
    many of them are told one by one. there_are: entities of open storms.
    """
    grade = _GRADES[severity]
    graver = SEVERITIES[: SEVERITIES.index(severity) + 1]
    as_grave = sum(1 for one in opened if one in graver)
    if as_grave < limit and len(opened) + _HELD_FREE[grade] <= limit:
        return None
    grades = SEVERITIES[: SEVERITIES.index(grade) + 1]
    roots = [f"shared/storm/{policy}/{one}" for one in grades if one in _GRADES.values()]
    return next((one for one in roots if one in there_are), roots[-1])
