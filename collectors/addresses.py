"""The addresses collector: which hardware addresses a switch has learnt on which port (BRIDGE-MIB, Q-BRIDGE-MIB).

The table is asked for by VLAN (RFC 4363, dot1qTpFdbPort), else without (RFC 4188, dot1dTpFdbPort); of Cisco's switches,
which have one such table for each VLAN, by `community@vlan`, with SNMPv3 by the context `vlan-7`. It is kept for ports
with few addresses alone: of a port with more, only that it has more is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from collectors._ports import Collector, Doors, Target
from noc.model.forwarding import ADDRESSES_AT_MOST, AGGREGATES, PORT_ADDRESSES, PORT_COUNTS
from noc.model.reading import Failure, FailureKind, Index, PartFailure, Reading, Row, SnmpAnswer
from noc.wire.errors import WireError
from noc.wire.snmp import Agent, Community, SnmpSession, SpentError, WalkEnd

PORT_IF_INDEX: Final = "1.3.6.1.2.1.17.1.4.1.2"
"""dot1dBasePortIfIndex (RFC 4188)."""

FDB_PORT: Final = "1.3.6.1.2.1.17.4.3.1.2"
"""dot1dTpFdbPort (RFC 4188): the index is the address."""

VLAN_FDB_PORT: Final = "1.3.6.1.2.1.17.7.1.2.2.1.2"
"""dot1qTpFdbPort (RFC 4363): the index is the database's number and the address."""

VLAN_STATE: Final = "1.3.6.1.4.1.9.9.46.1.3.1.1.2"
"""vtpVlanState (CISCO-VTP-MIB): the index is the domain and the VLAN."""

AGGREGATE: Final = "1.2.840.10006.300.43.1.2.1.1.13"
"""dot3adAggPortAttachedAggID (IEEE 802.3ad): of a member, by its ifIndex, the port that it is a part of; 0: of none."""

ROWS_AT_MOST: Final = 5_000
"""Addresses of a switch beyond which its table is not looked at: a third of a megabyte on the wire."""

PORTS_AT_MOST: Final = 2_000
OCTETS_AT_MOST: Final = 1_000_000
"""Of one look, both ways."""

VLANS_AT_MOST: Final = 32
_OWN_VLANS: Final = frozenset({1, *range(1_002, 1_006)})
"""VLAN 1 is what a community alone shows; the others are of Token Ring and FDDI, and have no ports."""

_MAC_OCTETS: Final = 6


def build(doors: Doors) -> Collector:
    """Return the collector."""
    return Addresses(doors)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Reads the forwarding table of a switch."""

    doors: Doors

    async def collect(self, target: Target) -> Reading:
        """Ask for ports and addresses. What a switch doesn't have, it says nothing of: that is no failure."""
        clock, device = self.doors.clock, target.device
        if target.snmp is None:
            raise ValueError(f"device '{device.id}' has no SNMP credentials")
        started_at, started = clock.now(), clock.monotonic()
        watch, address, granted = device.watch, str(device.address), target.grant.octets
        octets = OCTETS_AT_MOST if granted is None else granted
        agent = Agent(address, target.snmp, device.snmp_port, watch.timeout.total_seconds(), watch.retries)
        look = _Look(self.doors, replace(agent, octets_at_most=octets))
        failure: Failure | None = None
        try:
            async with asyncio.timeout(target.check.deadline_s):
                await look.run()
        except TimeoutError:
            reason = f"{address}: its table of addresses was not read in {target.check.deadline_s:g} s"
            failure = Failure(FailureKind.TIMEOUT, reason)
        except SpentError as error:
            reason = f"{address}: its table of addresses takes more than {octets:,} octets"
            failure = Failure(error.kind, reason if granted is None else target.grant.reason)
        except WireError as error:
            failure = error.failure
        return Reading(
            check="addresses",
            address=address,
            poller=self.doors.poller,
            started_at=started_at,
            duration_s=clock.monotonic() - started,
            failure=failure,
            parts=tuple(look.parts),
            snmp=None if failure else look.answer(),
            octets=look.octets,
        )


@dataclass(slots=True)
class _Look:
    """One look. found: by ifIndex of the port, its addresses. members: of others, by ifIndex.

    broken: a table can't be told whole. octets: that it took on the wire.
    """

    doors: Doors
    agent: Agent
    found: dict[int, set[Index]] = field(default_factory=dict)
    parts: list[PartFailure] = field(default_factory=list)
    members: dict[int, int] = field(default_factory=dict)
    broken: bool = False
    octets: int = 0

    async def run(self) -> None:
        """Read what there is. Raises WireError when the agent does not answer."""
        session = SnmpSession(self.agent, self.doors.agents)
        try:
            await session.open()
            ports = await self._ports(session)
            if ports:
                walk = await session.walk(AGGREGATE, PORTS_AT_MOST)
                self.members = {index[-1]: value for index, value in walk.rows if isinstance(value, int) and value > 0}
            if not ports or await self._table(session, VLAN_FDB_PORT, ports):
                return
            await self._table(session, FDB_PORT, ports)
            vlans = [] if self.broken else await self._vlans(session)
        finally:
            self.octets += session.octets
            session.close()
        for vlan in vlans:
            if not await self._of_vlan(vlan):
                return

    def answer(self) -> SnmpAnswer:
        """Return how many addresses each port has, and those of ports with few. Half a table says nothing: addresses
        that were always there would look new.
        """
        found = {} if self.broken else dict(sorted(self.found.items())[:PORTS_AT_MOST])
        counts: dict[Index, Row] = {(port,): {"addresses": len(addresses)} for port, addresses in found.items()}
        few: dict[Index, Row] = {
            (port, *address): {"port": port}
            for port, addresses in found.items()
            if len(addresses) <= ADDRESSES_AT_MOST
            for address in sorted(addresses)
        }
        members: dict[Index, Row] = {(port,): {"aggregate": whole} for port, whole in self.members.items()}
        return SnmpAnswer("", {}, {PORT_COUNTS: counts, PORT_ADDRESSES: few, AGGREGATES: members})

    async def _ports(self, session: SnmpSession) -> dict[int, int]:
        """Return the ifIndex of each port of the bridge."""
        walk = await session.walk(PORT_IF_INDEX, PORTS_AT_MOST)
        ports = {index[0]: value for index, value in walk.rows if len(index) == 1 and isinstance(value, int)}
        for if_index in ports.values():
            self.found.setdefault(if_index, set())
        return ports

    async def _table(self, session: SnmpSession, column: str, ports: Mapping[int, int]) -> bool:
        """Read a table of addresses; return whether the agent has one. One that is too long, or broken, is told."""
        walk = await session.walk(column, ROWS_AT_MOST)
        if walk.end in (WalkEnd.LIMIT, WalkEnd.GARBAGE, WalkEnd.LOOP):
            self.broken = True
            reason = f"more than {ROWS_AT_MOST:,} addresses" if walk.end is WalkEnd.LIMIT else walk.end.value
            self.parts.append(PartFailure("table of addresses", f"not looked at: {reason}"))
            return True
        for index, port in walk.rows:
            if isinstance(port, int) and port in ports and len(index) >= _MAC_OCTETS:
                self.found.setdefault(ports[port], set()).add(index[-_MAC_OCTETS:])
        return bool(walk.rows)

    async def _vlans(self, session: SnmpSession) -> list[int]:
        """Return the VLANs of a switch that has a table for each; none where it can't be asked so."""
        if not await session.exists(VLAN_STATE):
            return []
        walk = await session.walk(VLAN_STATE, ROWS_AT_MOST)
        vlans = sorted({index[-1] for index, _ in walk.rows} - _OWN_VLANS)
        if len(vlans) > VLANS_AT_MOST:
            reason = f"{len(vlans)} VLANs, of which the first {VLANS_AT_MOST} are looked at"
            self.parts.append(PartFailure("table of addresses", reason))
        return vlans[:VLANS_AT_MOST]

    async def _of_vlan(self, vlan: int) -> bool:
        """Read the table of one VLAN; return whether to go on: not where the agent knows no such community, or context.

        Raises SpentError where the octets of the whole look are spent.
        """
        left = max(1, (self.agent.octets_at_most or 0) - self.octets)
        agent, known = replace(self.agent, octets_at_most=left, retries=0), self.agent.credentials
        if isinstance(known, Community):
            asked = replace(agent, credentials=replace(known, community=f"{known.community}@{vlan}"))
            session = SnmpSession(asked)
        else:  # the engine is the same, and known
            session = SnmpSession(replace(agent, context=f"vlan-{vlan}"), self.doors.agents)
        try:
            await session.open()
            await self._table(session, FDB_PORT, await self._ports(session))
        except SpentError:
            raise
        except WireError as error:
            self.parts.append(PartFailure(f"table of addresses of VLAN {vlan}", error.reason))
            return False
        finally:
            self.octets += session.octets
            session.close()
        return not self.broken
