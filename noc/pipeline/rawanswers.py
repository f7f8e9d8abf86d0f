"""The last answer of each SNMP agent as the wire gave it, so that people can see what a judgement stands on. Pure.

Kept as bytes, about 2 kB a device, and never more than `AT_MOST` of them: then the device that was read longest ago is
forgotten first, and the next poll brings it back.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias, cast

from noc.inventory.profiles.compiled import Object, Profile
from noc.model.evidence import RawPoll, RawValue
from noc.model.instants import to_ms
from noc.model.reading import Index, Raw, Reading
from noc.pipeline.packed import FASTEST, pack, unpack

AT_MOST: Final = 64 * 1024 * 1024
"""Bytes of all answers together."""

_Kept: TypeAlias = tuple[int, float, str, str, dict[str, Raw], dict[str, dict[Index, dict[str, Raw]]], dict[str, float]]
"""Begun at, seconds, poller, profile, scalars, tables, ages."""


class RawAnswers:
    """Remembers the last answer of each device. at_most: bytes of all together."""

    def __init__(self, at_most: int = AT_MOST) -> None:
        self._at_most = at_most
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self.octets = 0

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, entity: str, reading: Reading) -> None:
        """Take a Reading; one without an answer by SNMP changes nothing, so that the last answer stays."""
        answer = reading.snmp
        if answer is None or reading.failure is not None:
            return
        tables = {name: {index: dict(row) for index, row in rows.items()} for name, rows in answer.tables.items()}
        whole: _Kept = (
            to_ms(reading.started_at),
            reading.duration_s,
            reading.poller,
            answer.profile,
            dict(answer.scalars),
            tables,
            dict(answer.ages_s),
        )
        self.forget(entity)
        data = self._kept[entity] = zlib.compress(pack(whole), FASTEST)
        self.octets += len(data)
        while self.octets > self._at_most:
            _, oldest = self._kept.popitem(last=False)
            self.octets -= len(oldest)

    def forget(self, entity: str) -> None:
        """Drop what is kept of a device."""
        known = self._kept.pop(entity, None)
        if known is not None:
            self.octets -= len(known)

    def of(self, entity: str, profiles: Mapping[str, Profile]) -> RawPoll | None:
        """Return the last answer of a device; None where it wasn't read, or is forgotten, or its profile is gone."""
        data = self._kept.get(entity)
        if data is None:
            return None
        at_ms, duration_s, poller, name, scalars, tables, ages_s = cast("_Kept", unpack(zlib.decompress(data)))
        profile = profiles.get(name)
        if profile is None:
            return None

        def read_ms(thing: str) -> int:
            return at_ms - round(ages_s.get(thing, 0.0) * 1000)

        found = [
            RawValue(one.name, one.oid if one.bare else f"{one.oid}.0", scalars[one.name], read_ms(one.name))
            for one in profile.scalars
            if one.name in scalars
        ]
        for table in profile.tables:
            for index, column, value in _cells(table.columns, tables.get(table.name, {})):
                oid = f"{column.oid}.{'.'.join(map(str, index))}"
                found.append(RawValue(column.name, oid, value, read_ms(column.name), table.name, index))
        return RawPoll(at_ms, duration_s, poller, name, tuple(found))


def _cells(columns: tuple[Object, ...], rows: Mapping[Index, Mapping[str, Raw]]) -> Iterator[tuple[Index, Object, Raw]]:
    for index in sorted(rows):
        row = rows[index]
        for column in columns:
            if column.name in row:
                yield index, column, row[column.name]
