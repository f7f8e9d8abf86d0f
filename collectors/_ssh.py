"""One log-in by SSH: what `ssh` and `backup` have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collectors._ports import Doors, Target
from noc.model.command import Command
from noc.model.reading import Failure, HostKeyChange, SshAnswer
from noc.wire.errors import WireError
from noc.wire.ssh import HostKeyChangedError, Output, Patience


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """What came of a log-in. change: of the host key, where that is why it failed."""

    outputs: tuple[Output, ...] = ()
    failure: Failure | None = None
    change: HostKeyChange | None = None


async def logged_in(
    doors: Doors, target: Target, commands: Sequence[Command], answer_s: float, output_at_most: int
) -> LoggedIn:
    """Log in, run commands, hang up, within the check's deadline. Raises ValueError without credentials.

    answer_s: that one answer may take. output_at_most: octets of all answers.
    """
    if target.ssh is None:
        raise ValueError(f"device '{target.device.id}' has no SSH credentials")
    watch = target.device.watch
    patience = Patience(watch.timeout.total_seconds() * (watch.retries + 1), answer_s, target.check.deadline_s)
    try:
        address = str(target.device.address)
        return LoggedIn(await doors.shell.run(address, target.ssh, commands, patience, output_at_most))
    except WireError as error:
        change = error.change if isinstance(error, HostKeyChangedError) else None
        return LoggedIn(failure=error.failure, change=change)


def answer_of(output: Output) -> SshAnswer:
    """Return what a command printed."""
    return SshAnswer(output.command.platform, output.command.text, output.text, output.duration_s)
