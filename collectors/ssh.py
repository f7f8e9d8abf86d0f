"""SSH: logs in once, runs the commands that are due, and brings back what they printed, as text and as rows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from collectors._ports import Collector, Doors, Target
from collectors._ssh import LoggedIn, answer_of, logged_in
from noc.model.command import Command
from noc.model.reading import PartFailure, Reading, SshAnswer
from noc.wire.cliparser import CliParseError
from noc.wire.ssh import MAX_OUTPUT_BYTES, Output

MIN_ANSWER_S: Final = 10.0
TIMEOUTS_PER_ANSWER: Final = 5
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
        wanted = device.watch.ssh
        if wanted is None:
            raise ValueError(f"device '{device.id}' has nothing to be asked by SSH")
        started_at, started = doors.clock.now(), doors.clock.monotonic()
        own = () if wanted.command is None else (wanted.command,)
        commands: tuple[Command, ...] = (*own, *(one.command for one in target.commands))
        answer_s = max(MIN_ANSWER_S, device.watch.timeout.total_seconds() * TIMEOUTS_PER_ANSWER)
        came = await logged_in(doors, target, commands, answer_s, MAX_OUTPUT_BYTES) if commands else LoggedIn()
        left_s = target.check.deadline_s - (doors.clock.monotonic() - started)
        answers, parts = await self._read(came.outputs, target, max(left_s, 0.0))
        return Reading(
            check="ssh",
            address=str(device.address),
            poller=doors.poller,
            started_at=started_at,
            duration_s=doors.clock.monotonic() - started,
            failure=came.failure,
            parts=(*_cut(came.outputs, commands), *parts, *target.unasked),
            ssh=answers if commands and came.failure is None else None,
            host_key=came.change,
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
            answer = answer_of(output)
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
