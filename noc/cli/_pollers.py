"""Remote pollers on a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text

from noc.app.pollersnow import GroupNow, Moves, PollerNow
from noc.cli._console import complain, printable
from noc.cli._state import time_text
from noc.cli._table import MISSING, Column, print_rows
from noc.model.counting import counted

_STYLES = {"here": "green", "gone": "bold red", "quarantined": "bold red", "draining": "yellow"}


def document(rows: Iterable[PollerNow], groups: Iterable[GroupNow], now_ms: int, *, running: bool) -> dict[str, object]:
    """Return how they stand as plain data."""
    return {
        "at": time_text(now_ms),
        "running": running,
        "pollers": [_poller(row) for row in rows],
        "groups": [
            {
                "group": one.name,
                "devices": one.devices,
                "endpoints": one.endpoints,
                "pollers": list(one.pollers),
                "serving": list(one.serving),
                "blind": one.is_blind,
                "blind_since": _time(one.blind_ms),
            }
            for one in groups
        ],
    }


def show(rows: Sequence[PollerNow], groups: Sequence[GroupNow], now_ms: int, *, running: bool) -> None:
    """Print how they stand."""
    if not running:
        complain("noc isn't running; this is how things stood when it ended")
    if not rows:
        complain("no poller is enrolled; `noc poller enrol NAME --group GROUP` does that")
    else:
        _print_pollers(rows, now_ms)
    for one in groups:
        if one.is_blind:
            since = "nobody ever did" if one.blind_ms is None else f"since {time_text(one.blind_ms)}"
            many = counted(one.devices, "device") + (
                f" and {counted(one.endpoints, 'end point')}" if one.endpoints else ""
            )
            complain(f"{one.name}: nobody polls its {many}, {since}")
    for row in rows:
        if row.known.quarantine:
            complain(f"{row.known.name}: in quarantine: {row.known.quarantine}; `noc pollers release` ends it")
        if row.known.alone_ms is not None:
            complain(f"{row.known.name}: calls people by itself since {time_text(row.known.alone_ms)}")


def moves_document(made: Iterable[Moves]) -> dict[str, object]:
    """Return what would move as plain data."""
    return {
        "groups": [
            {
                "group": one.group,
                "devices": one.devices,
                "pollers": [
                    {"name": name, "before": count, "after": one.after[name]} for name, count in one.before.items()
                ],
                "moved": [{"device": device, "from": old, "to": new} for device, old, new in one.moved],
            }
            for one in made
        ]
    }


def show_moves(made: Sequence[Moves]) -> None:
    """Print what would move."""
    columns = [Column("group", shrinks_to=8), Column("poller", shrinks_to=8), Column("now", right=True)]
    columns += [Column("then", right=True), Column("gets", right=True), Column("gives", right=True)]
    cells = []
    for one in made:
        for name, count in one.before.items():
            gets = sum(new == name for _, _, new in one.moved)
            gives = sum(old == name for _, old, _ in one.moved)
            numbers = [str(count), str(one.after[name]), str(gets or ""), str(gives or "")]
            cells.append([Text(printable(word)) for word in (one.group, name, *numbers)])
    _print(columns, cells)
    for one in made:
        complain(f"{one.group}: {len(one.moved)} of {one.devices} devices and end points would move")


def _poller(row: PollerNow) -> dict[str, object]:
    known = row.known
    return {
        "name": known.name,
        "group": known.group,
        "state": row.state,
        "since": time_text(known.since_ms),
        "seen": _time(known.seen_ms),
        "waiting": known.waiting,
        "oldest": _time(known.oldest_ms),
        "offset_ms": None if known.offset_us is None else known.offset_us / 1000,
        "error_ms": None if known.error_us is None else known.error_us / 1000,
        "devices": row.devices,
        "endpoints": row.endpoints,
        "version": known.version or None,
        "boot": known.boot or None,
        "plan": known.plan or None,
        "drain": known.drain,
        "quarantine": known.quarantine or None,
        "readings": known.readings,
        "events": known.events,
        "refused": known.refused,
        "alone_since": _time(known.alone_ms),
    }


def _print_pollers(rows: Sequence[PollerNow], now_ms: int) -> None:
    columns = [Column("poller", shrinks_to=10), Column("group", shrinks_to=8), Column("state"), Column("for")]
    columns += [Column("devices", right=True), Column("waits", right=True), Column("oldest", right=True, drops=2)]
    columns += [Column("clock", right=True, drops=3), Column("refused", right=True, drops=4)]
    columns.append(Column("version", drops=5))
    cells = []
    for row in rows:
        known = row.known
        oldest = MISSING if known.oldest_ms is None else Text(_length(now_ms - known.oldest_ms))
        clock = MISSING if known.offset_us is None else Text(f"{known.offset_us / 1e6:+.3f} s")
        refused = Text(f"{known.refused:,}") if known.refused else MISSING
        state = Text(row.state, style=_STYLES.get(row.state, ""))
        length = Text(_length(now_ms - known.since_ms))
        texts = [Text(printable(known.name)), Text(printable(known.group)), state, length]
        texts += [Text(f"{row.devices:,}"), Text(f"{known.waiting:,}"), oldest, clock, refused]
        cells.append([*texts, Text(printable(known.version)) if known.version else MISSING])
    _print(columns, cells)


def _length(milliseconds: int) -> str:
    """Return a length of time in its two largest units."""
    seconds = max(0, milliseconds // 1000)
    for unit, size, next_unit, next_size in (("d", 86_400, "h", 3_600), ("h", 3_600, "m", 60), ("m", 60, "s", 1)):
        if seconds >= size:
            return f"{seconds // size}{unit} {seconds % size // next_size}{next_unit}"
    return f"{seconds}s"


def _time(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else time_text(milliseconds)


def _print(columns: Sequence[Column], cells: Sequence[Sequence[Text]]) -> None:
    print_rows(columns, cells)
