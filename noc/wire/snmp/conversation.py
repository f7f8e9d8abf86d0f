"""What links of all versions have in common: an exchange, whose figures they tell, and the word for no way there."""

from __future__ import annotations

from typing import Final

from noc.model.reading import FailureKind
from noc.wire.errors import WireError, is_ours
from noc.wire.snmp.exchange import Exchange
from noc.wire.snmp.memory import AgentMemory
from noc.wire.snmp.model import Agent

RECEIVE_BUFFER_BYTES: Final = 256 * 1024


class Conversation:
    """The part of a link that knows no version."""

    def __init__(self, agent: Agent, memory: AgentMemory) -> None:
        self._agent = agent
        self._memory = memory
        self._exchange = Exchange(agent, memory)

    @property
    def requests(self) -> int:
        """Return how many datagrams were sent."""
        return self._exchange.requests

    @property
    def octets(self) -> int:
        """Return how many octets went over the wire, both ways; of requests of v1 and v2c a near upper bound."""
        return self._exchange.octets

    @property
    def answered(self) -> bool:
        """Return whether an answer came at all."""
        return self._exchange.answered

    @property
    def unreadable(self) -> int:
        """Return how many answers in a row, up to the last one, could not be understood."""
        return self._exchange.unreadable

    @property
    def answer_octets(self) -> int:
        """Return the octets of the last answer, without headers."""
        return self._exchange.answer_octets

    @property
    def tries_in_doubt(self) -> int | None:
        """Return the tries for what the agent may lack: one where it is silent on such things, None for all."""
        return self._exchange.tries_in_doubt

    def _no_way(self, error: OSError) -> WireError:
        reason = (error.strerror or str(error)).lower()
        said = f"{self._agent.address}: no way to the device: {reason}"
        return WireError(FailureKind.REFUSED, said, ours=is_ours(error))
