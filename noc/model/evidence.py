"""What is shown to people who ask why something is what it is: what was asked, what came, by which rule."""

from __future__ import annotations

from dataclasses import dataclass

from noc.model.reading import Raw


@dataclass(frozen=True, slots=True)
class Seen:
    """One result of a check: when it was asked, in milliseconds of the Unix epoch, and whether it was good.

    check, poller: who asked; empty where only the result itself is remembered.
    """

    time_ms: int
    ok: bool
    check: str = ""
    poller: str = ""


@dataclass(frozen=True, slots=True)
class JudgedNow:
    """How an entity is judged, and where it stands (docs/availability.md, sections 1 and 2).

    confirm_down, confirm_up: equal results in a row that make it certain. stale_ms: for how long a result speaks.
    run_ok, run_length, run_since_ms: the results in a row that the last one belongs to; no length after they went
    stale. results: the last ones, the oldest first. check, poller: who told last.
    """

    confirm_down: int
    confirm_up: int
    stale_ms: int
    run_ok: bool
    run_length: int
    run_since_ms: int | None
    results: tuple[Seen, ...]
    check: str
    poller: str


@dataclass(frozen=True, slots=True)
class RawValue:
    """A value as an agent gave it. oid: the whole one. table: of a column, empty for a scalar; index: of its row.

    at_ms: when it was read, which is earlier than its poll where it is asked for more seldom.
    """

    name: str
    oid: str
    value: Raw
    at_ms: int
    table: str = ""
    index: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RawPoll:
    """All that the last poll of a device brought. at_ms: when it began; profile: the name of the one that asked."""

    at_ms: int
    duration_s: float
    poller: str
    profile: str
    values: tuple[RawValue, ...]
