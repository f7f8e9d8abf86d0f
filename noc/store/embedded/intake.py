"""From bodies to the rows of tables. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from noc.model.samples import Samples
from noc.model.series import Refusal
from noc.store._rows import DAY_MS, DEVICE, device_of, refusal, tags_of
from noc.store.embedded.kinds import Kind, split
from noc.store.embedded.memtable import Section
from noc.store.embedded.registry import Registry
from noc.wire import columns
from noc.wire.columns import Part

TOO_OLD: Final = "older than the retention of the store"
TOO_NEW: Final = "more than a day ahead of the clock"

AHEAD_MS: Final = DAY_MS
"""Numbers of later times are refused: one of them would pass for the newest of all until then."""


class Intake:
    """What one body brings. sections: rows for the memtable; refused: what will never be stored.

    oldest_ms, newest_ms: what is older or newer is refused. first_order: of the rows that come.
    """

    def __init__(self, registry: Registry, oldest_ms: int, newest_ms: int, first_order: int) -> None:
        self._registry = registry
        self._oldest_ms = oldest_ms
        self._newest_ms = newest_ms
        self._first_order = first_order
        self.sections: list[Section] = []
        self.refused: list[Refusal] = []

    def take(self, body: bytes) -> None:
        """Take a body. Raises BodyError."""
        for part in columns.unpack(body):
            if part.width and part.tag_keys:
                self._take(part, None)
            else:
                self._refuse_homeless(part)

    @property
    def values(self) -> int:
        """Return how many numbers there are to store."""
        return sum(int(np.count_nonzero(~np.isnan(section.values))) for section in self.sections)

    def _take(self, part: Part, order: int | None) -> None:
        kind = self._registry.kind(part.text, part.rows, part.tag_keys, part.fields)
        section = self._section(kind, part, order)
        late, early = section.times < self._oldest_ms, section.times > self._newest_ms
        for refused, reason in ((late, TOO_OLD), (early, TOO_NEW)):
            if refused.any():
                self._refuse(part, np.flatnonzero(refused).tolist(), reason)
        out = late | early
        odd = (section.numbers < 0) & ~out
        for place in np.flatnonzero(odd).tolist():
            self._take_split(part.samples(place), int(section.orders[place]))
        good = ~out & ~odd
        section = section if good.all() else section.only(good)
        if section.numbers.size:
            self.sections.append(section)

    def _section(self, kind: Kind, part: Part, order: int | None) -> Section:
        orders = np.frombuffer(part.orders, np.uint32).astype(np.int64) + self._first_order
        if order is not None:
            orders[:] = order
        values = np.frombuffer(part.values).reshape(len(part.times), part.width)
        infinite = np.isinf(values)
        if infinite.any():
            values = np.where(infinite, np.nan, values)
        numbers = self._registry.numbers(kind, part.heads)
        return Section(kind, numbers, np.frombuffer(part.times, np.int64), orders.astype(np.uint32), values)

    def _take_split(self, samples: Samples, order: int) -> None:
        """Take samples of several devices, of none, or with a series twice: as samples of one each."""
        for one in split(samples):
            if device_of(tags_of(one.tag_keys, one.tags[0])):
                for part in columns.unpack(columns.encode([one])):
                    self._take(part, order)
            else:
                self._note(refusal(one, f"a row has no tag '{DEVICE}'"))

    def _refuse(self, part: Part, places: list[int], reason: str) -> None:
        for place in places:
            self._note(refusal(part.samples(place), reason))

    def _refuse_homeless(self, part: Part) -> None:
        if part.width:
            self._refuse(part, list(range(len(part.heads))), f"a row has no tag '{DEVICE}'")

    def _note(self, refused: Refusal | None) -> None:
        if refused is not None:
            self.refused.append(refused)


def joined(sections: list[Section]) -> Iterator[Section]:
    """Yield the sections of several bodies, those of a kind as one."""
    by_kind: dict[int, list[Section]] = {}
    for section in sections:
        by_kind.setdefault(section.kind.number, []).append(section)
    for found in by_kind.values():
        if len(found) == 1:
            yield found[0]
            continue
        yield Section(
            found[0].kind,
            np.concatenate([section.numbers for section in found]),
            np.concatenate([section.times for section in found]),
            np.concatenate([section.orders for section in found]),
            np.concatenate([section.values for section in found]),
        )
