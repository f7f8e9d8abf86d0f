"""What an SNMP session is told and what it tells: agents, credentials, walks. No gufo-snmp, no socket."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from noc.model.reading import Raw
from noc.wire.snmp.sizes import OIDS
from noc.wire.snmpusers import Community, User


@dataclass(frozen=True, slots=True)
class Agent:
    """Where an agent is and how to talk to it.

    timeout_s: the wait for one answer, longer where the agent was slower before; retries: further tries after the
    first. soon: an agent that answers sooner is asked again sooner, too, where an answer is overdue. oids_per_request:
    objects that are asked for at once, unless the agent turns out to take fewer.
    octets_at_most: of a whole conversation on the wire, both ways; None where nothing bounds it. context: of v3, which
    of an agent's sets of objects is asked for (RFC 3411, section 3.3.1); v1 and v2c have none.
    """

    address: str
    credentials: Community | User
    port: int = 161
    timeout_s: float = 2.0
    retries: int = 2
    oids_per_request: int = OIDS
    octets_at_most: int | None = None
    soon: bool = True
    context: str = ""


class WalkEnd(StrEnum):
    """Why a walk stopped."""

    COMPLETE = "complete"  # the agent named an object behind the column
    END_OF_VIEW = "end of view"  # the agent says that nothing more exists
    LOOP = "loop"  # an object came twice
    LIMIT = "limit"  # MAX_ROWS
    GARBAGE = "garbage"  # a value that can't be decoded


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk of one column brought: (index, value) in the agent's order, and why it stopped."""

    rows: tuple[tuple[tuple[int, ...], Raw], ...]
    end: WalkEnd


class Fault(StrEnum):
    """Why an agent that has an object, as far as one can tell, does not give it."""

    ERROR = "error"  # an error-status of the agent: genErr, tooBig for this one object alone
    GARBAGE = "garbage"  # an answer that can't be decoded, or is larger than the 4 KiB that gufo-snmp reads
