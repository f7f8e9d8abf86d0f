"""SSH: logs in once, runs the commands that are due, and brings back what they printed, as text and as rows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from collectors._ports import Collector, Doors, Target
from noc.model.command import Command
from noc.model.reading import Failure, HostKeyChange, PartFailure, Reading, SshAnswer
from noc.wire.cliparser import CliParseError
from noc.wire.errors import WireError
from noc.wire.ssh import MAX_OUTPUT_BYTES, HostKeyChangedError, Output, Patience

MIN_ANSWER_S = 10.0
TIMEOUTS_PER_ANSWER = 5
"""One step of a log-in is several round trips, and an old processor needs seconds for the keys."""


def build(doors: Doors) -> Collector:
    """Return the collector."""
    return Ssh(doors)


@dataclass(frozen=True, slots=True)
class Ssh:
    """Runs commands. It is no evidence of up and down. Where none is due it doesn't log in, and tells nothing."""

    doors: Doors

    async def collect(self, target: Target) -> Reading:
        """Log in, run the commands, hang up; all within the check's deadline."""
        doors, device = self.doors, target.device
        watch, address = device.watch, str(device.address)
        if watch.ssh is None or target.ssh is None:
            raise ValueError(f"device '{device.id}' has nothing to be asked by SSH, or no SSH credentials")
        started_at, started = doors.clock.now(), doors.clock.monotonic()
        timeout_s = watch.timeout.total_seconds()
        patience = Patience(
            connect_s=timeout_s * (watch.retries + 1),
            answer_s=max(MIN_ANSWER_S, timeout_s * TIMEOUTS_PER_ANSWER),
            total_s=target.check.deadline_s,
        )
        own = () if watch.ssh.command is None else (watch.ssh.command,)
        commands: tuple[Command, ...] = (*own, *(one.command for one in target.commands))
        failure: Failure | None = None
        change: HostKeyChange | None = None
        outputs: tuple[Output, ...] = ()
        try:
            if commands:
                outputs = await doors.shell.run(address, target.ssh, commands, patience)
        except WireError as error:
            failure = error.failure
            change = error.change if isinstance(error, HostKeyChangedError) else None
        left_s = target.check.deadline_s - (doors.clock.monotonic() - started)
        answers, parts = await self._read(outputs, target, max(left_s, 0.0))
        return Reading(
            check="ssh",
            address=address,
            poller=doors.poller,
            started_at=started_at,
            duration_s=doors.clock.monotonic() - started,
            failure=failure,
            parts=(*_cut(outputs, commands), *parts, *target.unasked),
            ssh=answers if commands and failure is None else None,
            host_key=change,
        )

    async def _read(
        self, outputs: Sequence[Output], target: Target, left_s: float
    ) -> tuple[tuple[SshAnswer, ...], list[PartFailure]]:
        """Return the answers, with rows where there is a template, and which of them can't be read."""
        templates = {one.command: one for one in target.commands}
        family = None if target.cli is None else target.cli.templates
        answers: list[SshAnswer] = []
        parts: list[PartFailure] = []
        end_s = asyncio.get_running_loop().time() + left_s
        for output in outputs:
            command = output.command
            answer = SshAnswer(command.platform, command.text, output.text, output.duration_s)
            how = templates.get(command)
            if how is not None:
                try:
                    async with asyncio.timeout_at(end_s):
                        rows = await self.doors.parser.rows(
                            command.platform, command.text, output.text, how.template, family
                        )
                    answer = replace(answer, rows=rows)
                except CliParseError as error:
                    parts.append(PartFailure(command.text, str(error)))
                except TimeoutError:
                    parts.append(PartFailure(command.text, "there was no time left to read it"))
            answers.append(answer)
        return tuple(answers), parts


def _cut(outputs: Sequence[Output], commands: Sequence[Command]) -> list[PartFailure]:
    """Return what was cut, and what was not asked any more because of it."""
    cut = [
        PartFailure(str(output.command), f"cut after {MAX_OUTPUT_BYTES} bytes; it prints more than noc reads")
        for output in outputs
        if output.is_cut
    ]
    asked = {output.command for output in outputs}
    left = [command for command in commands if command not in asked] if cut else []
    return [*cut, *(PartFailure(str(command), "not asked, because an earlier answer was cut") for command in left)]
