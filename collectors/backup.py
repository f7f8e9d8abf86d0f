"""Configuration backup: logs in by SSH, asks what shows the configuration, and brings it back as it is.

Secrets are taken out before anything is kept (noc/pipeline/configtext.py). Where no copy is due it doesn't log in.
"""

from __future__ import annotations

from dataclasses import dataclass

from collectors._ports import Collector, Doors, Target
from noc.model.command import Command, Platform
from noc.model.reading import Failure, FailureKind, HostKeyChange, PartFailure, Reading, SshAnswer
from noc.model.showing import TEXT_AT_MOST, commands
from noc.wire.errors import WireError
from noc.wire.ssh import HostKeyChangedError, Output, Patience

MIN_ANSWER_S = 60.0
TIMEOUTS_PER_ANSWER = 20
"""A router puts its configuration together before it says anything; an old one needs a minute."""


def build(doors: Doors) -> Collector:
    """Return the collector."""
    return BackupCollector(doors)


@dataclass(frozen=True, slots=True)
class BackupCollector:
    """Fetches a configuration. It is no evidence of up and down."""

    doors: Doors

    async def collect(self, target: Target) -> Reading:
        """Log in, ask, hang up; all within the check's deadline."""
        doors, device = self.doors, target.device
        watch, address = device.watch, str(device.address)
        if watch.backup is None or target.ssh is None:
            raise ValueError(f"device '{device.id}' has no backup, or no SSH credentials")
        started_at, started = doors.clock.now(), doors.clock.monotonic()
        timeout_s = watch.timeout.total_seconds()
        patience = Patience(
            connect_s=timeout_s * (watch.retries + 1),
            answer_s=max(MIN_ANSWER_S, timeout_s * TIMEOUTS_PER_ANSWER),
            total_s=target.check.deadline_s,
        )
        failure = _impossible(target)
        change: HostKeyChange | None = None
        outputs: tuple[Output, ...] = ()
        if target.is_due and failure is None and target.platform is not None:
            asked = _asked(target, target.platform)
            try:
                outputs = await doors.shell.run(address, target.ssh, asked, patience, TEXT_AT_MOST)
            except WireError as error:
                failure = error.failure
                change = error.change if isinstance(error, HostKeyChangedError) else None
        return Reading(
            check="backup",
            address=address,
            poller=doors.poller,
            started_at=started_at,
            duration_s=doors.clock.monotonic() - started,
            failure=failure,
            parts=tuple(
                PartFailure(str(output.command), f"cut after {TEXT_AT_MOST} bytes: it is no copy")
                for output in outputs
                if output.is_cut
            ),
            ssh=tuple(map(_answer, outputs)) if outputs else None,
            host_key=change,
        )


def _impossible(target: Target) -> Failure | None:
    """Return why there can't be a copy; nothing where none is due."""
    if not target.is_due:
        return None
    if target.platform is None:
        reason = "what command line it has isn't known before a poll by SNMP; or give `ssh: platform`"
        return Failure(FailureKind.PROTOCOL, reason)
    if not _asked(target, target.platform):
        return Failure(FailureKind.PROTOCOL, f"noc knows no way to fetch a configuration from {target.platform}")
    return None


def _asked(target: Target, platform: Platform) -> tuple[Command, ...]:
    if target.cli is not None and target.cli.configuration:
        return target.cli.configuration
    return tuple(Command(platform, text) for text in commands(platform))


def _answer(output: Output) -> SshAnswer:
    return SshAnswer(output.command.platform, output.command.text, output.text, output.duration_s)
