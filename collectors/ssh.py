"""SSH: logs in, runs the one command that the device's `ssh` names, and brings back what it printed."""

from __future__ import annotations

from dataclasses import dataclass

from collectors._ports import Collector, Doors, Target
from noc.model.reading import Failure, PartFailure, Reading, SshAnswer
from noc.wire.errors import WireError
from noc.wire.ssh import MAX_OUTPUT_BYTES, Output, Patience

MIN_ANSWER_S = 10.0
TIMEOUTS_PER_ANSWER = 5
"""One step of a log-in is several round trips, and an old processor needs seconds for the keys."""


def build(doors: Doors) -> Collector:
    """Return the collector."""
    return Ssh(doors)


@dataclass(frozen=True, slots=True)
class Ssh:
    """Runs one command. It is no evidence of up and down."""

    doors: Doors

    async def collect(self, target: Target) -> Reading:
        """Log in, run the command, hang up; all within the check's deadline."""
        doors, device = self.doors, target.device
        watch, address = device.watch, str(device.address)
        if watch.ssh is None or target.ssh is None:
            raise ValueError(f"device '{device.id}' has no command to run, or no SSH credentials")
        started_at, started = doors.clock.now(), doors.clock.monotonic()
        timeout_s = watch.timeout.total_seconds()
        patience = Patience(
            connect_s=timeout_s * (watch.retries + 1),
            answer_s=max(MIN_ANSWER_S, timeout_s * TIMEOUTS_PER_ANSWER),
            total_s=target.check.deadline_s,
        )
        failure: Failure | None = None
        output: Output | None = None
        try:
            (output,) = await doors.shell.run(address, target.ssh, [watch.ssh.command], patience)
        except WireError as error:
            failure = error.failure
        return Reading(
            check="ssh",
            address=address,
            poller=doors.poller,
            started_at=started_at,
            duration_s=doors.clock.monotonic() - started,
            failure=failure,
            parts=_parts(output),
            ssh=None if output is None else _answer(output),
        )


def _answer(output: Output) -> SshAnswer:
    return SshAnswer(output.command.platform, output.command.text, output.text, output.duration_s)


def _parts(output: Output | None) -> tuple[PartFailure, ...]:
    if output is None or not output.is_cut:
        return ()
    return (PartFailure(str(output.command), f"cut after {MAX_OUTPUT_BYTES} bytes; it prints more than noc reads"),)
