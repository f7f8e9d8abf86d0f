"""What pages and API are given of rules, and to ask what a change of one would have done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from alerts.rules.compiled import Rule
from alerts.rules.made import Made
from alerts.rulestried import Outcome

TEXT_AT_MOST: Final = 100_000
"""Characters of a rule that somebody tries."""

DAYS_AT_MOST: Final = 31
"""Days that are played again; a longer time is asked for on a shell."""

RAISED_DAYS: Final = 30
"""How far back is counted how often a rule was raised."""

PlayedState = Literal["running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class RuleNow:
    """A rule that holds, and how it stands.

    shipped: it comes with noc. replaces: it is one's own, in the place of a shipped one. examples: how many stand
    beside it. entities: for how many it holds. series: how many it looked at last; None where it looks at none. raised:
    its incidents that are not resolved. lately: those of RAISED_DAYS. last_ms: when the newest was opened.
    """

    rule: Rule
    shipped: bool
    replaces: bool
    examples: int
    entities: int
    series: int | None
    raised: int
    lately: int
    last_ms: int | None


@dataclass(frozen=True, slots=True)
class MadeNow:
    """A rule that noc makes itself, without a file. raised, lately, last_ms: as of `RuleNow`."""

    rule: Made
    raised: int
    lately: int
    last_ms: int | None


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A rule with its file. text: as it is written now. changed: not as it is in use. tried: what comes of examples."""

    now: RuleNow
    file: str
    text: str
    changed: bool
    tried: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """What a change of a rule would have done. done: the share that is played. answer: docs/rules.md, when it is done.

    said: warnings; where it failed, why. name, text: of the rule that was tried; days: how many were asked for.
    """

    id: int
    name: str
    text: str
    days: int
    state: PlayedState
    begun_ms: int
    done: float
    answer: Mapping[str, object] | None
    said: tuple[str, ...]


class RuleRoom(Protocol):
    """Looks at rules, and tries changes of them."""

    async def all(self) -> tuple[RuleNow, ...]:
        """Return every rule that holds, by name. Raises StateError."""
        ...

    async def off(self) -> tuple[str, ...]:
        """Return the names of rules whose files stand there and that are switched off."""
        ...

    async def one(self, name: str) -> RuleShown:
        """Return a rule with its file. Raises LookupError where there is none of this name, StateError."""
        ...

    async def made(self) -> tuple[MadeNow, ...]:
        """Return every rule that noc makes itself, in the order of its making. Raises StateError."""
        ...

    def known(self, name: str) -> Rule | Made | None:
        """Return what a rule says of itself now, whoever makes it; None where there is none of this name."""
        ...

    def play(self, name: str, text: str, days: int) -> Played:
        """Begin to tell what a rule, new or changed, would have done in the last days; it runs beside the daemon.

        Raises ConflictError while another one runs, UsageError where the name is none, or it is too long.
        """
        ...

    def played(self, number: int) -> Played | None:
        """Return what came of it, or how far it is; None where it isn't known any more."""
        ...
