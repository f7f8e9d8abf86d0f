"""The simulated world at the wire: polled by the real collector, judged by net-snmp, and gone without a trace."""

from __future__ import annotations

import asyncio
import os
import random
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import pytest

from collectors.snmp import SnmpTarget, collect
from noc.clock import SystemClock
from noc.inventory.layers import DeviceClass
from noc.inventory.profiles.load import load_profiles
from noc.inventory.shipped import shipped
from noc.model.errors import ReachError
from noc.model.reading import FailureKind
from noc.model.snapshot import Snapshot
from noc.pipeline.room_sensors import air_of, units_of
from noc.pipeline.snapshot import snapshot
from noc.simulator import models
from noc.simulator.agent import Agent
from noc.simulator.faults import Story
from noc.simulator.loopback import Wire
from noc.simulator.models import WAN_INTERFACE
from noc.simulator.run import WorldArguments
from noc.simulator.scenario import load_scenarios
from noc.simulator.scene import Scene
from noc.simulator.service import Simulator, SimulatorError
from noc.simulator.world import SimDevice, World, build
from noc.wire.snmp import Agent as Where
from noc.wire.snmp import Community, SnmpSession
from tests.live.conftest import find_program
from tests.surroundings import leave_out

pytestmark = pytest.mark.live

PROFILES, _ = load_profiles([shipped("profiles")])
CLOCK = SystemClock()
CHANCE = random.Random(1)  # noqa: S311 no secret
WORLD = build(60, 3000)
SYS_NAME = "1.3.6.1.2.1.1.5.0"
EXPECTED = {"router": "cisco-iosxe", "switch": "cisco-ios", "server": "net-snmp-linux", "storage": "net-snmp-linux"}
EXPECTED |= {"ups": "ups-mib", "satellite-modem": "uhp", "other": "apc-cooling"}


def now_ms() -> int:
    return int(CLOCK.now().timestamp() * 1000)


@contextmanager
def listening(
    world: World, delay_s: tuple[float, float] = (0.0, 0.001), loss: float = 0.0
) -> Iterator[tuple[Wire, int]]:
    """A quiet world in this process, with a satellite that is near."""
    scene = Scene(Story(world, load_scenarios(), 1, now_ms(), quiet=True), now_ms())
    wire = Wire(scene, Agent(scene, b"public"), CLOCK, CHANCE, delay_s, loss)
    port = wire.open()
    try:
        yield wire, port
    finally:
        wire.close()


def where(device: SimDevice, port: int, timeout_s: float = 2.0, community: str = "public") -> Where:
    return Where(str(device.address), Community(community), port, timeout_s=timeout_s, retries=1)


async def poll(device: SimDevice, port: int) -> Snapshot:
    reading = await collect(SnmpTarget(where(device, port), 30.0), PROFILES, CLOCK, "test")
    assert reading.failure is None
    assert reading.snmp is not None
    return snapshot(reading, PROFILES[reading.snmp.profile])


async def answers(device: SimDevice, port: int, timeout_s: float = 0.3) -> bool:
    reading = await collect(SnmpTarget(where(device, port, timeout_s), 5.0), PROFILES, CLOCK, "test")
    assert reading.failure is None or reading.failure.kind is FailureKind.TIMEOUT
    return reading.failure is None


def first(device_class: str, world: World = WORLD) -> SimDevice:
    """Return the first device of a class that is no modem with adaptive coding."""
    return next(one for one in world.devices if one.device_class == device_class and not adapts(one, world))


def adapts(device: SimDevice, world: World = WORLD) -> bool:
    site_class = world.place[device.site].site_class
    return models.model_of(device.device_class, site_class, device.number) == models.ACM_MODEM


@pytest.mark.parametrize("device_class", get_args(DeviceClass))
async def test_a_device_of_each_class_is_read_without_an_error(device_class: str) -> None:
    device = first(device_class)
    with listening(WORLD) as (_, port):
        taken, again = await poll(device, port), await poll(device, port)
    assert taken.errors == ()
    assert taken.device.sys_name == device.id
    assert taken.device.profile == EXPECTED.get(device_class, "generic")
    assert taken.device.uptime_s is not None
    assert taken.device.uptime_s > 86_400
    assert taken.interfaces
    assert all(one.wide and one.counters.in_octets is not None and one.mac for one in taken.interfaces)
    if device_class not in ("ups", "other"):
        assert taken.records["processors"]
    assert all(sensor.value is not None for sensor in taken.sensors)
    if device_class in ("router", "satellite-modem"):
        # Each is a line in use: 90 % of it would be an alarm in a world where all is well.
        before, after = (
            next(one for one in shot.interfaces if one.name in (WAN_INTERFACE, "sat0")) for shot in (taken, again)
        )
        assert before.counters.in_octets is not None
        assert after.counters.in_octets is not None
        assert after.counters.in_octets > before.counters.in_octets
    if device_class == "router":
        assert taken.records["ip_sla"][0]["tag"] == "brindisi"
        assert taken.records["bgp_peers"][0]["state"] == "established"
    if device_class == "satellite-modem":
        assert taken.satellite["rx_lock"] is True
        assert taken.satellite["state"] == "operation"
        assert isinstance(taken.satellite["snr_db"], int | float)
    if device_class == "ups":
        charge = next(sensor for sensor in taken.sensors if sensor.kind == "charge")
        assert charge.value == 100
    if device_class == "other":
        (unit,) = units_of(taken)
        assert (unit.is_running, unit.is_well) == (True, True)
        assert 0 < (unit.output_w or 0) <= (unit.demand_w or 0)
        air = [air_of(sensor, device_class) for sensor in taken.sensors if sensor.kind == "temperature"]
        assert sorted(map(str, air)) == ["return", "room", "supply"]
    if device_class == "switch":
        assert taken.records["neighbors"][0]["remote_name"] == WORLD.devices[WORLD.before[device.number][0]].id


@pytest.mark.parametrize("device_class", ["satellite-modem", "earth-station"])
async def test_a_modem_with_adaptive_coding_tells_its_modcod_and_noc_its_margin(device_class: str) -> None:
    modem = next(one for one in WORLD.devices if one.device_class == device_class and adapts(one))
    with listening(WORLD) as (_, port):
        taken = await poll(modem, port)
    assert (taken.device.profile, taken.errors) == ("newtec", ())
    assert all(sensor.value is not None for sensor in taken.sensors)
    told = taken.satellite
    assert (told["rx_lock"], told["tx_on"], told["buc_alarm"], told["lnb_alarm"]) == (True, True, False, False)
    assert told["standard"] == "dvb-s2"
    for key in ("es_n0_db", "eb_n0_db", "link_margin_db", "rx_level_dbm", "tx_power_dbm", "temperature_c"):
        assert isinstance(told[key], int | float), key


async def test_an_old_router_in_the_field_has_a_profile_of_its_own() -> None:
    old = next(
        device
        for device in WORLD.devices
        if device.device_class == "router" and device.number % 3 == 0 and WORLD.place[device.site].site_class == "field"
    )
    with listening(WORLD) as (_, port):
        taken = await poll(old, port)
    assert (taken.device.profile, taken.errors) == ("cisco-ios", ())


def snmp(program: str, *arguments: str, version: str = "2c") -> list[str]:
    """Run a tool of net-snmp and return its lines; OIDs are numeric."""
    path = find_program(program, "snmp")
    command = [path, f"-v{version}", "-c", "public", "-On", "-t", "2", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize("device_class", ["router", "ups", "satellite-modem", "server", "radio"])
async def test_net_snmp_reads_the_same_in_every_way(device_class: str) -> None:
    device = first(device_class)
    with listening(WORLD) as (wire, port):
        agent = f"{device.address}:{port}"
        walks = {}
        for name, program, version in (
            ("bulk", "snmpbulkwalk", "2c"),
            ("next", "snmpwalk", "2c"),
            ("v1", "snmpwalk", "1"),
        ):
            lines = await asyncio.to_thread(snmp, program, agent, ".1", version=version)
            walks[name] = [
                line.partition(" ")[0] for line in lines if "No more variables" not in line and re.match(r"\.1\.", line)
            ]
        (got,) = await asyncio.to_thread(snmp, "snmpget", agent, SYS_NAME)
        view = wire._scene.views[device.number]
    whole = ["." + ".".join(map(str, oid)) for oid in view.oids]
    assert walks["bulk"] == walks["next"] == whole
    assert walks["v1"] == [oid for oid, narrow in zip(whole, view.narrow, strict=True) if narrow]
    assert got == f'.{SYS_NAME} = STRING: "{device.id}"'


async def test_devices_over_satellite_answer_late_and_sometimes_not() -> None:
    modem, near = first("satellite-modem"), first("router")
    with listening(WORLD, delay_s=(0.55, 0.65)) as (wire, port):
        took = []
        for device in (near, modem):
            session = SnmpSession(where(device, port))
            await session.open()
            began = CLOCK.monotonic()
            assert await session.get([SYS_NAME]) == {SYS_NAME: device.id.encode()}
            took.append(CLOCK.monotonic() - began)
            session.close()
        assert took[0] < 0.3 < 0.55 <= took[1] < 1.5
        wire._loss = 1.0
        assert await answers(near, port)
        assert not await answers(modem, port, timeout_s=0.7)
        assert wire.tally.lost == 2


async def test_garbage_and_strangers_harm_nothing() -> None:
    router = first("router")
    with listening(WORLD) as (wire, port), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        noise = CHANCE
        for length in range(0, 1400, 7):
            sender.sendto(noise.randbytes(length), (str(router.address), port))
        sender.sendto(b"nobody lives here", ("127.99.99.99", port))
        session = SnmpSession(where(router, port, 0.3, "private"))
        await session.open()
        with pytest.raises(Exception, match="no answer"):
            await session.get([SYS_NAME])
        session.close()
        assert await answers(router, port)
        assert wire.tally.refused == 202
        assert wire.tally.unknown == 1
        tally = wire.tally
        rest = tally.foreign + tally.unknown + tally.silent + tally.lost + tally.refused + tally.shed + tally.answered
        assert tally.received == rest


async def test_only_loopback_is_answered() -> None:
    own = own_address()
    with listening(WORLD) as (wire, port):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.bind((own, 0))
            sender.sendto(b"not to loopback", (own, port))
            sender.sendto(b"not from loopback", (str(first("router").address), port))
        assert await answers(first("router"), port)
        assert wire.tally.foreign >= 1  # the first doesn't even come where SO_BINDTODEVICE works
        assert (wire.tally.refused, wire.tally.unknown) == (0, 0)


def own_address() -> str:
    """Return an address of this machine that is not loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            leave_out("an address beside loopback", "this machine has no route")
        return str(probe.getsockname()[0])


def test_a_port_that_is_taken_is_named() -> None:
    async def both() -> None:
        with listening(WORLD) as (wire, port):
            other = Wire(wire._scene, wire._agent, CLOCK, CHANCE)
            with pytest.raises(ReachError, match=rf"can't listen on UDP port {port}: address already in use"):
                other.open(port)

    asyncio.run(both())


SMALL = WorldArguments(sites=12, devices=60, quiet=True, begins_ms=1_780_000_000_000)


async def test_the_service_starts_a_world_and_hands_it_orders(tmp_path: Path) -> None:
    world = SMALL.world()
    router, modem = world.edges["nairobi"][0], first("satellite-modem", world)
    simulator = Simulator(SMALL, tmp_path)
    await simulator.start()
    try:
        assert simulator.running
        assert await answers(router, simulator.port)
        await simulator.fail("site/nairobi")
        assert not await answers(router, simulator.port)
        await simulator.restore("site/nairobi")
        assert await answers(router, simulator.port)
        await simulator.set(modem.entity, "es_n0_db", 4.1)
        session = SnmpSession(where(modem, simulator.port))
        await session.open()
        oid = "1.3.6.1.4.1.8000.22.2.1.0"
        assert await session.get([oid]) == {oid: 41}
        session.close()
        with pytest.raises(SimulatorError, match=r"no 'site/narobi' in this world \(did you mean 'site/nairobi'\?\)"):
            await simulator.fail("site/narobi")
        with pytest.raises(SimulatorError, match="no metric 'colour'"):
            await simulator.set("site/nairobi", "colour", 1.0)
    finally:
        pid = simulator.pid
        await simulator.stop()
    assert pid is not None
    assert not is_alive(pid)
    assert not simulator.running
    with pytest.raises(SimulatorError, match="not running"):
        await simulator.fail("site/nairobi")


async def test_a_world_that_can_not_be_says_why(tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match="5 devices for 12 sites: each site needs a router"):
        await Simulator(WorldArguments(sites=12, devices=5), tmp_path).start()


async def test_a_world_that_died_says_so(tmp_path: Path) -> None:
    simulator = Simulator(SMALL, tmp_path)
    await simulator.start()
    assert simulator.pid is not None
    os.kill(simulator.pid, signal.SIGKILL)
    with pytest.raises(SimulatorError, match=r"died|not running"):
        await simulator.fail("site/nairobi")
    await simulator.stop()


PARENT = """
import asyncio, sys
from pathlib import Path
from noc.simulator.run import WorldArguments
from noc.simulator.service import Simulator

async def main():
    simulator = Simulator(WorldArguments(sites=12, devices=60), Path(sys.argv[1]))
    await simulator.start()
    print(simulator.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_a_parent_that_is_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        watch = os.pidfd_open(child)
        parent.kill()
        parent.wait(10)
        ended, _, _ = select.select([watch], [], [], 10)
        os.close(watch)
        assert ended, "the world's process is still there"


async def test_sigterm_ends_it(tmp_path: Path) -> None:
    arguments = tmp_path / "arguments.json"
    arguments.write_text('{"sites": 3, "devices": 9}')
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "noc.simulator", str(arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert re.match(rb'{"ready": \d+, "ssh": \d+}\n', await process.stdout.readline())
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 10) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('{"sites": 0}', "sites: must be greater than or equal to 1"),
        ('{"site": 3}', "did you mean 'sites'?"),
        ("[", "arguments.json:2:1: error: not valid YAML"),
    ],
)
def test_wrong_arguments_are_refused_with_their_place(tmp_path: Path, arguments: str, message: str) -> None:
    path = tmp_path / "arguments.json"
    path.write_text(arguments)
    command = [sys.executable, "-m", "noc.simulator", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
