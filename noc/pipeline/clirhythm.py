"""Which commands of a device are due at a log-in. Pure, with a memory of one time for each command."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from noc.inventory.profiles.cli import CliCommand
from noc.inventory.ssh import SshCheck


class CliRhythm:
    """Remembers when each command of each device was last answered."""

    def __init__(self) -> None:
        self._asked: dict[str, dict[str, datetime]] = {}

    def due(
        self, entity: str, commands: Iterable[CliCommand], now: datetime, interval: timedelta
    ) -> tuple[CliCommand, ...]:
        """Return the commands whose rhythm has passed, or will have before the middle of the next interval."""
        asked = self._asked.get(entity, {})
        return tuple(
            one
            for one in commands
            if one.command.text not in asked or now - asked[one.command.text] >= one.every - interval / 2
        )

    def take(self, entity: str, commands: Sequence[str], now: datetime) -> None:
        """Note that these commands were answered."""
        self._asked.setdefault(entity, {}).update(dict.fromkeys(commands, now))

    def forget(self, entity: str) -> None:
        """Drop a device that is no longer watched, or is asked otherwise."""
        self._asked.pop(entity, None)


def wanted(commands: Iterable[CliCommand], ssh: SshCheck) -> tuple[CliCommand, ...]:
    """Return the commands that the checks of a device ask for."""
    return tuple(one for one in commands if not one.checks.isdisjoint(ssh.checks))
