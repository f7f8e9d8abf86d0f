"""The world as a process of its own: `python -m noc.simulator ARGUMENTS.json`.

Standard output: a line `{"ready": port, "ssh": port}` when it listens, then a line for each order. Standard input:
orders, one JSON object a line: `{"id": 1, "do": "fail", "entity": "site/goma"}` (also restore; set with metric and
value; tour with at_ms); the answer is `{"id": 1, "error": null}` or says what is wrong. It ends on SIGTERM and when
its input ends, so that it never outlives the process that started it.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from noc.clock import Clock, SystemClock
from noc.model.errors import NocError, UsageError
from noc.model.instants import to_ms
from noc.settings.schema import Settings, validate, validate_data
from noc.settings.yamltext import Document, parse, read
from noc.simulator.agent import Agent
from noc.simulator.commandline import PASSWORD, USER, consoles
from noc.simulator.configuration import COMMUNITY
from noc.simulator.counts import DEVICES, DEVICES_AT_MOST
from noc.simulator.faults import LIVE_HURRY, Story
from noc.simulator.loopback import Wire
from noc.simulator.places import SITES, SITES_AT_MOST
from noc.simulator.scenario import SHIPPED, load_scenarios
from noc.simulator.scene import Scene
from noc.simulator.telling import Teller
from noc.simulator.terminal import TerminalServer, User
from noc.simulator.voice import Listener, Voice
from noc.simulator.world import World, build

ADVANCE_EVERY_S: Final = 0.25
MAX_LINE_BYTES: Final = 64 * 1024


class WorldArguments(Settings):
    """What makes a world, and where it listens. The same arguments make the same world and the same story."""

    sites: Annotated[int, Field(ge=1, le=SITES_AT_MOST)] = SITES
    """Sites."""
    devices: Annotated[int, Field(ge=1, le=DEVICES_AT_MOST)] = DEVICES
    """Devices, at least as many as sites."""
    seed: int = 1
    """Another seed is another world."""
    begins_ms: int = 0
    """When people begin to watch, in milliseconds of the Unix epoch: before it all is history."""
    quiet: bool = False
    """Nothing fails by itself."""
    toured: bool = False
    """What happens is the tour of the demo; nothing does until an order says when it begins."""
    hurry: Annotated[int, Field(ge=1, le=100)] = LIVE_HURRY
    """So many times more happens while people watch, and lasts so much shorter."""
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    """UDP port of all devices; 0 takes a free one."""
    community: str = COMMUNITY
    """What the agents answer to."""
    trap_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """UDP port on 127.0.0.1 that devices send traps to when something becomes otherwise; 0: to nobody."""
    syslog_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """The same for syslog."""
    host_key: Path | None = None
    """File of the SSH host key of all command lines, made where there is none; without, there are none."""

    def world(self) -> World:
        """Return the world. Raises UsageError."""
        return build(self.sites, self.devices, self.seed)

    def story(self, world: World, scenarios: Path = SHIPPED) -> Story:
        """Return what happens in it. Raises InputError when a scenario is wrong."""
        found = load_scenarios(scenarios)
        return Story(world, found, self.seed, self.begins_ms, hurry=self.hurry, quiet=self.quiet, toured=self.toured)


class Order(Settings):
    """One line of standard input."""

    id: int
    """Comes back in the answer."""
    do: Literal["fail", "restore", "set", "tour"]
    """What to do."""
    entity: str = ""
    """To what: device/…, site/…, region/…, circuit/…, interface/DEVICE/NAME."""
    at_ms: int = 0
    """When the tour begins, milliseconds of the Unix epoch."""
    metric: str | None = None
    """Which metric to set."""
    value: Annotated[float, Field(ge=-1e9, le=1e9)] | None = None
    """At which value it is held; nothing lets it go."""


class Running:
    """A world that listens."""

    def __init__(self, arguments: WorldArguments, clock: Clock) -> None:
        self._clock = clock
        self._port = arguments.port
        self.scene = Scene(arguments.story(arguments.world()), self._now_ms())
        agent = Agent(self.scene, arguments.community.encode())
        chance = random.Random(arguments.seed)  # noqa: S311 losses over satellite, no secret
        self.wire = Wire(self.scene, agent, clock, chance)
        self._stopped = False
        self._terminals: TerminalServer | None = None
        self._teller = Teller(self.scene)
        self._voice: Voice | None = None
        if arguments.trap_port or arguments.syslog_port:
            self._voice = Voice(Listener(arguments.trap_port, arguments.syslog_port), arguments.community.encode())

    async def open_terminals(self, host_key: Path | None) -> int:
        """Listen for SSH too, and return the port; 0: nobody wants it. Raises ReachError."""
        if host_key is None:
            return 0
        self._terminals = TerminalServer(consoles(self.scene, self._now_ms), User(USER, PASSWORD), host_key)
        return await self._terminals.open()

    async def close_terminals(self) -> None:
        """Hang up."""
        if self._terminals is not None:
            await self._terminals.close()

    def start(self) -> int:
        """Listen, let time go on, and return the port. Raises ReachError."""
        port = self.wire.open(self._port)
        self._advance()
        return port

    def stop(self) -> None:
        """Listen no more."""
        self._stopped = True
        self.wire.close()
        if self._voice is not None:
            self._voice.close()

    def obey(self, order: Order) -> None:
        """Do what an order says. Raises UsageError."""
        if order.do == "fail":
            self.scene.fail(order.entity, self._now_ms())
        elif order.do == "restore":
            self.scene.restore(order.entity, self._now_ms())
        elif order.do == "tour":
            self.scene.tour_from(order.at_ms)
        elif order.metric is None:
            raise UsageError("an order to set names no metric")
        else:
            self.scene.set(order.entity, order.metric, order.value)

    def _advance(self) -> None:
        if not self._stopped:
            now_ms = self._now_ms()
            self.scene.advance(now_ms)
            if self._voice is not None:
                for saying in self._teller.look(now_ms):
                    self._voice.say(saying)
            self._clock.call_later(ADVANCE_EVERY_S, self._advance)

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())


def answer(line: bytes, running: Running) -> bytes:
    """Obey one line of standard input and return the line that answers it."""
    number: int | None = None
    error: str | None = None
    try:
        document: Document = parse(line.decode("utf-8", "replace"), "order")
        data = document.data
        number = data["id"] if isinstance(data, dict) and isinstance(data.get("id"), int) else None  # type: ignore[assignment]
        running.obey(validate_data(Order, data, document))
    except NocError as wrong:
        error = str(wrong)
    return json.dumps({"id": number, "error": error}).encode() + b"\n"


async def serve(arguments: WorldArguments) -> None:
    """Run until standard input ends or SIGTERM comes. Raises NocError where the world can't be."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    if task is not None:
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    for number in (signal.SIGINT, signal.SIGHUP):  # these are for the one who started us, who then ends our input
        signal.signal(number, signal.SIG_IGN)
    reader = asyncio.StreamReader(limit=MAX_LINE_BYTES)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    running = Running(arguments, SystemClock())
    port = running.start()
    try:
        ssh_port = await running.open_terminals(arguments.host_key)
        _print(json.dumps({"ready": port, "ssh": ssh_port}).encode() + b"\n")
        async for line in reader:
            _print(answer(line, running))
    except BrokenPipeError:
        return  # nobody listens any more
    except ValueError as error:
        raise UsageError(f"a line of more than {MAX_LINE_BYTES} bytes on standard input") from error
    finally:
        await running.close_terminals()
        running.stop()


def _print(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def main(arguments: list[str]) -> int:
    """Run the simulator and return its exit code: 0 it was told to stop, 2 wrong arguments, 3 it can't listen."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m noc.simulator ARGUMENTS.json\n")
        return UsageError.exit_code
    try:
        asyncio.run(serve(validate(WorldArguments, read(Path(arguments[0])))))
    except asyncio.CancelledError:
        return 0
    except NocError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0
