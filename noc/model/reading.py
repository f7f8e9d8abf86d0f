"""Readings: what one check brought back, or how it failed. Raw; a failure is data, not an exception."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from noc.model.command import Platform
from noc.model.replies import Reply

Raw = None | str | bytes | int | float
"""A value as the wire gave it: OCTET STRING is bytes, OBJECT IDENTIFIER and IpAddress are dotted text."""

Index = tuple[int, ...]
"""The index of a table row: the sub-identifiers behind the column's OID."""

Row = Mapping[str, Raw]
"""Column name to value; a column that the agent doesn't give is absent."""


class FailureKind(StrEnum):
    """How a check failed."""

    TIMEOUT = "timeout"
    REFUSED = "refused"
    AUTH = "auth"
    PROTOCOL = "protocol"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why nothing, or not all, came back. reason: a sentence for an operator. ours: noc itself could not ask.

    What is ours says nothing of what was asked, and is never told as a result.
    """

    kind: FailureKind
    reason: str
    ours: bool = False


@dataclass(frozen=True, slots=True)
class PartFailure:
    """One part of a reading that is missing. what: the table or object; reason: a sentence for an operator."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class SnmpAnswer:
    """What an SNMP agent answered.

    scalars: object name to value. tables: table name to rows by index. profile: the name of the profile that asked.
    ages_s: objects that were not asked for this time, with the seconds since their values were read.
    """

    profile: str
    scalars: Mapping[str, Raw] = field(default_factory=dict)
    tables: Mapping[str, Mapping[Index, Row]] = field(default_factory=dict)
    ages_s: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of a table that have the same columns, by name. octets: the longest value of each column, rounded up.

    Scalars are one row with the index `()`.
    """

    columns: tuple[str, ...]
    rows: tuple[Index, ...]
    octets: tuple[int, ...]


Cells = Mapping[str, tuple[Block, ...]]
"""Table name to what it has; scalars stand under the name `""`."""


@dataclass(frozen=True, slots=True)
class Known:
    """What an agent has, as a discovery found it: the next polls ask for exactly that, without looking for rows.

    valid: polls may go by it; else it only tells the next discovery what to expect. named: the profile was named, not
    found. identity: sysObjectID and sysDescr. uptime: sysUpTime as last read. marks: objects that change when rows come
    or go, by OID. cells: what is asked for. gone: what was there before and has vanished since the last discovery that
    was due; asked for too, as it may come back. parts: what the agent did not give then, for a fault of its own.
    oids_per_request: so many objects it takes in one question. left_out: there too, and not asked for this time: the
    values are still good.
    """

    profile: str
    named: bool
    discovered_at: datetime
    valid: bool
    identity: tuple[Raw, Raw]
    uptime: Raw
    marks: Mapping[str, Raw]
    cells: Cells
    gone: Cells = field(default_factory=dict)
    parts: tuple[PartFailure, ...] = ()
    oids_per_request: int = 0
    left_out: Cells = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Engine:
    """The SNMPv3 engine that answered, proved by its digest: its id in hexadecimal, how often it was started, and the
    seconds since then (RFC 3414, section 2.2).
    """

    id: str
    boots: int
    time_s: int


@dataclass(frozen=True, slots=True)
class SnmpLine:
    """The line to an SNMP agent, as its answers of late tell. rtt_s: how long one takes, smoothed. wait_s: after so
    long without an answer a question is asked again. octets: of varbinds, and objects: so many it asks for at most.
    """

    rtt_s: float
    wait_s: float
    octets: int
    objects: int


@dataclass(frozen=True, slots=True)
class PingAnswer:
    """A burst of echo requests. rtts_s: round-trip seconds of each, in the order of sending; None where none came."""

    rtts_s: tuple[float | None, ...]

    @property
    def received(self) -> int:
        """Return how many replies came in time."""
        return sum(rtt is not None for rtt in self.rtts_s)


@dataclass(frozen=True, slots=True)
class ConnectAnswer:
    """A TCP connection that was accepted. connect_s: the time until then."""

    port: int
    connect_s: float


CliRow = Mapping[str, str | tuple[str, ...]]
"""One row of what a command printed: column, in small letters, to text or the texts of a list."""


@dataclass(frozen=True, slots=True)
class SshAnswer:
    """What a command printed. text: clean, 1 MiB at most. duration_s: of the command alone, without the log-in.

    rows: of its table, where it was read as one; None where nobody asked for rows, or it couldn't be.
    """

    platform: Platform
    command: str
    text: str
    duration_s: float
    rows: tuple[CliRow, ...] | None = None


@dataclass(frozen=True, slots=True)
class HostKeyChange:
    """A server showed another host key than the known one. Both as `ssh-ed25519 SHA256:…`."""

    known: str
    shown: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one check brought back.

    check: the collector's name. poller: who asked. started_at: wall time in UTC; duration_s: until the last answer.
    failure: set when the check as a whole failed; parts: what is missing of a check that did not.
    known: what is known of the agent from now on; None where nothing new is. profile: by which the answers of ssh are
    read; empty where they are text alone. ssh: in the order of asking, of one log-in; None where none was asked.
    reply: of an end point. octets: on the wire, both ways, with all headers; None where nobody counted them. engine: of
    SNMPv3, where one proved itself. line: to an SNMP agent; None where that is not known, or nothing new.
    """

    check: str
    address: str
    poller: str
    started_at: datetime
    duration_s: float
    failure: Failure | None = None
    parts: tuple[PartFailure, ...] = ()
    snmp: SnmpAnswer | None = None
    ping: PingAnswer | None = None
    connect: ConnectAnswer | None = None
    ssh: tuple[SshAnswer, ...] | None = None
    host_key: HostKeyChange | None = None
    profile: str = ""
    known: Known | None = None
    reply: Reply | None = None
    octets: int | None = None
    engine: Engine | None = None
    line: SnmpLine | None = None
