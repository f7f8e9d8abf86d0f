"""Tables of addresses over the wire: what switches tell, and from there to the change of a rule."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.rules.compiled import Rules
from alerts.rules.load import load_rules
from collectors._ports import Doors, Target
from collectors.addresses import ROWS_AT_MOST, build
from collectors.snmp import build as snmp
from noc.app.portwatch import PortWatch
from noc.app.ruletables import RuleTables
from noc.app.ruling import RuleGround, Ruling
from noc.clock import ManualClock, SystemClock
from noc.inventory.entities import Region
from noc.inventory.inventory import Inventory
from noc.inventory.shipped import shipped
from noc.inventory.values import Liveness
from noc.model.budget import Grant
from noc.model.check import Check
from noc.model.forwarding import Forwarding
from noc.model.incident import RuleTransition
from noc.model.reading import Reading
from noc.pipeline.ingest import Ingest, Ingested
from noc.pipeline.portaddresses import forwarding
from noc.pipeline.status import Statuses
from noc.state.database import Database
from noc.wire.ber import BerError, Oid, Pdu, Tag, Value, decode
from noc.wire.icmp import Pinger
from noc.wire.snmp import Community, User
from noc.wire.ssh import HostKeyFiles, HostKeys, Shell
from tests.agents.device import IFX_ENTRY
from tests.agents.device import device as objects
from tests.agents.polling import PROFILES
from tests.agents.snmp import Address, Agent, serving
from tests.live.conftest import RunningAgent, find_program, free_udp_port, running
from tests.live.recorded import NAMES, recorded
from tests.live.test_polling_known import Watched, polling
from tests.things import device, watch
from tests.unit.alerts.rules.things import SITE

pytestmark = pytest.mark.live

BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)
BASE_PORT: Oid = (1, 3, 6, 1, 2, 1, 17, 1, 4, 1, 2)
BY_VLAN: Oid = (1, 3, 6, 1, 2, 1, 17, 7, 1, 2, 2, 1, 2)
PLAIN: Oid = (1, 3, 6, 1, 2, 1, 17, 4, 3, 1, 2)
VLANS: Oid = (1, 3, 6, 1, 4, 1, 9, 9, 46, 1, 3, 1, 1, 2)
AGGREGATE: Oid = (1, 2, 840, 10006, 300, 43, 1, 2, 1, 1, 13)
LLDP_REMOTE: Oid = (1, 0, 8802, 1, 1, 2, 1, 4, 1, 1)
LLDP_LOCAL: Oid = (1, 0, 8802, 1, 1, 2, 1, 3, 7, 1)
Objects = dict[Oid, tuple[Tag, Value]]

KNOWN = (2, 0, 0, 0, 0, 1)
STRANGE = (2, 0, 0, 0, 0, 9)


def switch(uplink: set[tuple[int, ...]], access: int = 40) -> Objects:
    """Return a switch: port 2 leads to a neighbour by port 3, of which it is a member; on port 1 are people."""
    found: Objects = {**objects(3), **{(*BASE_PORT, 10 + port): (Tag.INTEGER, port) for port in (1, 3)}}
    found |= {(*BY_VLAN, 7, *address): (Tag.INTEGER, 13) for address in uplink}
    found |= {(*BY_VLAN, 7, 2, 0, 0, 1, 0, number): (Tag.INTEGER, 11) for number in range(access)}
    found[*AGGREGATE, 2] = (Tag.INTEGER, 3)
    found[*LLDP_LOCAL, 4, 5] = (Tag.OCTET_STRING, b"ifName of port 2")
    found[*LLDP_LOCAL, 3, 5] = (Tag.OCTET_STRING, b"ifName of port 2")
    for column, value in ((9, b"core"), (7, b"Gi9"), (5, b"core"), (8, b"Gi9")):
        found[*LLDP_REMOTE, column, 0, 5, 1] = (Tag.OCTET_STRING, value)
    return found


class Switches(Agent):
    """Serves a table for each VLAN by `community@vlan`, as Cisco's switches do."""

    def __init__(self, views: dict[bytes, Objects]) -> None:
        super().__init__(views[b"public"])
        self._views = views

    def datagram_received(self, data: bytes, address: Address) -> None:
        try:
            asked = decode(data)
        except BerError:
            return
        if isinstance(asked.pdu, Pdu) and asked.community in self._views:
            self.community = asked.community
            self.become(self._views[asked.community])
            super().datagram_received(data, address)


def doors(folder: Path) -> Doors:
    clock = SystemClock()
    shell = Shell(HostKeys(HostKeyFiles(folder / "known_hosts"), "accept-new"), clock)
    return Doors(clock, "here", PROFILES, Pinger(), shell)


def question(port: int, kind: str, community: str = "public", octets: int | None = None) -> Target:
    watched = watch(timeout=timedelta(milliseconds=400), retries=1)
    asked = device("sw", "127.0.0.1", watched, port)
    return Target(Check("device/sw", kind, 1_800, 60), asked, Community(community), grant=Grant(octets=octets))


async def look(folder: Path, port: int, community: str = "public", octets: int | None = None) -> Reading:
    return await build(doors(folder)).collect(question(port, "addresses", community, octets))


def told(reading: Reading) -> Forwarding:
    assert reading.failure is None
    found = forwarding(reading)
    assert found is not None
    return found


async def test_from_the_wire_to_the_rule_and_over_a_restart(tmp_path: Path) -> None:
    inventory = Inventory(
        {"africa": Region(id="africa", name="Africa")}, {"s": SITE}, {name: device(name) for name in ("sw", "core")}
    )
    rules, findings = load_rules([shipped("rules")])
    assert not findings
    new = Rules([rules["port-address-new"]])
    clock, put, database = ManualClock(BEGIN), list[RuleTransition](), Database(tmp_path / "state.sqlite3")
    await database.start()

    def made() -> tuple[PortWatch, Ruling]:
        ports = PortWatch(database, clock, lambda: inventory)
        ground = RuleGround(derived=RuleTables(lambda: inventory, lambda _: (), ports))
        return ports, Ruling(database, clock, new, lambda: inventory, "here", put.extend, ground)

    async def polled(ruling: Ruling, agent: Agent, after: timedelta) -> list[tuple[str, str]]:
        ingest = Ingest(PROFILES, Statuses(), lambda _: {})
        await clock.advance((BEGIN + after - clock.now()).total_seconds())
        for kind, ask in (("snmp", snmp), ("addresses", build)):
            target = question(agent.port, kind)
            reading = await ask(Doors(clock, "here", PROFILES, Pinger(), doors(tmp_path).shell)).collect(target)
            assert reading.failure is None
            ruling.take(target.check, ingest.take(target.check, reading))
        found, put[:] = [(one.entity, one.status) for one in put], []
        return found

    hour = timedelta(hours=1)
    async with serving(Agent(switch({KNOWN}))) as agent:
        ports, ruling = made()
        await ports.start()
        assert await polled(ruling, agent, timedelta()) == []
        agent.become(switch({KNOWN, (2, 0, 0, 0, 0, 2)}))
        assert await polled(ruling, agent, 23 * hour) == []
        await ports.stop()
        ports, ruling = made()
        await ports.start()
        assert await polled(ruling, agent, 25 * hour) == []
        agent.become(switch({KNOWN, STRANGE}, access=39))
        assert await polled(ruling, agent, 26 * hour) == [("device/sw", "raised")]
        agent.become(switch({KNOWN}))
        assert await polled(ruling, agent, 29 * hour) == []
        assert await polled(ruling, agent, 31 * hour) == [("device/sw", "cleared")]
        await ports.stop()
    await database.stop()


async def test_the_daemon_asks_on_a_rhythm_of_its_own(tmp_path: Path) -> None:
    class Heard(Watched):
        forwarding: Forwarding | None = None

        def told(self, check: Check | None, ingested: Ingested) -> None:
            self.forwarding = ingested.forwarding or self.forwarding
            super().told(check, ingested)

    asked = watch(
        poll_interval=timedelta(milliseconds=200),
        interval=timedelta(hours=1),
        timeout=timedelta(milliseconds=400),
        liveness=Liveness("tcp", 1),
        port_addresses=timedelta(hours=1),
    )
    async with serving(Agent(switch({KNOWN}))) as agent:
        heard = Heard(agent)
        async with polling(tmp_path, agent, heard, asked) as running:
            assert running.expedite("device/d:addresses")
            await heard.until(lambda: heard.forwarding is not None)
    assert heard.forwarding is not None
    assert heard.forwarding.ports[3] == frozenset({"02:00:00:00:00:01"})


async def test_ports_with_people_behind_them_are_counted_alone(tmp_path: Path) -> None:
    async with serving(Agent(switch({KNOWN}))) as agent:
        read = told(await look(tmp_path, agent.port))
    assert read.ports == {1: None, 3: frozenset({"02:00:00:00:00:01"})}
    assert read.aggregates == {2: 3}


async def test_a_table_that_is_too_long_is_not_told_by_half(tmp_path: Path) -> None:
    many: Objects = {(*BY_VLAN, 7, 2, 0, 0, 2, at >> 8, at & 255): (Tag.INTEGER, 13) for at in range(ROWS_AT_MOST + 10)}
    async with serving(Agent({**switch({KNOWN}), **many}, max_size=60_000)) as agent:
        reading = await look(tmp_path, agent.port)
    assert told(reading).ports == {}
    assert [part.reason for part in reading.parts] == [f"not looked at: more than {ROWS_AT_MOST:,} addresses"]


async def test_a_device_without_a_bridge_and_one_that_is_silent(tmp_path: Path) -> None:
    async with serving(Agent(objects(2))) as agent:
        reading = await look(tmp_path, agent.port)
        assert told(reading).ports == {}
        assert agent.requests <= 2
    async with serving(Agent(objects(2), community=b"other")) as agent:
        silent = await look(tmp_path, agent.port)
    assert silent.failure is not None
    assert silent.snmp is None


async def test_a_byte_budget_ends_it(tmp_path: Path) -> None:
    async with serving(Agent(switch({KNOWN}, access=250))) as agent:
        reading = await look(tmp_path, agent.port, octets=3_000)
    assert reading.failure is not None
    assert reading.octets is not None
    assert reading.octets <= 3_000


async def test_a_table_for_each_vlan(tmp_path: Path) -> None:
    plain: Objects = {**objects(3), (*BASE_PORT, 11): (Tag.INTEGER, 1), (*PLAIN, *KNOWN): (Tag.INTEGER, 11)}
    plain |= {(*VLANS, 1, vlan): (Tag.INTEGER, 1) for vlan in (1, 7, 8, 1_002)}
    seventh: Objects = {(*BASE_PORT, 12): (Tag.INTEGER, 2), (*PLAIN, *STRANGE): (Tag.INTEGER, 12)}
    seventh[*IFX_ENTRY, 1, 1] = (Tag.OCTET_STRING, b"x")
    async with serving(Switches({b"public": plain, b"public@7": seventh, b"public@8": objects(1)})) as agent:
        reading = await look(tmp_path, agent.port)
    assert told(reading).ports == {1: frozenset({"02:00:00:00:00:01"}), 2: frozenset({"02:00:00:00:00:09"})}
    assert reading.parts == ()


PROXY = """\
agentaddress udp:127.0.0.1:{port}
createUser alice SHA-256 "alice-auth-key" AES "alice-priv-key"
group readers usm alice
view all included .1
access readers "" usm priv exact all none none
access readers vlan- usm priv prefix all none none
proxy -v 2c -c public 127.0.0.1:{agent} .1.3.6.1.2.1.17
proxy -v 2c -c public 127.0.0.1:{agent} .1.3.6.1.4.1.9.9.46
proxy -Cn vlan-7 -v 2c -c public@7 127.0.0.1:{agent} .1.3.6.1.2.1.17
proxy -Cn vlan-8 -v 2c -c public@8 127.0.0.1:{agent} .1.3.6.1.2.1.17
"""
"""Debian's snmpd as a switch of Cisco's asked by SNMPv3: each VLAN has a context."""

MakeSwitch = Callable[[Iterable[int], dict[bytes, Objects]], Awaitable[int]]
"""Makes an agent of VLANs and their tables, and returns its port."""

ALICE = User("alice", "SHA-256", "alice-auth-key", "AES-128", "alice-priv-key")


def of_vlan(port: int, *addresses: tuple[int, ...]) -> Objects:
    """Return a table of one VLAN: a port of the bridge, by its ifIndex, and the addresses learnt there."""
    found: Objects = {(*BASE_PORT, 10 + port): (Tag.INTEGER, port)}
    return found | {(*PLAIN, *address): (Tag.INTEGER, 10 + port) for address in addresses}


@pytest.fixture
async def contexts(tmp_path: Path) -> AsyncIterator[MakeSwitch]:
    """Give agents that have a table for each VLAN, by a context of SNMPv3; each is ended with the test."""
    async with AsyncExitStack() as stack:

        async def made(vlans: Iterable[int], views: dict[bytes, Objects]) -> int:
            plain = {**of_vlan(1, KNOWN), **{(*VLANS, 1, vlan): (Tag.INTEGER, 1) for vlan in vlans}}
            agent = await stack.enter_async_context(serving(Switches({b"public": plain, **views})))
            port, settings = free_udp_port(), tmp_path / "snmpd.conf"
            settings.write_text(PROXY.format(port=port, agent=agent.port))
            env = {**os.environ, "SNMP_PERSISTENT_DIR": str(tmp_path), "SNMPCONFPATH": str(tmp_path)}
            command = [find_program("snmpd", "snmpd"), "-f", "-Lo", "-C", "-c", str(settings)]
            process = stack.enter_context(running(command, tmp_path / "snmpd.log", env))
            ask = doors(tmp_path), replace(question(port, "addresses"), snmp=ALICE)
            async with asyncio.timeout(30):
                while (await build(ask[0]).collect(ask[1])).failure is not None:
                    assert process.poll() is None
            return port

        yield made


async def by_v3(folder: Path, port: int, octets: int | None = None) -> Reading:
    asked = replace(question(port, "addresses", octets=octets), snmp=ALICE)
    # What is asked twice costs octets, too: nothing is, also on a busy machine.
    asked = replace(
        asked, device=replace(asked.device, watch=replace(asked.device.watch, timeout=timedelta(seconds=5)))
    )
    return await build(doors(folder)).collect(asked)


async def test_a_table_for_each_vlan_by_contexts_of_v3(contexts: MakeSwitch, tmp_path: Path) -> None:
    views = {b"public@7": of_vlan(2, STRANGE), b"public@8": of_vlan(3, (2, 0, 0, 0, 0, 8))}
    port = await contexts((1, 7, 8, 1_002), views)
    reading = await by_v3(tmp_path, port)
    assert told(reading).ports == {
        1: frozenset({"02:00:00:00:00:01"}),
        2: frozenset({"02:00:00:00:00:09"}),
        3: frozenset({"02:00:00:00:00:08"}),
    }
    assert reading.parts == ()


async def test_a_context_that_the_agent_does_not_have_is_told_and_ends_it(contexts: MakeSwitch, tmp_path: Path) -> None:
    port = await contexts((1, 7, 9, 10), {b"public@7": of_vlan(2, STRANGE)})
    reading = await by_v3(tmp_path, port)
    assert told(reading).ports == {1: frozenset({"02:00:00:00:00:01"}), 2: frozenset({"02:00:00:00:00:09"})}
    (part,) = reading.parts
    assert part.what == "table of addresses of VLAN 9"


async def test_octets_bound_all_vlans_together(contexts: MakeSwitch, tmp_path: Path) -> None:
    many = [(2, 0, 0, 0, 3, number) for number in range(250)]
    views = {b"public@7": of_vlan(2, *many), b"public@8": of_vlan(3, *many)}
    port = await contexts((1, 7, 8), views)
    whole = await by_v3(tmp_path, port)
    assert whole.failure is None
    assert whole.octets is not None
    reading = await by_v3(tmp_path, port, octets=whole.octets - 3_000)
    assert reading.failure is not None, "half of the tables say nothing"
    assert reading.octets is not None
    assert reading.octets <= whole.octets - 3_000


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name in ("ios_ie1000", "arubaos-cx_10.10", "routeros", "nxos_n3k-3064pq")]
)
async def test_recorded_switches(name: str, snmpsim: RunningAgent, tmp_path: Path) -> None:
    read = told(await look(tmp_path, snmpsim.port, name))
    file = recorded(name)
    ports = {index[0]: port for index, port in file.column(dotted(BASE_PORT)).items() if isinstance(port, int)}
    wanted: dict[int, set[str]] = {port: set() for port in ports.values()}
    for index, port in (file.column(dotted(BY_VLAN)) or file.column(dotted(PLAIN))).items():
        if port in ports:
            wanted[ports[port]].add(":".join(f"{octet:02x}" for octet in index[-6:]))
    assert read.ports == {port: frozenset(one) if len(one) <= 32 else None for port, one in wanted.items()}
    assert any(wanted.values())


def dotted(oid: Oid) -> str:
    return ".".join(map(str, oid))
