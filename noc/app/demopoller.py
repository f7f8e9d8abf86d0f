"""A remote poller of the demo's own, for `--break poller`: a broker, and a process that asks the devices of a region.

The broker is Mosquitto, which has to be installed. Both are children that end with the demo, also where that is killed.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket
from typing import Final

from noc.app.demobreaks import Break
from noc.app.enrolling import Desk, enrol, identity_for
from noc.app.settings import RootSettings
from noc.clock import Clock
from noc.model.errors import ReachError, UsageError
from noc.model.instants import to_ms
from noc.settings.yamltext import Data
from noc.simulator.voice import LISTENER
from noc.simulator.world import World

NAME, GROUP = "nairobi-1", "nairobi"
BY: Final = "demo"
FOLDER: Final = "poller"
PATIENCE_S: Final = 10.0
_PLACES: Final = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"


class FarPoller:
    """A broker, and a poller of one region. folder: of the demo; state_dir: of its noc."""

    def __init__(self, folder: Path, world: World, clock: Clock) -> None:
        self._folder = folder
        self._world = world
        self._clock = clock
        self._broker: asyncio.subprocess.Process | None = None
        self._poller: asyncio.subprocess.Process | None = None
        self._port = 0

    @property
    def settings(self) -> dict[str, Data]:
        """Return `pollers:` of noc.yaml: the region with most sites is asked by the poller."""
        sites = [place.region for place in self._world.places]
        region = max(sorted(set(sites)), key=sites.count)
        group: dict[str, Data] = {"scope": [f"region/{region}"], "vantage": GROUP}
        broker: dict[str, Data] = {"host": LISTENER, "port": self._port, "tls": False}
        return {"broker": broker, "groups": {GROUP: group}, "lost_after": "30s"}

    async def open_broker(self) -> None:
        """Start the broker. Raises UsageError where Mosquitto isn't installed, ReachError where it doesn't listen."""
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path=_PLACES)
        if program is None:
            raise UsageError("--break poller needs an MQTT broker: apt-get install mosquitto; or break something else")
        self._port = _free_port()
        config = self._folder / "mosquitto.conf"
        config.write_text(f"listener {self._port} {LISTENER}\nallow_anonymous true\nmax_packet_size 20000000\n")
        self._broker = await _child(program, "-c", str(config))
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not await _listens(self._port):
                    await self._clock.sleep(0.05)
        except TimeoutError as error:
            raise ReachError(f"mosquitto does not listen on port {self._port} after {PATIENCE_S:g} s") from error

    def enrol(self, settings: RootSettings) -> None:
        """Write who the poller is. Raises UsageError, OSError."""
        desk = Desk(settings, self._folder, self._folder / settings.state_dir)
        there = self._folder / FOLDER
        there.mkdir(exist_ok=True)
        (there / "poller.yaml").write_text("state_dir: state\nhttp: {port: 0}\nnewcomer: 1s\n")
        at_ms = to_ms(self._clock.now())
        enrol(desk, identity_for(desk, NAME, GROUP), there / "identity.json", at_ms=at_ms, by=BY)

    async def begin(self) -> None:
        """Start the poller."""
        if self._poller is None:
            config = self._folder / FOLDER / "poller.yaml"
            self._poller = await _child(sys.executable, "-m", "noc", "run", "--role", "poller", "-c", str(config))

    async def kill(self) -> None:
        """Kill the poller: it has no time to say good-bye."""
        poller, self._poller = self._poller, None
        await _end(poller)

    async def close(self) -> None:
        """End both; they are gone when this returns."""
        await self.kill()
        broker, self._broker = self._broker, None
        await _end(broker)

    @property
    def as_break(self) -> Break:
        """Return how it is broken."""
        return Break(self.kill, self.begin)


async def _child(*command: str) -> asyncio.subprocess.Process:
    """Start a process that the kernel kills when we are gone."""
    guard = shutil.which("setpriv")
    tied = () if guard is None else (guard, "--pdeathsig", "KILL")
    none = asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(*tied, *command, stdin=none, stdout=none, stderr=none)


async def _end(process: asyncio.subprocess.Process | None) -> None:
    if process is not None and process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _free_port() -> int:
    with socket(AF_INET, SOCK_STREAM) as tried:
        tried.bind((LISTENER, 0))
        return int(tried.getsockname()[1])


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(LISTENER, port)
    except OSError:
        return False
    writer.close()
    return True
