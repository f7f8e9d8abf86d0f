"""`noc demo`: a world that does not exist, watched by the real daemon, with a past made by the real ledger code.

Everything lies in one folder and runs in this process and a child: the child is the world, at the wire. All that people
see or read says SIMULATED.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import signal
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from socket import AF_INET, AF_INET6, SO_REUSEADDR, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET, socket
from typing import Final

from pydantic import ValidationError

from noc.app.build import build
from noc.app.check import CheckResult, check
from noc.app.demobreaks import breaks_of
from noc.app.demodecisions import Step, steps
from noc.app.demopast import PastNumbers
from noc.app.demopastkept import PastKept
from noc.app.demopeople import alert_settings
from noc.app.demopoller import FarPoller
from noc.app.demotour import DemoParts, Guide
from noc.app.reload import Reload
from noc.app.run import live
from noc.app.settings import RootSettings
from noc.app.site import reporting_of, server_of
from noc.app.statefile import STATE_FILE
from noc.app.statefolder import unusable
from noc.clock import Clock
from noc.http.tour import Broken
from noc.inventory.inventory import Inventory
from noc.inventory.shipped import shipped
from noc.model.counting import counted
from noc.model.errors import InputError, UsageError
from noc.model.instants import from_ms, to_ms
from noc.pipeline.objectives import targets_of
from noc.pipeline.restore import rows
from noc.service import Service
from noc.settings.yamltext import Data
from noc.simulator.appfiles import write_applications
from noc.simulator.applications import Applications
from noc.simulator.commandline import PASSWORD, SITES, USER
from noc.simulator.configuration import SshAccess, write_configuration
from noc.simulator.faults import Story
from noc.simulator.history import DAYS, Past, past, polled, probed
from noc.simulator.hook import Hook
from noc.simulator.mailbox import Mailbox
from noc.simulator.pastrun import Spent
from noc.simulator.run import WorldArguments
from noc.simulator.service import Simulator
from noc.simulator.tour import Tour
from noc.simulator.voice import LISTENER
from noc.simulator.walls import segmentation_of
from noc.simulator.world import VANTAGE, World
from noc.state import checkpoint, ledger
from noc.state.committer import CHECKPOINT
from noc.state.database import Database

log = logging.getLogger(__name__)

DEVICES_A_CORE: Final = 1_500
"""Devices of the demo for each processor core: the world itself needs most of what they cost."""

WORLD_FILE: Final = "world.json"
HOST_KEY_FILE = "ssh-host-key"
MAIL_FOLDER: Final = "mail"
RULES_FOLDER: Final = "rules"
RECORDS_AT_ONCE: Final = 5_000

STOPPING: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""While it starts there is nothing to reload yet."""


Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """folder: where everything lies; one of an earlier demo goes on with that one's world and past.

    listen: address of the dashboard. breaks: what of noc is broken after a minute.
    """

    folder: Path
    port: int
    sites: int
    devices: int
    seed: int
    quiet: bool
    listen: str = LISTENER
    breaks: Broken | None = None

    @property
    def base_url(self) -> str | None:
        """Return where browsers find it; None where that isn't known before it listens."""
        return f"http://{host_of(self.listen)}:{self.port}" if self.port else None


@dataclass(frozen=True, slots=True)
class _World:
    """What there is beside noc: the devices, what receives messages, the applications; and where noc hears devices."""

    arguments: WorldArguments
    world: World
    simulator: Simulator
    mailbox: Mailbox
    hook: Hook
    applications: Applications
    far: FarPoller | None
    handed: Mapping[str, Sequence[socket]]

    async def begin(self, at_ms: int) -> Tour | None:
        """Let the tour begin at a moment; the poller, where there is one, at once."""
        if self.far is not None:
            await self.far.begin()
        if self.arguments.quiet:
            return None
        await self.simulator.tour(at_ms)
        self.applications.tour_from(at_ms)
        return Tour(self.world, self.arguments.seed, at_ms)


async def demo(options: DemoOptions, clock: Clock, tell: Tell, announce: Callable[[str, Path], None]) -> None:
    """Run the demo until a signal says stop. tell: is given progress. announce: each URL, and the path of noc.yaml.

    Raises NocError, and CancelledError when the signal comes while it starts.
    """
    _stop_on_signals()
    closed = _terminal_closed()
    _check_port(options.listen, options.port)
    tell(f"building a world of {counted(options.sites, 'site')} and {counted(options.devices, 'device')}")
    arguments, is_new = _arguments(options, clock)
    async with AsyncExitStack() as stack:
        world = await _started(options, arguments, clock, stack)
        config = await _configured(options, world)
        checked = await asyncio.to_thread(check, config, dict(os.environ))
        if checked.settings is None or checked.inventory is None or not checked.ok:
            raise InputError(checked.findings)
        if world.far is not None:
            await asyncio.to_thread(world.far.enrol, checked.settings)
        if is_new:
            tell(f"writing the ledger of the last {DAYS} days")
            tell(f"{await _remembered(options.folder, checked, world):,} changes of state are in the ledger")
        daemon = build(checked, clock, handed=world.handed)
        reload = Reload(config, checked, daemon)
        breaks = breaks_of(daemon, world.simulator, None if world.far is None else world.far.as_break)
        guide = Guide(clock, daemon.database, world.begin, breaks, config, options.breaks)
        parts = DemoParts(options.folder / MAIL_FOLDER, guide)
        server = server_of(daemon, reload, lambda url: announce(url, config), parts)
        kept = PastKept(options.folder)
        told = Spent() if is_new else await asyncio.to_thread(kept.left, clock, arguments.begins_ms)
        known = kept, daemon.series.spool, daemon.polling.uses
        charts = [] if told is None else [PastNumbers(world.simulator.path, told, *known, clock, tell)]
        services: list[Service] = [server, reporting_of(daemon, reload), guide, *charts, _Farewell(tell)]
        await live(daemon, reload, services, closed)


async def _started(options: DemoOptions, arguments: WorldArguments, clock: Clock, stack: AsyncExitStack) -> _World:
    """Start the world and what is beside it; the stack stops it."""
    folder = options.folder
    world = await asyncio.to_thread(arguments.world)
    await asyncio.to_thread(_remember, folder, arguments)
    handed = {name: [stack.enter_context(_listening())] for name in ("trap", "syslog")}
    ports = {f"{name}_port": sockets[0].getsockname()[1] for name, sockets in handed.items()}
    arguments = arguments.model_copy(update={"host_key": folder / HOST_KEY_FILE, "toured": True, **ports})
    simulator, mailbox = Simulator(arguments, folder), Mailbox(folder / MAIL_FOLDER, clock)
    hook = Hook(folder / MAIL_FOLDER, clock)
    applications = Applications(world, arguments.story(world), clock, folder, quiet=options.quiet)
    for service in (simulator, mailbox, hook, applications):
        await service.start()
        stack.push_async_callback(service.stop)
    far = FarPoller(folder, world, clock) if options.breaks == "poller" else None
    if far is not None:
        stack.push_async_callback(far.close)
        await far.open_broker()
    return _World(arguments, world, simulator, mailbox, hook, applications, far, handed)


async def _configured(options: DemoOptions, world: _World) -> Path:
    """Write the settings of the demo, and return the path of noc.yaml."""
    simulator, folder = world.simulator, options.folder
    ssh = SshAccess(USER, PASSWORD, simulator.ssh_port, SITES)
    await asyncio.to_thread(write_rules, folder / RULES_FOLDER)
    extra = _settings(options, world)
    today = from_ms(world.arguments.begins_ms).date()
    config = await asyncio.to_thread(
        write_configuration, world.world, folder, simulator.port, extra, ssh=ssh, today=today
    )
    if world.applications.places:
        await asyncio.to_thread(write_applications, config.parent / "inventory", world.applications)
    return config


async def _remembered(folder: Path, checked: CheckResult, world: _World) -> int:
    """Write the past into the ledger, and return how many changes of state it has."""
    arguments, settings, inventory = world.arguments, checked.settings, checked.inventory
    if settings is None or inventory is None:
        raise InputError(checked.findings)
    told = await asyncio.to_thread(_past, inventory, arguments.story(world.world), arguments.begins_ms)
    taken = _steps(inventory, settings, told, arguments.begins_ms)
    await _write(Database(folder / settings.state_dir / STATE_FILE), told, taken, arguments.begins_ms)
    return len(told.transitions)


def host_of(listen: str) -> str:
    """Return the host by which others reach what listens there: of all addresses, the one that leads to others."""
    if listen not in ("0.0.0.0", "::"):  # noqa: S104 compared, not bound
        return f"[{listen}]" if ":" in listen else listen
    with socket(AF_INET, SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))  # sends nothing: it asks the kernel for the way
        except OSError:
            return LISTENER
        return str(asked.getsockname()[0])


def _check_port(listen: str, port: int) -> None:
    """Raise UsageError where the dashboard's port is taken: before the world is built, which takes a while."""
    with socket(AF_INET6 if ":" in listen else AF_INET, SOCK_STREAM) as tried:
        tried.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            tried.bind((listen, port))
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise UsageError(
                f"{listen}:{port} can't be the dashboard's: {why}; give another --port (0 takes a free one) or --listen"
            ) from error


class _Farewell:
    """A service: says at once that the end has begun, which takes seconds."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        self._tell("stopping")


def _listening() -> socket:
    """Return a UDP socket on a free port of loopback, for what the world's devices say by themselves.

    It is the daemon's from its start on, as one of systemd's is; what comes before that waits in it.
    """
    made = socket(AF_INET, SOCK_DGRAM)
    made.bind((LISTENER, 0))
    return made


def _stop_on_signals() -> None:
    """Let signals end the start in order, so that nothing is left behind.

    SIGINT too: asyncio does it for Ctrl-C alone, not where a shell started us in the background, which ignores SIGINT.
    """
    task = asyncio.current_task()
    if task is not None:
        for number in STOPPING:
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def _terminal_closed() -> Callable[[], bool]:
    """Return what tells, at SIGHUP, whether the terminal was closed that this was started from.

    A closed one is nobody's controlling terminal any more (POSIX.1-2017, 11.1.10), so that /dev/tty can't be opened;
    where none was there from the start, SIGHUP comes from somebody who wants the settings read again.
    """
    had = _has_terminal()
    return lambda: had and not _has_terminal()


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True


def _arguments(options: DemoOptions, clock: Clock) -> tuple[WorldArguments, bool]:
    """Return what makes the world, and whether it is a new one. Raises UsageError."""
    path = options.folder / WORLD_FILE
    reason = unusable(options.folder)
    if reason is not None:
        raise UsageError(f"--state-dir {options.folder}: {reason}; or name another folder")
    wanted = {"sites": options.sites, "devices": options.devices, "seed": options.seed, "quiet": options.quiet}
    try:
        known = json.loads(path.read_text())
    except FileNotFoundError:
        if options.folder.is_dir() and any(options.folder.iterdir()):
            raise UsageError(f"{options.folder}: is not empty and holds no demo; name a new folder") from None
        begins_ms = to_ms(clock.now())
        return _valid({"begins_ms": begins_ms, **wanted}), True
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: can't be read as the world of an earlier demo: {error}") from error
    begins_ms = known.pop("begins_ms", None)
    if known != wanted or not isinstance(begins_ms, int):
        raise UsageError(f"{path}: the demo in this folder was begun with {known}; ask for the same, or another folder")
    return _valid({"begins_ms": begins_ms, **wanted}), False


def _valid(wanted: dict[str, int]) -> WorldArguments:
    try:
        return WorldArguments.model_validate(wanted)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise UsageError(f"--{first['loc'][0]}: {first['msg'].lower()}, not {first['input']}") from error


def _remember(folder: Path, arguments: WorldArguments) -> None:
    """Write down what makes the world. Raises UsageError."""
    world = arguments.model_dump_json(include={"begins_ms", "sites", "devices", "seed", "quiet"})
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / WORLD_FILE).write_text(world)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{folder}: can't be written: {reason}; name another folder") from error


def write_rules(folder: Path) -> None:
    """Write those shipped rules that the demo needs otherwise: its faults last a tenth as long, and so does patience.

    A storm is over a terminal for one or two polls before it is out of reach; so one number is enough there. Examples,
    which stand at the end, are of the times as they are shipped.
    """
    folder.mkdir(exist_ok=True)
    for path in shipped("rules").glob("*.yaml"):
        patience = "0s" if path.name.startswith("satellite-") else "30s"
        told = path.read_text()
        text = re.sub(r"^for: [1-9].*$", f"for: {patience}", told, flags=re.MULTILINE)
        text = re.sub(r"^clear_after: [1-9].*$", "clear_after: 10m", text, flags=re.MULTILINE)
        if text != told:
            text = text.partition("\nexamples:\n")[0] + "\n"
            (folder / path.name).write_text(text)


def _past(inventory: Inventory, story: Story, until_ms: int) -> Past:
    start_ms = until_ms - DAYS * 86_400_000
    return past(story, (*probed(inventory), *polled(inventory)), start_ms, until_ms, VANTAGE)


def _steps(inventory: Inventory, settings: RootSettings, told: Past, until_ms: int) -> list[Step]:
    start_ms = until_ms - DAYS * 86_400_000
    targets = targets_of(inventory, settings.objectives, settings.availability_target)
    return steps(inventory, told.transitions, (start_ms, until_ms), VANTAGE, lambda one: targets.of(one).percent)


async def _write(database: Database, told: Past, taken: list[Step], at_ms: int) -> None:
    """Write the past into the ledger, with what people did then, and the checkpoint from which the daemon goes on."""
    await database.start()
    try:
        done = 0
        for step in (*taken, None):
            known = told.transitions
            end = len(known) if step is None else bisect_left(known, step.at_ms, key=lambda one: one.decided_ms)
            for first in range(done, end, RECORDS_AT_ONCE):
                async with database.write() as connection:
                    await ledger.append(connection, known[first : min(first + RECORDS_AT_ONCE, end)])
            done = end
            if step is not None:
                async with database.write() as connection:
                    await step.take(connection)
        async with database.write() as connection:
            await checkpoint.save(connection, CHECKPOINT, at_ms, rows(told.statuses.memories()))
    finally:
        await database.stop()


def _settings(options: DemoOptions, world: _World) -> dict[str, Data]:
    """Return what the demo adds to the settings of its world: whom to tell, by the mailbox, and where the pages are."""
    http: dict[str, Data] = {"port": options.port, "listen": options.listen}
    if options.listen != LISTENER:
        http["base_url"] = options.base_url
    uplink: list[Data] = [router.entity for router in world.world.edges.get(VANTAGE, ())]
    return {
        "simulated": True,
        "http": http,
        "store": {"kind": "embedded", "memory_mb": 128},
        "rules": RULES_FOLDER,
        "polling": {"vantage": VANTAGE, "uplink": uplink},
        **({} if world.far is None else {"pollers": world.far.settings}),
        **segmentation_of(world.world),
        "alerts": alert_settings(world.mailbox.port, world.hook.port, options.base_url),
    }
