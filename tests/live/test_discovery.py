"""Discovery against real agents: Debian's snmpd on several addresses, sshd, and agents that do wrong."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from noc.cli import main
from noc.clock import SystemClock
from noc.discovery.finder import Finder
from noc.discovery.identify import only_identity
from noc.discovery.probe import Manner, Prober
from noc.inventory.profiles.load import load_profiles
from noc.inventory.shipped import shipped
from noc.model.reading import FailureKind
from noc.wire.errors import WireError
from noc.wire.icmp import Pinger
from noc.wire.snmp import Community, User
from noc.wire.sshbanner import ssh_banner
from tests.agents.device import device
from tests.agents.faults import Damaged, Silent, garbage
from tests.agents.snmp import Agent, Fault, serving
from tests.live.conftest import find_program, free_udp_port, running, wait_for
from tests.live.ssh_server import SshServers

pytestmark = pytest.mark.live

CONF = """\
agentaddress {addresses}
rocommunity {community}
createUser noc SHA-256 "noc-auth-key-1" AES "noc-priv-key-1"
rouser noc priv
sysName {name}
sysLocation Nairobi, block D
sysObjectID 1.3.6.1.4.1.8072.3.2.10
exactEngineID 0x80001f8804{engine}
authtrapenable 1
"""

NOC_YAML = """\
state_dir: state
inventory: inventory
credentials:
  wrong: {{snmp: {{version: 2c, community: !secret file:wrong}}}}
  field: {{snmp: {{version: 2c, community: !secret file:right}}}}
  third: {{snmp: {{version: 3, user: noc, auth: SHA-256, auth_key: !secret file:auth, priv: AES-128,
                   priv_key: !secret file:priv}}}}
defaults: {{credentials: field, liveness: snmp, interval: 60s, timeout: 1s, retries: 1}}
discovery: {{snmp_port: {port}, timeout: 1s, exclude: [127.77.0.9], ssh_port: {ssh}}}
"""

SITES = """\
regions: {all: {name: All}}
sites:
  nairobi: {region: all, class: rtc, subnets: [127.77.0.0/28]}
  brindisi: {region: all, class: hub}
"""


@dataclass
class Said:
    """What a command printed."""

    stdout: str
    stderr: str


def said_by(*arguments: str, status: int = 0) -> Said:
    """Run a command; it must end with this status."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.setattr(sys, "argv", ["noc", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    assert (ended.value.code or 0) == status, (out.getvalue(), err.getvalue())
    return Said(out.getvalue(), err.getvalue())


@dataclass
class Town:
    """A configuration, and agents around it."""

    folder: Path
    port: int

    def noc(self, *arguments: str, status: int = 0) -> Said:
        """Run `noc discover` as a shell would, but here: profiles are compiled once."""
        return said_by("discover", *arguments, "-c", str(self.folder / "noc.yaml"), status=status)

    def proposals(self) -> dict[str, dict[str, object]]:
        """Return the new proposals by name."""
        found = json.loads(self.noc("list", "--json").stdout)
        return {one["sys_name"] or one["address"]: one for one in found}


# A shell starts what runs in the background deaf to SIGINT, and this test may run so.
PROGRAM = [
    *(sys.executable, "-c"),
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from noc.cli import main; main()",
]


def agent_on(
    stack: contextlib.ExitStack, folder: Path, name: str, port: int, *addresses: str, community: str = "right"
) -> None:
    """Start a snmpd on addresses."""
    program, here = find_program("snmpd", "snmpd"), folder / name
    here.mkdir()
    listening = ",".join(f"udp6:[{one}]:{port}" if ":" in one else f"udp:{one}:{port}" for one in addresses)
    engine = name.encode().hex()
    (here / "snmpd.conf").write_text(CONF.format(addresses=listening, name=name, community=community, engine=engine))
    env = {**os.environ, "SNMP_PERSISTENT_DIR": str(here), "SNMPCONFPATH": str(here)}
    command = [program, "-f", "-Lo", "-C", "-c", str(here / "snmpd.conf")]
    process = stack.enter_context(running(command, here / "log", env))
    wait_for(lambda: "NET-SNMP version" in (here / "log").read_text(errors="replace"), process, "snmpd", here / "log")


@pytest.fixture(scope="module")
def agents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """Agents nbo-rtr-1 (.1 and .6), nbo-sw-1 (.2), stranger (.3, by v3 alone); the ports of SNMP and of sshd at .5."""
    folder, port = tmp_path_factory.mktemp("agents"), free_udp_port()
    with contextlib.ExitStack() as stack:
        agent_on(stack, folder, "nbo-rtr-1", port, "127.77.0.1", "127.77.0.6")
        agent_on(stack, folder, "nbo-sw-1", port, "127.77.0.2", "::1")
        agent_on(stack, folder, "stranger", port, "127.77.0.3", community="other")
        servers = SshServers(tmp_path_factory.mktemp("sshd"), stack)
        sshd, _ = servers.start(settings=("ListenAddress 127.77.0.5",))
        yield port, sshd.port


@pytest.fixture
def town(agents: tuple[int, int], tmp_path: Path) -> Town:
    """A fresh configuration whose inventory knows nbo-rtr-1 alone."""
    port, ssh = agents
    (tmp_path / "noc.yaml").write_text(NOC_YAML.format(port=port, ssh=ssh))
    secrets = {"wrong": "wrong", "right": "right", "auth": "noc-auth-key-1", "priv": "noc-priv-key-1"}
    for name, secret in secrets.items():
        (tmp_path / name).write_text(f"{secret}\n")
    inventory = tmp_path / "inventory"
    inventory.mkdir()
    (inventory / "sites.yaml").write_text(SITES)
    (inventory / "devices.yaml").write_text(
        f"devices:\n  nbo-rtr-1: {{site: nairobi, address: 127.77.0.1, class: server, snmp_port: {port}}}\n"
    )
    return Town(tmp_path, port)


def test_a_sweep_finds_each_device_once_and_says_what_it_is(town: Town, agents: tuple[int, int]) -> None:
    done = json.loads(town.noc("127.77.0.0/28", "--json").stdout)
    assert (done["addresses"], done["finished"], done["answer_snmp"], done["in_inventory"]) == (13, True, 4, 1)
    found = town.proposals()
    assert set(found) == {"nbo-sw-1", "stranger", "127.77.0.5"}  # nbo-rtr-1 is known, at its other address too
    switch = found["nbo-sw-1"]
    assert (switch["profile"], switch["vendor"], switch["credentials"]) == ("net-snmp-linux", "net-snmp", "field")
    assert (switch["site"], switch["site_why"]) == ("nairobi", "is in the site's subnet 127.77.0.0/28")
    assert switch["engine_id"] == f"80001f8804{b'nbo-sw-1'.hex()}"
    assert found["stranger"]["credentials"] == "third"
    banner = found["127.77.0.5"]
    assert str(banner["banner"]).startswith("SSH-2.0-OpenSSH")
    assert banner["answers"] == ["icmp", "ssh"]


def test_ipv6_is_swept_alike(town: Town) -> None:
    done = json.loads(town.noc("::1", "2001:db8:ffff::/126", "--json").stdout)
    assert (done["addresses"], done["asked"]) == (5, 5)
    found = town.proposals()["nbo-sw-1"]
    assert (found["address"], found["profile"]) == ("::1", "net-snmp-linux")
    town.noc("accept", str(found["id"]), "--site", "brindisi", "--id", "six")
    assert (
        yaml.safe_load((town.folder / "inventory" / "discovered.yaml").read_text())["devices"]["six"]["address"]
        == "::1"
    )
    town.noc("2001:db8::/64", "--force", status=2)


def test_accepting_writes_what_noc_check_finds_right(town: Town) -> None:
    town.noc("127.77.0.2-127.77.0.3")
    found = town.proposals()
    numbers = [str(found[name]["id"]) for name in ("nbo-sw-1", "stranger")]
    town.noc("accept", *numbers, "--class", "switch", "--by", "achieng")
    written = yaml.safe_load((town.folder / "inventory" / "discovered.yaml").read_text())["devices"]
    common = {"site": "nairobi", "class": "switch", "snmp_port": town.port}
    assert written["nbo-sw-1"] == {"address": "127.77.0.2", **common}
    assert written["stranger"] == {"address": "127.77.0.3", **common, "credentials": "third"}
    said_by("check", "-c", str(town.folder / "noc.yaml"))
    assert town.proposals() == {}
    assert json.loads(town.noc("127.77.0.2-127.77.0.3", "--json").stdout)["in_inventory"] == 2
    assert town.proposals() == {}


def test_what_noc_check_finds_wrong_is_withdrawn(town: Town) -> None:
    town.noc("127.77.0.2")
    number = str(town.proposals()["nbo-sw-1"]["id"])
    path = town.folder / "inventory" / "discovered.yaml"
    path.write_text("# ours\ndevices:\n  old: {site: nairobi, address: 127.77.0.7, class: router}\n")
    before = path.read_text()
    sites = town.folder / "inventory" / "sites.yaml"
    # A site whose defaults make a device without SNMP liveness an error shows only when a device stands there.
    sites.write_text(f"{SITES}  empty: {{region: all, class: hub, defaults: {{interval: 60s, stale_after: 30s}}}}\n")
    done = town.noc("accept", number, "--site", "empty", status=2)
    assert "stale_after" in done.stderr
    assert path.read_text() == before
    assert town.proposals()["nbo-sw-1"]["state"] == "new"
    town.noc("accept", number)
    assert path.read_text().startswith(before)


def test_an_inventory_that_is_wrong_already_is_not_touched(town: Town) -> None:
    town.noc("127.77.0.2")
    (town.folder / "inventory" / "more.yaml").write_text("devices: {x: {site: nowhere}}\n")
    town.noc("accept", "1", status=2)
    assert not (town.folder / "inventory" / "discovered.yaml").exists()


def test_ignored_is_not_proposed_again_but_can_be_accepted(town: Town) -> None:
    town.noc("127.77.0.2")
    town.noc("ignore", "1")
    town.noc("127.77.0.2")
    assert town.proposals() == {}
    assert [one["id"] for one in json.loads(town.noc("list", "--state", "ignored", "--json").stdout)] == [1]
    town.noc("accept", "1")
    assert "already" in town.noc("accept", "1", status=2).stderr
    town.noc("ignore", "7", status=2)


def test_drift_shows_what_changed_and_goes_when_people_agree(town: Town) -> None:
    inventory = town.folder / "inventory"
    (inventory / "more.yaml").write_text(
        "devices:\n"
        f"  edge: {{site: nairobi, address: 127.77.0.2, class: switch, snmp_port: {town.port}}}\n"
        f"  gone: {{site: nairobi, address: 127.77.0.12, class: switch, snmp_port: {town.port}}}\n"
        f"  twin: {{site: nairobi, address: 127.77.0.6, class: server, snmp_port: {town.port}}}\n"
    )
    found = json.loads(town.noc("drift", "--json", status=1).stdout)
    told = {(one["device"], one["kind"]): one for one in found}
    assert told["edge", "name"]["seen"] == "nbo-sw-1"
    assert told["edge", "class"]["seen"] == "server"
    assert "no SNMP agent" in told["gone", "silent"]["seen"]
    assert told["twin", "other-device"]["subject"] == "nbo-rtr-1"
    assert ("nbo-rtr-1", "name") not in told
    town.noc("agree", "edge")
    left = {(one["device"], one["kind"]) for one in json.loads(town.noc("drift", "--last", "--json", status=1).stdout)}
    assert {device for device, _ in left} == {"gone", "twin"}
    town.noc("drift", "--device", "edge")
    town.noc("agree", "gone", status=3)
    town.noc("drift", "--device", "egde", status=2)


def test_nothing_that_is_excluded_or_not_there_answers(town: Town) -> None:
    assert "no address is left" in town.noc("127.77.0.9", status=2).stderr
    town.noc("127.77.0.2", "--exclude", "127.77.0.0/24", status=2)
    text = (town.folder / "noc.yaml").read_text().replace("discovery: {", "discovery: {ping: never, ")
    (town.folder / "noc.yaml").write_text(text)
    assert "nothing answered" in town.noc("127.77.0.8", status=3).stderr


@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM])
def test_what_was_found_before_it_was_broken_off_is_kept(town: Town, with_signal: signal.Signals) -> None:
    text = (town.folder / "noc.yaml").read_text().replace("discovery: {", "discovery: {per_second: 4, ")
    (town.folder / "noc.yaml").write_text(text)
    command = [*PROGRAM, "discover", "127.77.0.0/25", "-c", str(town.folder / "noc.yaml")]
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:  # of progress: a tenth is begun
            assert "devices answer" in line
            break
        process.send_signal(with_signal)
        rest = process.stderr.read()
        assert process.wait(30) == 130, rest
    assert "broken off after" in rest
    assert "nbo-sw-1" in town.proposals()
    text = (town.folder / "noc.yaml").read_text().replace("per_second: 4", "per_second: 400")
    (town.folder / "noc.yaml").write_text(text)
    done = json.loads(town.noc("sweep", "--resume", "--json").stdout)
    assert (done["done"], done["finished"]) == (125, True)
    assert done["asked"] < 125
    assert "no sweep was broken off" in town.noc("sweep", "--resume", status=2).stderr


# -- lock-out, and agents that do wrong ------------------------------------------------------------------------------


PROFILES = only_identity(load_profiles([shipped("profiles")])[0])


def finder(port: int, *communities: str, wrong: int = 3, users: tuple[User, ...] = ()) -> Finder:
    sets: list[tuple[str, Community | User]] = [(name, Community(name)) for name in communities]
    sets += [(user.name, user) for user in users]
    manner = Manner(timeout_s=0.2, snmp_port=port, ssh_port=1, wrong_log_ins=wrong, ping=False)
    return Finder(Prober(Pinger(wanted=False), sets, manner), PROFILES, SystemClock(), lambda _: None)


@pytest.mark.parametrize("allowed", [1, 2, 3, 5])
async def test_no_agent_sees_more_wrong_log_ins_than_allowed(allowed: int) -> None:
    async with serving(Agent(device(), community=b"nobody knows")) as agent:
        asked = await finder(agent.port, "a", "b", "c", "d", wrong=allowed).ask("127.0.0.1")
        assert agent.refused_packets == allowed == asked.wrong
    assert asked.found is None
    assert asked.untried == ("a", "b", "c", "d")[allowed:]


async def test_sets_are_tried_in_order_until_one_is_accepted() -> None:
    async with serving(Agent(device(), community=b"c")) as agent:
        asked = await finder(agent.port, "a", "b", "c", "d").ask("127.0.0.1")
        assert agent.refused_packets == 2
    assert asked.found is not None
    assert (asked.found.credentials, asked.wrong, asked.untried) == ("c", 2, ())


async def test_wrong_users_are_counted_and_an_address_without_an_engine_sees_none(agents: tuple[int, int]) -> None:
    users = tuple(User(f"nobody-{number}", "SHA-256", "not-the-key-1") for number in range(5))
    asked = await finder(agents[0], users=users, wrong=2).ask("127.77.0.3")
    assert (asked.wrong, asked.untried) == (2, ("nobody-2", "nobody-3", "nobody-4"))
    async with serving(Agent(device(), Silent())) as agent:
        asked = await finder(agent.port, users=users, wrong=2).ask("127.0.0.1")
        assert (asked.wrong, asked.found) == (0, None)


@pytest.mark.parametrize("fault", [Damaged(garbage), Silent()])
async def test_an_agent_of_garbage_ends_nothing(fault: Fault) -> None:
    async with serving(Agent(device(), fault)) as agent:
        asked = await finder(agent.port, "public").ask("127.0.0.1")
    assert asked.found is None or asked.found.sys_name is None


async def test_hostile_names_are_tamed() -> None:
    objects = dict(device())
    name = (1, 3, 6, 1, 2, 1, 1, 5, 0)
    objects[name] = (objects[name][0], b"\x1b]0;evil\x07<script>\r\n" + b"A" * 60_00)
    async with serving(Agent(objects, max_size=65_000)) as agent:
        asked = await finder(agent.port, "public").ask("127.0.0.1")
    assert asked.found is not None
    said = asked.found.sys_name
    assert said is None or (said.isprintable() and len(said) <= 255)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (b"SSH-2.0-Cisco-1.25\r\n", "SSH-2.0-Cisco-1.25"),
        (b"Authorised use only\r\n\r\nSSH-1.99-x\n", "SSH-1.99-x"),
        (b"SSH-2.0-\x1b[2J\xff\n", "SSH-2.0-\x1b[2J\ufffd"),
        (b"220 mail.example.org ESMTP\r\n", FailureKind.PROTOCOL),
        (b"A" * 100_000, FailureKind.PROTOCOL),
        (b"line\n" * 1_000, FailureKind.PROTOCOL),
        (b"SSH-2.0-" + b"x" * 1_000 + b"\n", FailureKind.PROTOCOL),
        (b"", FailureKind.PROTOCOL),
    ],
)
async def test_only_the_version_line_of_ssh_is_read(said: bytes, found: str | FailureKind) -> None:
    heard = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
            writer.write_eof()
            heard.extend(await reader.read())
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        if not isinstance(found, FailureKind):
            assert await ssh_banner("127.0.0.1", port, 5.0) == found
        else:
            with pytest.raises(WireError) as failed:
                await ssh_banner("127.0.0.1", port, 5.0)
            assert failed.value.kind is found
    finally:
        server.close()
        await server.wait_closed()
    assert heard == b""  # nothing was sent, nobody logged in


async def test_a_server_that_says_nothing_is_left_in_time() -> None:
    left = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await reader.read()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        left.set()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    with pytest.raises(WireError) as failed:
        await ssh_banner("127.0.0.1", server.sockets[0].getsockname()[1], 0.1)
    assert failed.value.kind is FailureKind.TIMEOUT
    server.close()
    async with asyncio.timeout(10):
        await left.wait()
