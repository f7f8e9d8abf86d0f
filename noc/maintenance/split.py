"""A series of which one time and all later ones are moved: RECURRENCE-ID with RANGE=THISANDFUTURE (RFC 5545). Pure.

A window has one rule and one length. So the series becomes pieces, each a series of its own, up to the next move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from noc.maintenance.notice import Notice
from noc.maintenance.recurrence import beginnings, check, read, zone_of
from noc.model.instants import from_ms, to_ms

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_HAND: Final = "ask for these windows by hand"


def pieces(series: Notice, moves: Sequence[tuple[int, Notice]], uid_of: Callable[[int], str]) -> Iterator[Notice]:
    """Yield the pieces of a series. A piece whose move is cancelled isn't among them.

    moves: from which of its times on (milliseconds), and how these are then; in order of time. uid_of: the UID of the
    piece that begins so. Raises ValueError, with a sentence for an operator, where no rule says what is meant.
    """
    times = beginnings(series.start_ms, series.rrule, series.zone, moves[-1][0] + 1)
    strange = [of_ms for of_ms, _ in moves if of_ms not in times]
    if strange:
        raise ValueError(
            f"it moves a time that its series doesn't have ({from_ms(strange[0]).isoformat()}); {_BY_HAND}"
        )
    starts = [(series.start_ms, series), *moves]
    for (of_ms, said), until_ms in zip(starts, [*(of_ms for of_ms, _ in moves), None], strict=True):
        inside = [time for time in times if of_ms <= time and (until_ms is None or time < until_ms)]
        if inside and (said is series or not said.cancelled):
            piece = _Piece(series, of_ms, said)
            uid = series.uid if said is series else uid_of(of_ms)
            yield piece.notice(uid, times.index(of_ms), None if until_ms is None else inside[-1], until_ms)


class _Piece:
    """The part of a series that begins with one of its times. said: how it is from then on."""

    def __init__(self, series: Notice, of_ms: int, said: Notice) -> None:
        self._series = series
        self._of_ms = of_ms
        self._said = said
        self._shift = self._wall(said.start_ms) - self._wall(of_ms)

    def notice(self, uid: str, before: int, last_ms: int | None, until_ms: int | None) -> Notice:
        """Return the piece. before: how many times its series has before it. Raises ValueError.

        last_ms: its last time, and until_ms: where the next piece begins; None: it goes on as the series does.
        """
        series, said = self._series, self._said
        parts = dict(part.partition("=")[::2] for part in read(series.rrule, series.zone).rule.split(";"))
        count, end_ms = parts.pop("COUNT", None), read(series.rrule, series.zone).until_ms
        parts = self._on_other_days(parts)
        if last_ms is not None:
            parts["UNTIL"] = self._until(last_ms)
        elif count is not None:
            parts["COUNT"] = str(int(count) - before)
        elif end_ms is not None:
            parts["UNTIL"] = self._until(end_ms)
        rule = ";".join(f"{key}={value}" for key, value in parts.items())
        check(rule, series.zone, said.start_ms)
        without = [time for time in series.without if self._of_ms <= time and (until_ms is None or time < until_ms)]
        return replace(
            said,
            uid=uid,
            rrule=rule,
            zone=series.zone,
            without=tuple(map(self._shifted, without)),
            sequence=max(series.sequence, said.sequence),
        )

    def _on_other_days(self, parts: Mapping[str, str]) -> dict[str, str]:
        """Return the parts of a rule for times that may be on other days. Raises ValueError where no rule says them."""
        days = (self._wall(self._said.start_ms).date() - self._wall(self._of_ms).date()).days
        by = {key for key in parts if key.startswith("BY")}
        if not days:
            return dict(parts)
        names = parts.get("BYDAY", "").split(",")
        is_plain = by <= {"BYDAY"} and (not by or set(names) <= set(_DAYS))
        is_one = len(names) == 1 or parts.get("INTERVAL", "1") == "1"
        if parts["FREQ"] == "DAILY" and not by:
            return dict(parts)
        if parts["FREQ"] != "WEEKLY" or not is_plain or not is_one:
            raise ValueError(f"it moves this and all later times to other days, which no rule says; {_BY_HAND}")
        moved = ",".join(_DAYS[(_DAYS.index(name) + days) % 7] for name in names if name)
        return {**parts, "BYDAY": moved} if by else dict(parts)

    def _until(self, time_ms: int) -> str:
        return from_ms(self._shifted(time_ms)).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")

    def _shifted(self, time_ms: int) -> int:
        """Return one of the series' times as it is in this piece: as far away in the wall clock."""
        moved: datetime = self._wall(time_ms) + self._shift
        return to_ms(moved.replace(tzinfo=zone_of(self._series.zone), fold=0))

    def _wall(self, time_ms: int) -> datetime:
        return from_ms(time_ms).astimezone(zone_of(self._series.zone)).replace(tzinfo=None, fold=0)
