"""What comes of carriers' notices: windows of the circuits that they name, changed and taken back with them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from noc.inventory.inventory import Inventory
from noc.maintenance.draft import Asked
from noc.maintenance.notice import Notice
from noc.maintenance.series import series_of
from noc.model.window import PlannedWindow

SHORT: Final = 4
"""A name of fewer characters stands in many texts by chance."""

Word = Literal["request", "cancel", "unchanged", "older", "unmatched", "over", "wrong"]


@dataclass(frozen=True, slots=True)
class Step:
    """What comes of a notice for one circuit.

    word: request: a window is asked for; cancel: one is taken back; unchanged, older: it is known already; unmatched:
    it names no circuit; over: its time is past; wrong: it can't be understood. asked: for request. window: for cancel,
    and where one is known. why: for people.
    """

    word: Word
    notice: Notice
    entity: str = ""
    asked: Asked | None = None
    window: int | None = None
    why: str = ""


def circuits_named(text: str, inventory: Inventory) -> list[str]:
    """Return the circuits whose id, or the provider's reference of which, stands in a text as a word of its own."""
    folded = text.casefold()
    return [
        circuit.entity
        for circuit in inventory.circuits.values()
        if any(_stands_in(name, folded) for name in (circuit.provider_reference, circuit.id) if name)
    ]


def steps(
    notices: Iterable[Notice], inventory: Inventory, known: Sequence[PlannedWindow], who: str, now_ms: int
) -> list[Step]:
    """Return what comes of notices, in their order. known: windows that came of notices with the same UIDs.

    who: imports them. A notice that is changed takes back the window before it: what was approved for another time is
    not approved for this one.
    """
    found: list[Step] = []
    alive = {(one.now.source, one.entity): one for one in reversed(known)}
    last = _last_editions(notices)
    for notice in last:
        if notice.wrong and not (notice.cancelled and notice.uid):
            found.append(Step("wrong", notice, why=notice.wrong))
            continue
        mine = {entity: window for (uid, entity), window in alive.items() if uid == notice.uid}
        if notice.cancelled:
            found += _cancelled(notice, mine, now_ms)
            continue
        named = circuits_named(notice.text, inventory)
        for entity in named or ("",):
            found += _of_circuit(notice, entity, mine.get(entity), who, now_ms)
        gone = [window for entity, window in mine.items() if entity not in named and _is_newer(notice, window)]
        found += [_taken_back(notice, window, "the carrier names this circuit no more") for window in gone]
    return [*found, *_no_more(last, alive, now_ms)]


def _no_more(notices: Sequence[Notice], alive: Mapping[tuple[str, str], PlannedWindow], now_ms: int) -> Iterator[Step]:
    """Yield what is taken back of single times of series that tell of these times no more."""
    told = {notice.uid: notice for notice in notices if not notice.wrong}
    for (source, _), window in alive.items():
        series = told.get(series_of(source) or "")
        if series is None or source in told or window.state not in ("requested", "approved"):
            continue
        if (_is_newer(series, window) or series.cancelled) and not _is_over(window, now_ms):
            yield _taken_back(series, window, "the carrier names this time no more")


def _last_editions(notices: Iterable[Notice]) -> list[Notice]:
    """Return of each notice its last edition, in the order of the file; what can't be understood stays, too."""
    last: dict[str, Notice] = {}
    wrong: list[Notice] = []
    for notice in notices:
        before = last.get(notice.uid)
        if notice.wrong and not (notice.cancelled and notice.uid):
            wrong.append(notice)
        elif before is None or (notice.sequence, notice.cancelled) >= (before.sequence, before.cancelled):
            last[notice.uid] = notice
    return [*last.values(), *wrong]


def _of_circuit(notice: Notice, entity: str, before: PlannedWindow | None, who: str, now_ms: int) -> list[Step]:
    if not entity:
        return [Step("unmatched", notice, why="it names no circuit of the inventory; give its provider_reference")]
    is_alive = before is not None and before.state in ("requested", "approved")
    if before is not None and not _is_newer(notice, before):
        word: Word = "unchanged" if notice.sequence == before.now.sequence else "older"
        return [Step(word, notice, entity, window=before.number)]
    if notice.end_ms <= now_ms and not notice.rrule:
        return [Step("over", notice, entity, why="its time is over; propose a correction, if that was the cause")]
    if before is not None and is_alive and _same_time(notice, before):
        return [Step("unchanged", notice, entity, window=before.number)]
    asked = Asked(
        entity,
        notice.start_ms,
        notice.end_ms,
        who,
        notice.summary or f"notice {notice.uid}",
        notice.rrule,
        notice.zone,
        notice.without,
        notice.uid,
        notice.sequence,
    )
    request = Step("request", notice, entity, asked)
    if before is None or not is_alive or _is_over(before, now_ms):
        return [request]
    return [_taken_back(notice, before, f"the carrier moved it, edition {notice.sequence} of its notice"), request]


def _cancelled(notice: Notice, mine: dict[str, PlannedWindow], now_ms: int) -> list[Step]:
    alive = [one for one in mine.values() if one.state in ("requested", "approved") and not _is_over(one, now_ms)]
    if not alive:
        return [Step("unchanged", notice, why="there is no window of it that could be taken back")]
    newer = [one for one in alive if notice.sequence >= one.now.sequence]
    return [_taken_back(notice, one, "the carrier took it back") for one in newer] or [Step("older", notice)]


def _taken_back(notice: Notice, window: PlannedWindow, why: str) -> Step:
    return Step("cancel", notice, window.entity, window=window.number, why=why)


def _is_newer(notice: Notice, window: PlannedWindow) -> bool:
    return notice.sequence > window.now.sequence


def _is_over(window: PlannedWindow, now_ms: int) -> bool:
    return not window.now.rrule and window.now.end_ms <= now_ms


def _same_time(notice: Notice, window: PlannedWindow) -> bool:
    asked = window.request
    return (notice.start_ms, notice.end_ms, notice.rrule, notice.without) == (
        asked.start_ms,
        asked.end_ms,
        asked.rrule,
        asked.without,
    )


def _stands_in(name: str, folded: str) -> bool:
    word = name.casefold().strip()
    return len(word) >= SHORT and re.search(rf"(?<![\w/-]){re.escape(word)}(?![\w/-])", folded) is not None
