"""Polls of an agent by known rows, one after another, and agents whose rows come and go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from noc.model.reading import Known, Reading
from noc.wire.ber import Oid, PduType, Tag, Value
from tests.agents.device import (
    IF_COLUMNS,
    IF_ENTRY,
    IFX_COLUMNS,
    IFX_ENTRY,
    PROCESSOR_LOAD,
    cell,
)
from tests.agents.polling import poll, values, wanted
from tests.agents.snmp import Agent

IF_NUMBER: Oid = (1, 3, 6, 1, 2, 1, 2, 1, 0)
IF_TABLE_LAST_CHANGE: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 5, 0)
IF_SPEED, IF_IN_OCTETS, IF_ALIAS = (*IF_ENTRY, 5), (*IF_ENTRY, 10), (*IFX_ENTRY, 18)

WALKED = {(*IF_ENTRY, 2), (*IFX_ENTRY, 1), PROCESSOR_LOAD}
"""Columns that tell which rows there are."""

ROWS = 30
FAST = 13
"""Requests of a poll by known rows, all of them GETs: 643 objects, 48 at once or an Ethernet frame full."""

Objects = dict[Oid, tuple[Tag, Value]]


def marked(objects: Objects, changed_at: int = 100) -> Objects:
    """Add what tells whether the interfaces are still the same."""
    interfaces = sum(oid[:-1] == (*IF_ENTRY, 2) for oid in objects)
    return objects | {
        IF_NUMBER: (Tag.INTEGER, interfaces),
        IF_TABLE_LAST_CHANGE: (Tag.TIME_TICKS, changed_at),
    }


def without(objects: Objects, index: int) -> Objects:
    """Take an interface away."""
    entries = (IF_ENTRY, IFX_ENTRY)
    return {oid: held for oid, held in objects.items() if oid[-1] != index or oid[: len(oid) - 2] not in entries}


def with_row(objects: Objects, index: int) -> Objects:
    """Add an interface."""
    added: Objects = {}
    for entry, columns in ((IF_ENTRY, IF_COLUMNS), (IFX_ENTRY, IFX_COLUMNS)):
        for name, (column, tag) in columns.items():
            added[*entry, column, index] = (tag, cell(name, tag, index))
    return objects | added


@dataclass
class Polls:
    """Polls an agent again and again, as the daemon does: each with what is known from those before."""

    agent: Agent
    known: Known | None = None
    version: Literal["1", "2c"] = "2c"

    async def __call__(self, timeout_s: float = 0.3, deadline_s: float = 20.0) -> Reading:
        self.agent.asked.clear()
        reading = await poll(
            self.agent, known=self.known, version=self.version, timeout_s=timeout_s, deadline_s=deadline_s
        )
        self.known = reading.known or self.known
        return reading

    @property
    def looked(self) -> bool:
        """Return whether the last poll looked for rows."""
        return any(kind is not PduType.GET for kind, _ in self.agent.asked)

    @property
    def valid(self) -> bool:
        """Return whether the next poll goes by what is known."""
        return self.known is not None and self.known.valid


def assert_whole(reading: Reading, objects: Objects, profile: str = "generic") -> None:
    assert reading.failure is None
    assert reading.parts == ()
    assert values(reading) == wanted(objects, profile=profile)


async def discovered(agent: Agent) -> Polls:
    """Return polls of an agent that was discovered."""
    found = Polls(agent)
    await found()
    assert found.looked
    assert found.valid
    return found
