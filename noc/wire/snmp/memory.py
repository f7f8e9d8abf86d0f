"""What is remembered of agents between conversations, by address and port: engine, round trip, size of answers.

Only what makes the next conversation shorter. Who forgets it all loses round trips, nothing else.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from noc.model.reading import Engine, SnmpLine
from noc.wire.snmp.model import Agent
from noc.wire.snmp.roundtrip import RoundTrip
from noc.wire.snmp.sizes import Sizes

AGENTS_AT_MOST: Final = 30_000

REPETITIONS: Final = (24, 6, 1)
"""max-repetitions of GETBULK, from the first try to the last resort."""

GROW_AFTER: Final = 50
"""Walks that went well, after which larger answers are tried again."""

WINDOW_S: Final = 150
"""Seconds that two clocks of an engine may differ (RFC 3414, section 2.2.3)."""


@dataclass(slots=True)
class EngineClock:
    """An SNMPv3 engine. at_s: the moment, of the loop's clock, at which its own clock showed this time."""

    engine_id: bytes
    boots: int
    time_s: int
    at_s: float

    def now_s(self, at_s: float) -> int:
        """Return what the engine's clock shows now."""
        return max(0, self.time_s + int(at_s - self.at_s))

    def agrees(self, other: EngineClock, at_s: float) -> bool:
        """Return whether two clocks are of one engine that was not started anew between."""
        same = self.engine_id == other.engine_id and self.boots == other.boots
        return same and abs(self.now_s(at_s) - other.now_s(at_s)) <= WINDOW_S

    def seen(self, at_s: float) -> Engine:
        """Return what is told of it in a Reading."""
        return Engine(self.engine_id.hex(), self.boots, self.now_s(at_s))


@dataclass(slots=True)
class AgentMemory:
    """What is remembered of one agent."""

    engine: EngineClock | None = None
    round_trip: RoundTrip = field(default_factory=RoundTrip)
    repetitions: tuple[int, ...] = REPETITIONS
    walks: int = 0
    sizes: Sizes = field(default_factory=Sizes)

    @property
    def unshrunk(self) -> bool:
        """Return whether walks may ask for as much as fits: nothing of that got lost of late."""
        return len(self.repetitions) == len(REPETITIONS)

    def line(self, agent: Agent, objects: int) -> SnmpLine | None:
        """Return how the agent is reached; None where it never answered. objects: that it is asked for at once."""
        known = self.round_trip
        if not known.mean_s:
            return None
        wait_s = known.wait_s(agent.timeout_s, last=agent.retries < 1 or not agent.soon)
        return SnmpLine(known.mean_s, wait_s, self.sizes.octets, objects)

    def shrink(self) -> None:
        """Ask for smaller answers of walks from now on: larger ones got lost."""
        self.walks = 0
        if len(self.repetitions) > 1:
            self.repetitions = self.repetitions[1:]

    def went_well(self) -> None:
        """Count a walk; after some, larger answers are tried again."""
        if not self.unshrunk:
            self.walks += 1
            if self.walks >= GROW_AFTER:
                self.walks = 0
                self.repetitions = REPETITIONS[-len(self.repetitions) - 1 :]


class Memory:
    """Remembers agents; the one that was asked longest ago is forgotten first."""

    def __init__(self) -> None:
        self._agents: OrderedDict[tuple[str, int], AgentMemory] = OrderedDict()

    def __len__(self) -> int:
        return len(self._agents)

    def of(self, address: str, port: int) -> AgentMemory:
        """Return what is remembered of an agent, to be read and changed."""
        key = (address, port)
        known = self._agents.get(key)
        if known is None:
            known = self._agents[key] = AgentMemory()
            if len(self._agents) > AGENTS_AT_MOST:
                self._agents.popitem(last=False)
        self._agents.move_to_end(key)
        return known
