"""Configuration backup: logs in by SSH, asks what shows the configuration, and brings it back as it is.

Secrets are taken out before anything is kept (noc/pipeline/configtext.py). Where no copy is due it doesn't log in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from collectors._ports import Collector, Doors, Target
from collectors._ssh import LoggedIn, answer_of, logged_in
from noc.model.command import Command, Platform
from noc.model.reading import Failure, FailureKind, PartFailure, Reading
from noc.model.showing import TEXT_AT_MOST, commands

MIN_ANSWER_S: Final = 60.0
TIMEOUTS_PER_ANSWER: Final = 20
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
        if device.watch.backup is None:
            raise ValueError(f"device '{device.id}' has no backup")
        started_at, started = doors.clock.now(), doors.clock.monotonic()
        came = LoggedIn(failure=_impossible(target))
        if target.is_due and came.failure is None and target.platform is not None:
            answer_s = max(MIN_ANSWER_S, device.watch.timeout.total_seconds() * TIMEOUTS_PER_ANSWER)
            came = await logged_in(doors, target, _asked(target, target.platform), answer_s, TEXT_AT_MOST)
        return Reading(
            check="backup",
            address=str(device.address),
            poller=doors.poller,
            started_at=started_at,
            duration_s=doors.clock.monotonic() - started,
            failure=came.failure,
            parts=tuple(
                PartFailure(str(output.command), f"cut after {TEXT_AT_MOST} bytes: it is no copy")
                for output in came.outputs
                if output.is_cut
            ),
            ssh=tuple(map(answer_of, came.outputs)) if came.outputs else None,
            host_key=came.change,
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
