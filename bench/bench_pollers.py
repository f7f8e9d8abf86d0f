"""What pollers cost one machine, from 1 to 50 of them: real processes, a real centre, a real broker.

    python bench/bench_pollers.py [--pollers 1,5,10,25,50] [--devices 10] [--seconds 30]

The simulator, Mosquitto without TLS, `noc run` as the centre, and `noc run --role poller` for each poller, each with a
group and so many devices of its own, polled each 30 s and asked for liveness by SNMP each 15 s. The centre knows all
groups from the beginning; pollers are added step by step. After each step first polls are waited for, then everything
is watched for so long. Of processes and their children: CPU is user and system time, memory what is resident (RSS), and
each one's part of what is shared (PSS). Seven minutes with the defaults; 50 pollers take about 5 GB.
"""

from __future__ import annotations

import argparse
import base64
import os
import re
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench_downlink import OPEN_FILES, figure
from bench_downlink import start as start_centre
from bench_poller import broker, start
from bench_polling import simulator

from noc.bus import identity
from noc.bus.identity import Enrolled, Identity
from noc.bus.sealing import new_key
from noc.settings.yamltext import Data
from noc.simulator.configuration import Pace, write_configuration
from noc.simulator.world import World

ALIVE_S, POLL_S = 15.0, 30.0
PATIENCE_S = 180.0
TICKS = os.sysconf("SC_CLK_TCK")
MB = 2**20


@dataclass(frozen=True)
class Used:
    """CPU seconds so far, and memory."""

    cpu_s: float
    rss_mb: float
    pss_mb: float


def family(pid: int) -> list[int]:
    """Return a process and all that it started."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += family(int(child))
    return found


def used(pids: Iterable[int]) -> Used:
    """Return what processes and their children took."""
    cpu_s = rss = pss = 0.0
    for pid in (one for root in pids for one in family(root)):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        cpu_s += (int(fields[11]) + int(fields[12])) / TICKS
        said = dict(re.findall(r"^(\w+): +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE))
        rss += int(said["Rss"]) / 1024
        pss += int(said["Pss"]) / 1024
    return Used(cpu_s, rss, pss)


def prepare(folder: Path, world: World, agents: int, port: int, groups: Sequence[Sequence[str]]) -> list[Identity]:
    """Write the centre's settings, and enrol the pollers; return who they are."""
    told: dict[str, Data] = {f"p{n}": {"scope": [f"device/{name}" for name in names]} for n, names in enumerate(groups)}
    extra: dict[str, Data] = {
        "state_dir": "state",
        "polling": {"poller": "hq"},
        "http": {"port": 0},
        "pollers": {"broker": {"host": "127.0.0.1", "port": port}, "groups": told},
    }
    rhythm = Pace(timedelta(seconds=ALIVE_S), timedelta(seconds=POLL_S))
    write_configuration(world, folder, agents, extra, rhythm)
    desk = folder / "state" / "pollers"
    desk.mkdir(parents=True)
    found = []
    for name in told:
        key = base64.b64encode(new_key()).decode()
        (desk / f"{name}.json").write_bytes(
            identity.written(Enrolled(poller=name, group=name, user=name, key=key, at_ms=0, by="bench"))
        )
        at = {"host": "127.0.0.1", "port": port, "tls": False, "user": "", "password": ""}
        found.append(Identity(poller=name, group=name, centre="hq", key=key, **at))  # type: ignore[arg-type] # its fields
    return found


def own(log: Path, name: str) -> float:
    """Return a figure that a process tells of itself; 0 while it tells none."""
    try:
        return figure(log, name)
    except (OSError, IndexError):
        return 0.0


def until_polled(logs: Mapping[Path, int], devices: int) -> None:
    """Wait until the new pollers have read each device: liveness, and a poll."""
    until_s = time.monotonic() + PATIENCE_S
    for log in logs:
        while own(log, "noc_poller_readings_total") < 2 * devices:
            if time.monotonic() > until_s:
                raise SystemExit(f"{log.parent.name} doesn't poll:\n{log.read_text()[-2_000:]}")
            time.sleep(0.5)
    time.sleep(POLL_S)  # whoever had its moment last has had it now


@dataclass
class Machine:
    """All that runs. pollers: their processes, by the path of their log."""

    centre: subprocess.Popen[bytes]
    centre_log: Path
    broker: int
    pollers: dict[Path, int]

    def now(self) -> tuple[Used, Used, Used]:
        """Return what pollers, the centre and the broker took so far."""
        return used(self.pollers.values()), used([self.centre.pid]), used([self.broker])

    def tell(self, devices: int, seconds: float) -> None:
        """Watch for a while, and print a line."""
        before, readings = self.now(), self._readings()
        began_s = time.monotonic()
        time.sleep(seconds)
        took_s = time.monotonic() - began_s
        after, count = self.now(), len(self.pollers)
        cpu_ms = [(late.cpu_s - early.cpu_s) / took_s * 1_000 for early, late in zip(before, after, strict=True)]
        read = max(self._readings() - readings, 1)
        pollers, centre, mqtt = after
        print(
            f"{count:>7}{count * devices:>8}{pollers.rss_mb:>9.0f}{pollers.rss_mb / count:>7.1f}"
            f"{pollers.pss_mb / count:>7.1f}{cpu_ms[0]:>9.1f}{cpu_ms[0] / count:>8.2f}"
            f"{cpu_ms[0] / count / devices:>8.3f}{cpu_ms[0] * took_s / read:>9.2f}"
            f"{centre.rss_mb:>8.0f}{cpu_ms[1]:>8.1f}{cpu_ms[1] / count:>8.2f}{cpu_ms[1] * took_s / read:>9.2f}"
            f"{mqtt.rss_mb:>7.1f}{cpu_ms[2]:>7.2f}",
            flush=True,
        )

    def _readings(self) -> float:
        return sum(own(log, "noc_poller_readings_total") for log in self.pollers)


def until_watching(machine: Machine) -> None:
    """Wait until the centre watches."""
    until_s = time.monotonic() + PATIENCE_S
    while "noc.app.run: watching" not in (said := machine.centre_log.read_text()):
        if time.monotonic() > until_s or machine.centre.poll() is not None:
            raise SystemExit(f"the centre doesn't watch:\n{said[-2_000:]}")
        time.sleep(0.2)


HEAD = f"""\
{"":>7}{"":>8}{"pollers":>48}{"":>9}{"centre":>33}{"broker":>14}
{"pollers":>7}{"devices":>8}{"RSS MB":>9}{"each":>7}{"PSS":>7}{"CPU ms/s":>9}{"each":>8}{"device":>8}{"reading":>9}\
{"RSS MB":>8}{"ms/s":>8}{"poller":>8}{"reading":>9}{"MB":>7}{"ms/s":>7}"""


def of_port(port: int) -> int:
    """Return the process of the broker, by its own settings file."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0].endswith(b"mosquitto") and f"listener {port} " in Path(words[2].decode()).read_text():
            return int(path.parent.name)
    raise SystemExit("the broker isn't there")


def run(many: Sequence[int], devices: int, seconds: float) -> None:
    """Add pollers step by step, and print what each step takes."""
    most = max(many)
    with tempfile.TemporaryDirectory() as place, broker(Path(place)) as port:
        folder = Path(place)
        with simulator(folder, max(most // 2, 10), max(most * devices, 60)) as (world, agents):
            names = [device.id for device in world.devices]
            groups = [names[at : at + devices] for at in range(0, most * devices, devices)]
            (folder / "centre").mkdir()
            who = prepare(folder / "centre", world, agents, port, groups)
            log = folder / "centre" / "log"
            machine = Machine(start_centre(folder / "centre", log), log, of_port(port), {})
            running: list[subprocess.Popen[bytes]] = [machine.centre]
            try:
                until_watching(machine)
                print(HEAD, flush=True)
                for count in many:
                    fresh: dict[Path, int] = {}
                    for one in who[len(machine.pollers) : count]:
                        home = folder / one.poller
                        home.mkdir()
                        running.append(start(home, one))
                        fresh[home / "log"] = running[-1].pid
                    machine.pollers |= fresh
                    until_polled(fresh, devices)
                    machine.tell(devices, seconds)
            finally:
                for process in reversed(running):
                    process.terminate()
                for process in running:
                    process.wait()


def main() -> None:
    """Read the arguments, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pollers", default="1,5,10,25,50")
    parser.add_argument("--devices", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=30.0)
    given = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(OPEN_FILES, hard), hard))
    run(sorted({int(one) for one in given.pollers.split(",")}), given.devices, given.seconds)


if __name__ == "__main__":
    main()
