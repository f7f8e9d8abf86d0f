"""Windows on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from noc.availability.policy import Window
from noc.cli._console import printable
from noc.cli._state import time_text
from noc.cli._table import Column, print_rows
from noc.maintenance.documents import AHEAD_MS
from noc.maintenance.impact import Impact
from noc.maintenance.imports import Step, Word
from noc.maintenance.occurrences import foreseen, running
from noc.model.window import PlannedWindow

SHOWN_AT_MOST = 20

WORDS: dict[Word, str] = {
    "request": "asked for",
    "cancel": "taken back",
    "unchanged": "known already",
    "older": "an older edition",
    "unmatched": "names no circuit",
    "over": "is over",
    "wrong": "not understood",
}
"""What came of a notice."""


def print_list(windows: Sequence[PlannedWindow], now_ms: int) -> None:
    """Print windows as a table."""
    columns = [Column("id", right=True), Column("state"), Column("entity", shrinks_to=16), Column("next")]
    columns += [Column("for"), Column("notice"), Column("what", shrinks_to=12, drops=1)]
    columns.append(Column("decided by", shrinks_to=8, drops=2))
    _print(columns, [[Text(cell) for cell in _cells(one, now_ms)] for one in windows])


def print_one(window: PlannedWindow, now_ms: int) -> None:
    """Print what is known of one."""
    asked, now = window.request, window.now
    facts = {
        "entity": window.entity,
        "state": state_text(window, now_ms),
        "from": time_text(now.start_ms),
        "to": time_text(now.end_ms),
        "comes again": f"{now.rrule} ({now.zone})" if now.rrule else None,
        "left out": ", ".join(map(time_text, now.without)) or None,
        "what": asked.why,
        "asked for by": asked.who,
        "notice": _notice(window),
        "carrier's UID": asked.source or None,
    }
    console = _console()
    for key, value in facts.items():
        if value is not None:
            console.print(f"{key:<14}{printable(value)}")
    console.print("\nDecisions", style="bold")
    rows = [(time_text(one.since_ms), one.step, one.who, one.why) for one in window.decisions]
    columns = [Column("at"), Column("step"), Column("who", shrinks_to=8), Column("why", shrinks_to=20)]
    _print(columns, [[Text(printable(cell)) for cell in row] for row in rows])
    console.print()


def print_impact(impact: Impact) -> None:
    """Print what a window touches, a sentence each."""
    console = _console()
    for sentence in sentences(impact):
        console.print(printable(sentence))


def sentences(impact: Impact) -> Iterator[str]:
    """Yield what a window touches, in words."""
    if impact.also:
        yield f"Counted in, at the same time: {_names(impact.also)}."
    if not (impact.cut or impact.weaker or impact.services):
        yield "No site loses a path."
    if impact.cut:
        who = "This site loses its" if len(impact.cut) == 1 else f"These {len(impact.cut)} sites lose their"
        yield f"{who} only path: {_names(impact.cut)}."
    for one in impact.together:
        how = "" if one.other.is_approved else ", which waits for somebody to decide"
        said = f"window {one.other.window} ({one.other.entity}){how}"
        yield f"Only together with {said}, the only path is lost of {_names(one.sites)}."
    if impact.uncovered:
        yield f"The window is not for {_names(impact.uncovered)}: down time there counts as an outage."
    if impact.weaker:
        yield f"With one path less: {_names(impact.weaker)}."
    if impact.devices:
        yield f"Devices that nobody reaches: {len(impact.devices):,}."
    if impact.circuits:
        yield f"Circuits that carry nothing: {_names(impact.circuits)}."
    if impact.services:
        yield f"Services that go down: {_names(impact.services)}."


def print_steps(steps: Sequence[Step]) -> None:
    """Print what came of notices, and below it whole why some came to nothing."""
    columns = [Column("what"), Column("window", right=True), Column("entity", shrinks_to=16)]
    columns.append(Column("notice", shrinks_to=16))
    rows = [(WORDS[one.word], str(one.window or ""), one.entity, one.notice.summary or one.notice.uid) for one in steps]
    _print(columns, [[Text(printable(cell)) for cell in row] for row in rows])
    console = _console()
    for notice, why in dict.fromkeys((one.notice.summary or one.notice.uid, one.why) for one in steps if one.why):
        console.print(printable(f"{notice or 'a notice without a name'}: {why}"))


def _cells(window: PlannedWindow, now_ms: int) -> Iterator[str]:
    ahead = foreseen(window, now_ms, now_ms + AHEAD_MS)
    is_running = bool(ahead) and running(window, now_ms) is not None
    yield from (str(window.number), _word(window, _is_ahead(window, ahead, now_ms)), printable(window.entity))
    yield "under way" if is_running else time_text(ahead[0].start) if ahead else "–"
    yield _length((window.now.end_ms - window.now.start_ms) // 60_000)
    yield _notice(window)
    yield printable(window.request.why)
    yield printable(window.now.who) if len(window.decisions) > 1 else ""


def state_text(window: PlannedWindow, now_ms: int) -> str:
    """Return how a window stands, in words. What was decided stays as it is: `--json` and the API tell that."""
    if running(window, now_ms) is not None:
        return f"{window.state}, under way"
    return _word(window, _is_ahead(window, foreseen(window, now_ms, now_ms + AHEAD_MS), now_ms))


def _is_ahead(window: PlannedWindow, ahead: Sequence[Window], now_ms: int) -> bool:
    return bool(ahead) or window.now.end_ms > now_ms


def _word(window: PlannedWindow, is_ahead: bool) -> str:
    if is_ahead or window.state in ("rejected", "cancelled"):
        return window.state
    return "over" if window.state == "approved" else "not decided in time"


def _notice(window: PlannedWindow) -> str:
    """Return how long before its beginning a window was asked for."""
    return "none" if window.notice_ms < 0 else _length(window.notice_ms // 60_000)


def _length(minutes: int) -> str:
    days, rest = divmod(minutes, 1_440)
    parts = ((days, "d"), (rest // 60, "h"), (rest % 60, "min"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"


def _names(entities: Sequence[str]) -> str:
    shown = ", ".join(entities[:SHOWN_AT_MOST])
    more = len(entities) - SHOWN_AT_MOST
    return shown if more <= 0 else f"{shown} and {more} more"


def _console() -> Console:
    return Console(highlight=False, markup=False, soft_wrap=True)


def _print(columns: list[Column], rows: list[list[Text]]) -> None:
    print_rows(columns, rows)
