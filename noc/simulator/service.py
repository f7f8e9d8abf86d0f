"""The simulator as a service of another process: starts the world's process, stops it, and hands it orders."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import sys
from pathlib import Path
from typing import Final

from noc.model.errors import NocError
from noc.processes import ended
from noc.simulator.run import WorldArguments

log = logging.getLogger(__name__)

START_PATIENCE_S: Final = 60.0
ORDER_PATIENCE_S: Final = 10.0
STOP_PATIENCE_S: Final = 5.0

_ERROR_BYTES: Final = 4096


class SimulatorError(NocError):
    """The world's process is not there, or refuses an order."""


class Simulator:
    """A service. folder: gets a file `simulator.json` with the arguments."""

    def __init__(self, arguments: WorldArguments, folder: Path) -> None:
        self._arguments = arguments
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._orders: dict[int, asyncio.Future[None]] = {}
        self._numbers = itertools.count(1)
        self._stopping = False
        self._port = 0
        self._ssh_port = 0

    @property
    def ssh_port(self) -> int:
        """Return the TCP port of all command lines; 0 before the start, and where there are none."""
        return self._ssh_port

    @property
    def port(self) -> int:
        """Return the UDP port of all devices; 0 before the start."""
        return self._port

    @property
    def path(self) -> Path:
        """Return the file of the arguments, which is there from the start on."""
        return self._folder / "simulator.json"

    @property
    def running(self) -> bool:
        """Tell whether the world's process is there."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        """Return the number of the world's process."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Start the world and wait until it listens. Raises SimulatorError with what it said."""
        self._stopping = False
        self.path.write_text(self._arguments.model_dump_json(indent=2) + "\n")
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "noc.simulator", str(self.path), stdin=pipe, stdout=pipe, stderr=pipe
        )
        async with contextlib.AsyncExitStack() as undo:
            undo.push_async_callback(self.stop)
            try:
                async with asyncio.timeout(START_PATIENCE_S):
                    self._port = await self._ready(self._process)
            except TimeoutError as error:
                raise SimulatorError(f"the simulator doesn't listen after {START_PATIENCE_S:g} s") from error
            undo.pop_all()
        self._reading = asyncio.create_task(self._read(self._process), name="simulator answers")

    async def stop(self) -> None:
        """End the world's process; it is gone when this returns."""
        self._stopping = True
        process, self._process = self._process, None
        if process is not None:
            if process.stdin is not None:
                process.stdin.close()
            try:
                async with asyncio.timeout(STOP_PATIENCE_S):
                    await process.wait()
            except TimeoutError:
                await ended(process)
        if self._reading is not None:
            await self._reading
            self._reading = None

    async def fail(self, entity: str) -> None:
        """Let an entity fail until it is restored. Raises SimulatorError."""
        await self._order(do="fail", entity=entity)

    async def restore(self, entity: str) -> None:
        """End what ails an entity. Raises SimulatorError."""
        await self._order(do="restore", entity=entity)

    async def set(self, entity: str, metric: str, value: float | None) -> None:
        """Hold a metric at a value; None lets it go. Raises SimulatorError."""
        await self._order(do="set", entity=entity, metric=metric, value=value)

    async def tour(self, at_ms: int) -> None:
        """Let the tour begin at a moment, milliseconds of the Unix epoch. Raises SimulatorError."""
        await self._order(do="tour", at_ms=at_ms)

    async def _order(self, **words: str | float | None) -> None:
        process = self._process
        if process is None or process.stdin is None or process.returncode is not None:
            raise SimulatorError("the simulator is not running")
        number = next(self._numbers)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._orders[number] = done
        try:
            process.stdin.write(json.dumps({"id": number, **words}).encode() + b"\n")
            async with asyncio.timeout(ORDER_PATIENCE_S):
                await process.stdin.drain()
                await done
        except (BrokenPipeError, ConnectionResetError) as error:
            raise SimulatorError("the simulator has died") from error
        except TimeoutError as error:
            raise SimulatorError(f"the simulator gave no answer in {ORDER_PATIENCE_S:g} s") from error
        finally:
            self._orders.pop(number, None)

    async def _ready(self, process: asyncio.subprocess.Process) -> int:
        if process.stdout is None or process.stderr is None:
            raise SimulatorError("the simulator has no pipes")
        line = await process.stdout.readline()
        if not line:
            said = (await process.stderr.read(_ERROR_BYTES)).decode(errors="replace").strip()
            raise SimulatorError(f"the simulator did not start: {said or 'it said nothing'}")
        told = json.loads(line)
        self._ssh_port = int(told["ssh"])
        return int(told["ready"])

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        """Take answers until the process ends; what it says on standard error goes to the log."""
        if process.stdout is None or process.stderr is None:
            return
        complaints = asyncio.create_task(_log_lines(process.stderr), name="simulator complaints")
        async for line in process.stdout:
            answer = json.loads(line)
            waiting = self._orders.get(answer["id"])
            if waiting is None or waiting.done():
                continue
            if answer["error"] is None:
                waiting.set_result(None)
            else:
                waiting.set_exception(SimulatorError(answer["error"]))
        await process.wait()
        await complaints
        for waiting in self._orders.values():
            if not waiting.done():
                waiting.set_exception(SimulatorError("the simulator has died"))
        if not self._stopping:
            log.error("the simulator died (exit %s): its devices don't answer any more", process.returncode)


async def _log_lines(stream: asyncio.StreamReader) -> None:
    while line := await stream.readline():
        log.warning("simulator: %s", line.decode(errors="replace").rstrip())
