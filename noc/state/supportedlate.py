"""Whether restatements stand on enough: what nobody saw when it happened needs results that came late.

A restatement says how many results its states stand on. A result speaks for an entity for `stale_after`; so hours that
are called up or down all through, and that no hour of coverage has seen, can't be more than the results speak for.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise

from noc.model.coverage import HOUR_MS
from noc.model.instants import from_ms
from noc.model.restatement import Restatement
from noc.state.hours import Packed
from noc.state.records import Recorded

_Hour = dict[str, tuple[int, int]]
"""By entity: how many results there were, and for how long one spoke, in milliseconds."""


def unsupported_late(connection: sqlite3.Connection, records: Mapping[int, Recorded]) -> Iterator[str]:
    """Yield a sentence for each restatement that calls more time known than its results speak for.

    Hours that can't be read are left out: they are named where hours are looked at. Raises sqlite3.Error.
    """
    late = {seq: one for seq, one in records.items() if isinstance(one, Restatement)}
    if not late:
        return
    asked: defaultdict[int, list[int]] = defaultdict(list)
    wanted = {(hour_ms, seq) for seq, one in late.items() for hour_ms in _known_hours(one)}
    for hour_ms, seq in wanted:
        asked[hour_ms].append(seq)
    for seq, one in late.items():
        asked[one.since_ms - one.since_ms % HOUR_MS - HOUR_MS].append(seq)  # says for how long a result spoke before
    (newest,) = connection.execute("SELECT max(hour_ms) FROM coverage").fetchone()
    if newest is not None:
        asked[newest] += late
    unseen: defaultdict[int, int] = defaultdict(int)
    speaks: defaultdict[int, int] = defaultdict(int)
    for hour_ms, seqs in sorted(asked.items()):
        seen = _hour(connection, hour_ms)
        for seq in dict.fromkeys(seqs):
            count, stale_after_ms = ({} if seen is None else seen).get(late[seq].entity, (0, 0))
            speaks[seq] = max(speaks[seq], stale_after_ms)
            if seen is not None and not count and (hour_ms, seq) in wanted:
                unseen[seq] += HOUR_MS
    for seq, missing_ms in unseen.items():
        one = late[seq]
        if speaks[seq] and missing_ms > (one.results + 1) * speaks[seq]:
            yield (
                f"the restatement of record {seq:,} calls {one.entity} known for {missing_ms // HOUR_MS} h after "
                f"{from_ms(one.since_ms).strftime('%Y-%m-%dT%H:%M')} UTC that nobody saw then, and stands on "
                f"{one.results} results, of which one speaks for {speaks[seq] / 1000:g} s"
            )


def _known_hours(one: Restatement) -> list[int]:
    """Return the hours that a restatement calls up or down from end to end."""
    edges = [*one.states, (one.end_ms, "unknown")]
    gone = [(start, end) for (start, status), (end, _) in pairwise(edges) if status == "unknown"]
    first = -(-one.since_ms // HOUR_MS) * HOUR_MS
    whole = range(first, one.end_ms - HOUR_MS + 1, HOUR_MS)
    return [hour for hour in whole if not any(start < hour + HOUR_MS and hour < end for start, end in gone)]


def _hour(connection: sqlite3.Connection, hour_ms: int) -> _Hour | None:
    """Return what any poller saw in an hour; nothing where none wrote it, None where it is damaged."""
    found: _Hour = {}
    rows = connection.execute("SELECT poller, body FROM coverage WHERE hour_ms = ?", (hour_ms,)).fetchall()
    for poller, body in rows:
        try:
            packed = named = Packed(body)
            if packed.names_of_ms is not None:
                at = (packed.names_of_ms, poller)
                other = connection.execute("SELECT body FROM coverage WHERE hour_ms = ? AND poller = ?", at).fetchone()
                if other is None:
                    return None
                named = Packed(other[0])
            columns = zip(named.names(), packed.column("count"), packed.column("stale_after"), strict=True)
            for name, count, stale_after_ms in columns:
                before = found.get(name, (0, 0))
                found[name] = (before[0] + count, max(before[1], stale_after_ms))
        except ValueError:
            return None
    return found
