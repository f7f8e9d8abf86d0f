"""Unknown senders: who sends traps or syslog and is no device of the inventory. Counted and listed, never believed."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.event import EventKind, clean
from noc.state.tables import sender

SENDERS_AT_MOST: Final = 1_000
"""Addresses that are listed; of more the one that was silent for longest makes room."""

SAMPLE_AT_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Sender:
    """An unknown sender. sample: what it sent last, cut. Times in milliseconds of the Unix epoch."""

    address: str
    kind: EventKind
    first_ms: int
    last_ms: int
    count: int
    sample: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What the database is to be told of the list."""

    senders: tuple[Sender, ...]
    gone: tuple[tuple[str, EventKind], ...]


class UnknownSenders:
    """The list, in memory; `write` brings the database up to it. counted: messages since the start."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, EventKind], Sender] = OrderedDict()
        self._changed: set[tuple[str, EventKind]] = set()
        self._gone: set[tuple[str, EventKind]] = set()
        self.counted = 0

    @property
    def changed(self) -> bool:
        """Return whether the database doesn't know all."""
        return bool(self._changed or self._gone)

    async def load(self, connection: AsyncConnection) -> None:
        """Take up what was known before a restart."""
        self._known.clear()
        for row in await connection.execute(select(sender).order_by(sender.c.last_ms)):
            one = Sender(*row)
            self._known[one.address, one.kind] = one

    def take(self, address: str, kind: EventKind, sample: str, at_ms: int) -> bool:
        """Count a message of an unknown sender; True: it is the first one."""
        self.counted += 1
        key = (address, kind)
        known = self._known.get(key)
        said = clean(sample, SAMPLE_AT_MOST)
        if known is None:
            self._known[key] = Sender(address, kind, at_ms, at_ms, 1, said)
            while len(self._known) > SENDERS_AT_MOST:
                oldest, _ = self._known.popitem(last=False)
                self._changed.discard(oldest)
                self._gone.add(oldest)
        else:
            self._known[key] = replace(known, last_ms=at_ms, count=known.count + 1, sample=said)
            self._known.move_to_end(key)
        self._changed.add(key)
        return known is None

    def changes(self) -> Changes:
        """Return what the database doesn't know."""
        return Changes(tuple(self._known[key] for key in self._changed), tuple(self._gone))

    def written(self, changes: Changes) -> None:
        """Say that changes are on disk; what has changed once more meanwhile is still to be written."""
        for one in changes.senders:
            if self._known.get((one.address, one.kind)) is one:
                self._changed.discard((one.address, one.kind))
        self._gone.difference_update(changes.gone)


async def write(connection: AsyncConnection, changes: Changes) -> None:
    """Bring the database up to the list."""
    for address, kind in {*((one.address, one.kind) for one in changes.senders), *changes.gone}:
        await connection.execute(delete(sender).where(sender.c.address == address, sender.c.kind == kind))
    if changes.senders:
        fields = Sender.__dataclass_fields__
        rows = [{name: getattr(one, name) for name in fields} for one in changes.senders]
        await connection.execute(sender.insert(), rows)


async def page(connection: AsyncConnection, *, after: tuple[str, str] | None = None, limit: int = 100) -> list[Sender]:
    """Return unknown senders by address and kind, those behind `after`."""
    wanted = select(sender).order_by(sender.c.address, sender.c.kind).limit(limit)
    if after is not None:
        address, kind = after
        same = (sender.c.address == address) & (sender.c.kind > kind)
        wanted = wanted.where((sender.c.address > address) | same)
    return [Sender(*row) for row in await connection.execute(wanted)]
