"""A network of three real routers: Debian's FRR and snmpd in network namespaces, joined by virtual cables.

Each router talks BGP, OSPF, IS-IS and LDP to both others, and answers SNMP (AgentX) at an address that this
machine reaches through a cable of its own, so that a line between routers can be cut and the router still be read.
Needs root, iproute2, frr, frr-snmp, snmpd.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.live.conftest import find_program, running
from tests.surroundings import leave_out

ROUTERS = ("r1", "r2", "r3")
COMMUNITY = "public"
DAEMONS_WAIT_S = 30.0
_FRR = "/usr/lib/frr"
_MODULES = "bgpd", "ospfd", "isisd", "ldpd"

SNMPD = """\
agentaddress udp:{address}:161
rocommunity {community}
sysName {name}
sysDescr FRRouting in a namespace
master agentx
agentXSocket {socket}
agentXPerms 0777 0777
"""
ZEBRA = "hostname {name}\ninterface lo\n ip address 10.255.0.{number}/32\n"
OSPFD = """\
hostname {name}
agentx
router ospf
 ospf router-id 10.255.0.{number}
 network 10.0.0.0/8 area 0
 timers throttle spf 10 50 100
{interfaces}
"""
OSPF_INTERFACE = """\
interface {name}
 ip ospf network point-to-point
 ip ospf hello-interval 1
 ip ospf dead-interval 3
"""
ISISD = """\
hostname {name}
agentx
router isis core
 net 49.0001.0000.0000.000{number}.00
 is-type level-2-only
{interfaces}
"""
ISIS_INTERFACE = """\
interface {name}
 ip router isis core
 isis network point-to-point
 isis hello-interval 1
 isis hello-multiplier 3
"""
BGPD = """\
hostname {name}
agentx
router bgp 6500{number}
 bgp router-id 10.255.0.{number}
 no bgp ebgp-requires-policy
 timers bgp 1 3
{neighbours}
"""
BGP_NEIGHBOUR = """\
 neighbor {address} remote-as 6500{number}
 neighbor {address} timers connect 1
 neighbor {address} advertisement-interval 0
"""
LDPD = """\
hostname {name}
agentx
mpls ldp
 router-id 10.255.0.{number}
 address-family ipv4
  discovery transport-address 10.255.0.{number}
  discovery hello interval 1
  discovery hello holdtime 3
{interfaces}
 exit-address-family
"""


@dataclass(frozen=True)
class Line:
    """A line between two routers."""

    number: int
    ends: tuple[str, str]

    def port(self, router: str) -> str:
        """Return what a router calls its end."""
        return f"to-{self.other(router)}"

    def address(self, router: str) -> str:
        return f"10.0.{self.number}.{1 + self.ends.index(router)}"

    def other(self, router: str) -> str:
        return self.ends[1 - self.ends.index(router)]

    def carrier_port(self, router: str) -> str:
        """Return what the carrier calls the port that a router's cable ends in."""
        return f"l{self.number}-{router}"


LINES = (Line(1, ("r1", "r2")), Line(2, ("r2", "r3")), Line(3, ("r1", "r3")))


class FrrNetwork:
    """Routers r1, r2, r3, each joined to both others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mark = f"noc{os.getpid() % 10_000:04}"
        self._stack = ExitStack()
        self._daemons: dict[tuple[str, str], ExitStack] = {}

    @property
    def carrier(self) -> str:
        """The namespace of the carrier, whose lines join the routers."""
        return f"{self.mark}-carrier"

    def namespace(self, router: str) -> str:
        return f"{self.mark}-{router}"

    def address(self, router: str) -> str:
        """Return where a router answers SNMP."""
        return f"198.18.{ROUTERS.index(router) + 1}.2"

    def line(self, one: str, other: str) -> Line:
        return next(line for line in LINES if set(line.ends) == {one, other})

    def start(self) -> None:
        """Lay the cables and start all routers; returns when they run."""
        for router in ROUTERS:
            self._namespace(router)
        self._ip("netns", "add", self.carrier)
        self._stack.callback(self._ip, "netns", "del", self.carrier)
        for line in LINES:
            self._lay(line)
        for router in ROUTERS:
            self._snmpd(router)
            for daemon in ("zebra", "bgpd", "ospfd", "isisd"):
                self.start_daemon(router, daemon)
        # A session of LDP goes from loopback to loopback: begun before there are routes, it waits for long.
        for router in ROUTERS:
            self.until(lambda router=router: self._has_routes(router), f"routes of {router}")
            self.start_daemon(router, "ldpd")

    def close(self) -> None:
        """Stop everything that was started, and take the cables away."""
        self._stack.close()

    def cut(self, one: str, other: str) -> None:
        """Cut the line between two routers: both see that it is gone, and nobody has switched anything off."""
        self._set(self.line(one, other), "down")

    def join(self, one: str, other: str) -> None:
        """Mend it."""
        self._set(self.line(one, other), "up")

    def _set(self, line: Line, state: str) -> None:
        for router in line.ends:
            self._ip("-n", self.carrier, "link", "set", line.carrier_port(router), state)

    def silence(self, router: str) -> None:
        """Pull the cable that a router is read through; it goes on routing."""
        self._ip("link", "set", self._here(router), "down")

    def heard(self, router: str) -> None:
        """Plug it in again."""
        self._ip("link", "set", self._here(router), "up")

    def _has_routes(self, router: str) -> bool:
        told = self.vtysh(router, "show ip route ospf")
        return all(f"10.255.0.{number}/32" in told for number, one in enumerate(ROUTERS, start=1) if one != router)

    def _here(self, router: str) -> str:
        return f"{self.mark}m{ROUTERS.index(router) + 1}"

    def vtysh(self, router: str, command: str) -> str:
        """Return what a router's command line answers."""
        program = find_program("vtysh", "frr")
        folder = str(self.folder / router)
        found = subprocess.run(
            [program, "--vty_socket", folder, "-c", command], capture_output=True, text=True, timeout=10, check=False
        )
        return found.stdout

    def until(self, met: Callable[[], bool], what: str, timeout_s: float = DAEMONS_WAIT_S) -> None:
        """Wait until something is so; fail with the logs of the routers where it takes longer."""
        deadline = time.monotonic() + timeout_s
        waiting = subprocess.Popen(["sleep", str(timeout_s + 5)])
        try:
            while not met():
                if time.monotonic() > deadline:
                    pytest.fail(f"no {what} within {timeout_s:g} s: {self.logs()}")
                with suppress(subprocess.TimeoutExpired):
                    waiting.wait(0.2)
        finally:
            waiting.kill()
            waiting.wait()

    def logs(self) -> str:
        """Return the ends of all logs."""
        return "\n".join(
            f"{path.relative_to(self.folder)}: {path.read_text(errors='replace')[-300:]}"
            for path in sorted(self.folder.glob("*/*.log"))
        )

    def start_daemon(self, router: str, daemon: str) -> None:
        """Start one daemon of a router."""
        folder = self.folder / router
        (folder / f"{daemon}.conf").write_text(self._configuration(router, daemon))
        command = [f"{_FRR}/{daemon}", "-f", str(folder / f"{daemon}.conf"), "-i", str(folder / f"{daemon}.pid")]
        command += ["-z", str(folder / "zserv.api"), "--vty_socket", str(folder), "-P", "0", "-u", "frr", "-g", "frr"]
        command += ["--log", "stdout", *(("-M", "snmp") if daemon in _MODULES else ())]
        command += ["--ctl_socket", str(folder)] if daemon == "ldpd" else []
        stack = self._daemons[router, daemon] = self._stack.enter_context(ExitStack())
        stack.enter_context(running(self._inside(router, command), folder / f"{daemon}.log", self._environment(router)))
        ready = folder / ("zserv.api" if daemon == "zebra" else f"{daemon}.vty")
        self.until(ready.exists, f"{daemon} of {router}")

    def stop_daemon(self, router: str, daemon: str) -> None:
        """End one daemon of a router."""
        self._daemons.pop((router, daemon)).close()
        (self.folder / router / f"{daemon}.vty").unlink(missing_ok=True)

    def _configuration(self, router: str, daemon: str) -> str:
        number = ROUTERS.index(router) + 1
        lines = [line for line in LINES if router in line.ends]
        ports = [line.port(router) for line in lines]
        ospf = "".join(OSPF_INTERFACE.format(name=name) for name in ports)
        isis = "".join(ISIS_INTERFACE.format(name=name) for name in ports)
        ldp = "\n".join(f"  interface {name}" for name in ports)
        peers = [(line.address(line.other(router)), ROUTERS.index(line.other(router)) + 1) for line in lines]
        bgp = "".join(BGP_NEIGHBOUR.format(address=address, number=peer) for address, peer in peers)
        texts = {
            "zebra": ZEBRA.format(name=router, number=number),
            "ospfd": OSPFD.format(name=router, number=number, interfaces=ospf),
            "isisd": ISISD.format(name=router, number=number, interfaces=isis),
            "bgpd": BGPD.format(name=router, number=number, neighbours=bgp),
            "ldpd": LDPD.format(name=router, number=number, interfaces=ldp),
        }
        return texts[daemon]

    def _environment(self, router: str) -> dict[str, str]:
        folder = str(self.folder / router)
        return {**os.environ, "SNMPCONFPATH": folder, "SNMP_PERSISTENT_DIR": folder}

    def _inside(self, router: str, command: list[str]) -> list[str]:
        return [find_program("ip", "iproute2"), "netns", "exec", self.namespace(router), *command]

    def _namespace(self, router: str) -> None:
        """Make a router's namespace, and the cable from it to this machine."""
        name, number = self.namespace(router), ROUTERS.index(router) + 1
        (self.folder / router).mkdir()
        shutil.chown(self.folder / router, "frr", "frr")  # the daemons give up being root
        self._ip("netns", "add", name)
        self._stack.callback(self._ip, "netns", "del", name)
        here = self._here(router)
        self._ip("link", "add", here, "type", "veth", "peer", "name", "mgmt", "netns", name)
        self._stack.callback(self._ip, "link", "del", here, check=False)
        self._ip("addr", "add", f"198.18.{number}.1/30", "dev", here)
        self._ip("link", "set", here, "up")
        for command in (
            ("addr", "add", f"198.18.{number}.2/30", "dev", "mgmt"),
            ("link", "set", "mgmt", "up"),
            ("link", "set", "lo", "up"),
        ):
            self._ip("-n", name, *command)
        forward = ["sysctl", "-qw", "net.ipv4.ip_forward=1"]
        subprocess.run(self._inside(router, forward), check=True, capture_output=True)

    def _lay(self, line: Line) -> None:
        bridge = f"line{line.number}"
        self._ip("-n", self.carrier, "link", "add", bridge, "type", "bridge", "stp_state", "0", "mcast_snooping", "0")
        self._ip("-n", self.carrier, "link", "set", bridge, "up")
        for router in line.ends:
            namespace, theirs = self.namespace(router), line.carrier_port(router)
            made = ("type", "veth", "peer", "name", theirs, "netns", self.carrier)
            self._ip("-n", namespace, "link", "add", line.port(router), *made)
            self._ip("-n", self.carrier, "link", "set", theirs, "master", bridge, "up")
            self._ip("-n", namespace, "addr", "add", f"{line.address(router)}/30", "dev", line.port(router))
            self._ip("-n", namespace, "link", "set", line.port(router), "alias", f"line to {line.other(router)}", "up")

    def _snmpd(self, router: str) -> None:
        folder = self.folder / router
        socket = f"unix:{folder}/agentx"
        settings = SNMPD.format(address=self.address(router), community=COMMUNITY, name=router, socket=socket)
        (folder / "snmpd.conf").write_text(settings)
        (folder / "frr.conf").write_text(f"agentXSocket {socket}\nagentXPingInterval 1\n")
        command = [find_program("snmpd", "snmpd"), "-f", "-Lo", "-C", "-c", str(folder / "snmpd.conf")]
        self._stack.enter_context(
            running(self._inside(router, command), folder / "snmpd.log", self._environment(router))
        )
        self.until((folder / "agentx").exists, f"snmpd of {router}")

    def _ip(self, *arguments: str, check: bool = True) -> None:
        program = find_program("ip", "iproute2")
        subprocess.run([program, *arguments], check=check, capture_output=True, timeout=20)


@contextmanager
def frr_network() -> Iterator[FrrNetwork]:
    """Run the network; leave the test out where this machine can't."""
    if os.geteuid() != 0:
        leave_out("frr", "only root can make network namespaces")
    find_program("ip", "iproute2")
    find_program("snmpd", "snmpd")
    find_program("vtysh", "frr")
    if not list(Path("/usr/lib").glob("*/frr/modules/bgpd_snmp.so")):
        leave_out("frr-snmp", "FRR has no SNMP modules (as root: apt-get install frr-snmp)")
    folder = Path(tempfile.mkdtemp(prefix="nocfrr"))  # short: a path of a socket has 107 characters at most
    folder.chmod(0o755)
    network = FrrNetwork(folder)
    try:
        network.start()
        yield network
    finally:
        network.close()
        shutil.rmtree(folder, ignore_errors=True)
