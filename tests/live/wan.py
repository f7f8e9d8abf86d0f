"""A wide-area network in network namespaces: a centre with its broker, pollers at the ends of lines that can be cut,
slowed and made lossy, and devices that the pollers reach and the centre doesn't.

    centre (noc run, Mosquitto) === line === poller a ---+
                             \\===== line === poller b ---+--- field (devices; a twin that nothing keeps from looking)

Lines are veth pairs: cut and lossy by nftables, slow by tbf; or long ones, which a process carries (delay_line.py), and
without pollers one long line is between the centre and the field. All broker files come from `noc broker config`, all
identities from `noc poller enrol`. Needs root, iproute2, nftables, mosquitto, snmpd.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from bench.polling_relay import Line
from tests.live.conftest import SNMPD_CONF, find_program, running
from tests.live.delay_line import DelayLine, delay_line
from tests.live.mosquitto import OwnBroker
from tests.surroundings import leave_out

CENTRE = "10.99.0.1"
BROKER_PORT = 8883
DEVICE = "10.50.0.{}"
PATIENCE_S = 60.0
NOC = [sys.executable, "-c", "from noc.cli import main; main()"]
AHEAD = """\
from datetime import UTC, datetime, timedelta
from noc.clock import SystemClock
SystemClock.now = lambda self: datetime.now(UTC) + timedelta(seconds={})
"""
"""A machine whose clock is off: namespaces have all the same wall time."""

SETTINGS = """\
state_dir: state
credentials: {{standard: {{snmp: {{version: 2c, community: !secret file:community}}}}}}
defaults: {{credentials: standard, interval: 1s, stale_after: 15s, poll_interval: 5s, timeout: 300ms, retries: 1}}
polling: {{poller: {name}}}
http: {{port: 8080}}
{more}"""
GROUP = "  lost_after: 30s\n  groups: {field: {scope: [region/west]}}\n"
POLLER = "state_dir: state\nnewcomer: 3s\n"


class Wan:
    """The network. pollers: their names, in one group; none: the centre reaches the field by a line of its own.
    devices: how many, d1 to dN, at one site. line: None for short ones.
    """

    def __init__(self, folder: Path, pollers: Sequence[str], devices: int, line: Line | None = None) -> None:
        self.folder = folder
        self.pollers = tuple(pollers)
        self.devices = tuple(f"d{number + 1}" for number in range(devices))
        self.lines: dict[str, DelayLine] = {}
        """Long ones, by who is at their ends."""
        self._line = line
        self._mark = f"nocw{os.getpid() % 10_000:04}"
        self._stack = ExitStack()
        self._running: dict[str, ExitStack] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._lost_pct: dict[str, int] = {}
        self.ahead_s: dict[str, float] = {}
        """By how much the clock of one is ahead, from its next start on."""
        self.broker = OwnBroker(folder, (CENTRE,), BROKER_PORT, self.inside("centre"))

    # The ground

    def build(self) -> None:
        """Lay the lines, write all settings, enrol the pollers; devices answer then, and nothing of noc runs."""
        for name in ("centre", "field", *self.pollers):
            self._ip("netns", "add", self._namespace(name))
            self._stack.callback(self._ip, "netns", "del", self._namespace(name), check=False)
            self._ip("-n", self._namespace(name), "link", "set", "lo", "up")
        self._ip("-n", self._namespace("centre"), "addr", "add", f"{CENTRE}/32", "dev", "lo")
        for number, poller in enumerate(self.pollers, start=1):
            self._lay("centre", poller, "wan", f"198.18.{number}", CENTRE)
            self._lay("field", poller, "field", f"198.19.{number}", "10.50.0.0/24")
        if not self.pollers:
            self._lay("field", "centre", "far", "198.18.0", "10.50.0.0/24")
        for device in self.devices:
            self.device_on(device)
        self._snmpd()
        self._write()
        if not self.pollers:
            return
        self.broker.write()
        (self.folder / "centre" / "noc.yaml").write_text(self._settings("centre", self.broker.snippet + GROUP))
        for poller in self.pollers:
            self.enrol(poller)

    def enrol(self, poller: str, *more: str) -> None:
        """Enrol a poller, and bring its identity there."""
        home = self.folder / poller
        home.mkdir(exist_ok=True)
        (home / "poller.yaml").write_text(POLLER)
        out = ("--out", str(home / "identity.json"))
        self.noc("centre", "poller", "enrol", poller, "--group", "field", *out, *more)
        self.broker.give()

    def close(self) -> None:
        """Stop everything that was started, and take the lines away."""
        for name in list(self._running):
            self._end(name)
        self.broker.stop()
        self._stack.close()

    # What goes wrong

    def cut(self, poller: str) -> None:
        """Let nothing through on a poller's line; nobody is told."""
        self.lossy(poller, 100)

    def heal(self, poller: str) -> None:
        """Let everything through again, at once and at full speed."""
        self.lossy(poller, 0)
        for namespace, port in self._ends(poller):
            self._run(["tc", "-n", namespace, "qdisc", "del", "dev", port, "root"], check=False)

    def lossy(self, poller: str, percent: int) -> None:
        """Lose so many of a hundred packets on a poller's line, each way."""
        self._lost_pct[poller] = percent
        rules = "".join(
            f"add rule inet wan {way} {word} to-{name} {'' if lost > 99 else f'numgen random mod 100 < {lost} '}drop\n"
            for name, lost in self._lost_pct.items()
            for way, word in (("come", "iifname"), ("go", "oifname"))
            if lost
        )
        chains = "".join(
            f"add chain inet wan {way} {{ type filter hook {hook} priority 0; }}\n"
            for way, hook in (("come", "input"), ("go", "output"))
        )
        text = f"add table inet wan\ndelete table inet wan\nadd table inet wan\n{chains}{rules}"
        self._run([*self.inside("centre"), find_program("nft", "nftables"), "-f", "-"], text)

    def slow(self, poller: str, rate: str = "64kbit") -> None:
        """Let a poller's line carry no more, each way; what doesn't fit into two seconds of it is lost."""
        for namespace, port in self._ends(poller):
            shape = ("tbf", "rate", rate, "burst", "3000", "latency", "2s")
            self._run(["tc", "-n", namespace, "qdisc", "replace", "dev", port, "root", *shape])

    def octets(self, poller: str) -> int:
        """Return how many octets a poller's line has carried so far, both ways."""
        text = self._run(["ip", "-n", self._namespace("centre"), "-s", "-j", "link", "show", f"to-{poller}"])
        counts = json.loads(text)[0]["stats64"]
        return int(counts["rx"]["bytes"]) + int(counts["tx"]["bytes"])

    def device_off(self, device: str) -> None:
        """Take a device's address away: it answers nothing any more."""
        self._ip("-n", self._namespace("field"), "addr", "del", f"{self.address(device)}/32", "dev", "lo")

    def device_on(self, device: str) -> None:
        """Give it back."""
        self._ip("-n", self._namespace("field"), "addr", "add", f"{self.address(device)}/32", "dev", "lo")

    # Who runs

    def start(self, name: str) -> None:
        """Start the centre, the twin, or a poller."""
        role = ["--role", "poller"] if name in self.pollers else []
        home = "field" if name == "twin" else name
        *python, program = NOC
        code = AHEAD.format(self.ahead_s[name]) + program if name in self.ahead_s else program
        command = [*self.inside(home), *python, code, "run", *role, "-c", str(self._config(name))]
        log = self.folder / name / f"log-{time.monotonic_ns()}"
        stack = self._running[name] = ExitStack()
        self._processes[name] = stack.enter_context(running(command, log))

    def kill(self, name: str) -> None:
        """Kill one as a power cut does."""
        self._processes[name].kill()
        self._processes[name].wait(10)
        self._end(name)

    def stop(self, name: str) -> int:
        """Ask one to end; return its exit code."""
        self._processes[name].send_signal(signal.SIGTERM)
        code = self._processes[name].wait(30)
        self._end(name)
        return code

    def is_up(self, name: str) -> bool:
        """Return whether one runs."""
        return name in self._processes and self._processes[name].poll() is None

    # What is seen

    def noc(self, name: str, *arguments: str, codes: Sequence[int] = (0,)) -> str:
        """Run a command of noc on the settings of the centre or the twin; return what it prints."""
        command = [*NOC, *arguments, "-c", str(self._config(name))]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        assert done.returncode in codes, (arguments, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def pollers_now(self) -> dict[str, dict[str, object]]:
        """Return what `noc pollers` tells, by name."""
        told = json.loads(self.noc("centre", "pollers", "--json", codes=(0, 1)))
        return {one["name"]: one for one in told["pollers"]}

    def metrics(self, name: str) -> dict[str, float]:
        """Return what the centre, the twin or a poller counts: by name with labels; nothing while it doesn't answer."""
        port = 8081 if name in self.pollers else 8080
        home = "field" if name == "twin" else name
        script = f"import urllib.request as r; print(r.urlopen('http://127.0.0.1:{port}/metrics').read().decode())"
        text = self._run([*self.inside(home), sys.executable, "-c", script], check=False)
        rows = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
        return {row[0]: float(row[2]) for row in rows}

    def seconds(self, name: str, entity: str, begin: str, end: str) -> dict[str, float]:
        """Return an entity's seconds up, down, unreachable and unknown, as the centre or the twin measured them."""
        told = json.loads(self.noc(name, "explain", entity, "--from", begin, "--to", end, "--json"))["measured"]
        return {word: float(told[f"{word}_s"]) for word in ("up", "down", "unreachable", "unknown")}

    def up(self, name: str) -> int:
        """Return how many devices are up, as the centre or the twin knows."""
        return int(self.metrics(name).get('noc_devices{status="up"}', 0))

    def waiting(self, poller: str) -> float:
        """Return how many frames wait on a poller's disk; a million while it doesn't answer."""
        return self.metrics(poller).get("noc_poller_spool_frames", 1e6)

    def until(self, met: Callable[[], bool], what: str | Callable[[], str], timeout_s: float = PATIENCE_S) -> None:
        """Wait until something is so; fail with the logs where it takes longer. what: is asked for then."""
        deadline = time.monotonic() + timeout_s
        while not met():
            if time.monotonic() > deadline:
                missing = what if isinstance(what, str) else what()
                pytest.fail(f"no {missing} within {timeout_s:g} s: {self.logs()}")
            self.wait(0.2)

    def wait(self, seconds: float) -> None:
        """Let time pass: a line that is cut is cut for a while."""
        waiting = subprocess.Popen(["sleep", str(seconds)])
        waiting.wait(seconds + 10)

    def logs(self) -> str:
        """Return the ends of all logs."""
        return "\n".join(
            f"--- {path.relative_to(self.folder)}\n{path.read_text(errors='replace')[-1500:]}"
            for path in sorted([*self.folder.glob("*/log*"), self.broker.log])
            if path.exists()
        )

    @staticmethod
    def address(device: str) -> str:
        """Return a device's address."""
        return DEVICE.format(device.removeprefix("d"))

    def inside(self, name: str) -> list[str]:
        """Return what a command is put behind to run in somebody's namespace."""
        return [find_program("ip", "iproute2"), "netns", "exec", self._namespace(name)]

    def _namespace(self, name: str) -> str:
        return f"{self._mark}-{name}"

    def _config(self, name: str) -> Path:
        return self.folder / name / ("poller.yaml" if name in self.pollers else "noc.yaml")

    def _ends(self, poller: str) -> list[tuple[str, str]]:
        return [(self._namespace("centre"), f"to-{poller}"), (self._namespace(poller), "wan")]

    def _lay(self, at: str, poller: str, port: str, net: str, beyond: str) -> None:
        """Lay a line from somewhere to a poller, which reaches by it what is beyond."""
        here, there = self._namespace(at), self._namespace(poller)
        if self._line is None or port == "field":
            peer = ("type", "veth", "peer", "name", port, "netns", there)
            self._ip("-n", here, "link", "add", f"to-{poller}", *peer)
        else:
            names = (f"{self._mark}{len(self.lines)}a", f"{self._mark}{len(self.lines)}b")
            self.lines[poller] = self._stack.enter_context(delay_line(names, self._line))
            for name, end, namespace in zip(names, (f"to-{poller}", port), (here, there), strict=True):
                self._ip("link", "set", name, "netns", namespace, "name", end)
        for namespace, name, last in ((here, f"to-{poller}", 1), (there, port, 2)):
            self._ip("-n", namespace, "addr", "add", f"{net}.{last}/30", "dev", name)
            self._ip("-n", namespace, "link", "set", name, "up")
        self._ip("-n", there, "route", "add", beyond, "via", f"{net}.1")

    def _snmpd(self) -> None:
        home = self.folder / "agent"
        home.mkdir()
        text = SNMPD_CONF.format(port=161).replace("udp:127.0.0.1:161", "udp:161")
        (home / "snmpd.conf").write_text(text)
        command = [find_program("snmpd", "snmpd"), "-f", "-Lo", "-C", "-c", str(home / "snmpd.conf")]
        env = {**os.environ, "SNMP_PERSISTENT_DIR": str(home), "MIBS": ""}
        self._stack.enter_context(running([*self.inside("field"), *command], home / "log", env))

    def _write(self) -> None:
        devices = "".join(
            f"  {device}: {{site: outpost, address: {self.address(device)}, class: server}}\n"
            for device in self.devices
        )
        inventory = (
            "regions: {west: {}}\n"
            f"sites: {{outpost: {{region: west, class: field, edge_devices: [{self.devices[0]}]}}}}\n"
            f"devices:\n{devices}"
        )
        for name in ("centre", "twin"):
            home = self.folder / name
            (home / "inventory").mkdir(parents=True)
            (home / "inventory" / "all.yaml").write_text(inventory)
            (home / "community").write_text("public\n")
            (home / "noc.yaml").write_text(self._settings(name, ""))

    def _settings(self, name: str, more: str) -> str:
        return SETTINGS.format(name=name, more=more)

    def _end(self, name: str) -> None:
        self._processes.pop(name, None)
        self._running.pop(name).close()

    def _ip(self, *arguments: str, check: bool = True) -> None:
        self._run([find_program("ip", "iproute2"), *arguments], check=check)

    @staticmethod
    def _run(command: list[str], text: str | None = None, *, check: bool = True) -> str:
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0 or not check, (command, done.stderr)
        return done.stdout


@contextmanager
def wan(pollers: Sequence[str] = ("a",), devices: int = 4, line: Line | None = None) -> Iterator[Wan]:
    """Build the network; leave the test out where this machine can't. line: of the pollers' long lines."""
    if os.geteuid() != 0:
        leave_out("wan", "only root can make network namespaces")
    for program, package in (("ip", "iproute2"), ("nft", "nftables"), ("mosquitto", "mosquitto"), ("snmpd", "snmpd")):
        find_program(program, package)
    folder = Path(tempfile.mkdtemp(prefix="nocwan"))
    folder.chmod(0o755)
    network = Wan(folder, pollers, devices, line)
    try:
        network.build()
        yield network
    finally:
        network.close()
        with suppress(OSError):
            shutil.rmtree(folder)
