"""Whether every open incident has a next action in the future: the one thing that must never fail. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from noc.state.audit import Waiting

LATE_MS: Final = 60_000
"""An action that is overdue by so much, while nothing is being done at all, is late."""

TOO_LATE_MS: Final = 300_000
"""The same, whatever else is being done."""

ActionWord = Literal["owned", "expiry", "notice", "look"]
WrongWord = Literal["lost", "late"]


@dataclass(frozen=True, slots=True)
class Action:
    """The one thing that comes next. owned: a person does it, there is no time. at_ms: when it is due."""

    word: ActionWord
    at_ms: int | None


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong with which incidents, by number. ended: nothing is to come, because all that was to do is done.

    suspect: those that had no next action, with when they were to be looked at for it.
    """

    wrong: dict[int, WrongWord] = field(default_factory=dict)
    ended: tuple[int, ...] = ()
    suspect: dict[int, int] = field(default_factory=dict)


def next_action(row: Waiting) -> Action | None:
    """Return what comes next of an open incident; None where nothing does."""
    if row.is_owned:
        return Action("owned", None) if row.until_ms is None else Action("expiry", row.until_ms)
    moments: list[tuple[int, ActionWord]] = []
    if row.notice_ms is not None:
        moments.append((row.notice_ms, "notice"))
    if row.look_ms is not None:
        moments.append((row.look_ms, "look"))
    if not moments:
        return None
    at_ms, word = min(moments)
    return Action(word, at_ms)


def audit(rows: Iterable[Waiting], suspect: Mapping[int, int], now_ms: int, *, is_moving: bool) -> Findings:
    """Return what is wrong now. suspect: what had no next action at an audit before, with when it was to be looked at.

    is_moving: something was done since then, so that what is due may just be waiting for its turn. An incident without
    an action is looked at once more; when that finds one, it had been lost; when it finds none, all is done. Until that
    look had its turn, nothing is known.
    """
    wrong: dict[int, WrongWord] = {}
    ended: list[int] = []
    suspects: dict[int, int] = {}
    late_ms = TOO_LATE_MS if is_moving else LATE_MS
    for row in rows:
        action, asked_ms = next_action(row), suspect.get(row.incident)
        if action is None and asked_ms is None:
            suspects[row.incident] = now_ms
        elif action is None:
            ended.append(row.incident)
        elif action.at_ms is not None and action.at_ms < now_ms - late_ms:
            wrong[row.incident] = "late"
        elif asked_ms is not None and action == Action("look", asked_ms):
            suspects[row.incident] = asked_ms
        elif asked_ms is not None and action.word != "owned":
            wrong[row.incident] = "lost"
    return Findings(wrong, tuple(ended), suspects)
