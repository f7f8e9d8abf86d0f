"""What is asked by SSH at a log-in: which command line a device has, which commands are due, whether a copy is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from collectors._ports import Target
from noc.inventory.entities import Device
from noc.inventory.profiles.cli import Catalogue
from noc.inventory.profiles.compiled import Profile
from noc.model.check import Check
from noc.model.command import Platform
from noc.model.reading import PartFailure, Reading
from noc.pipeline.clirhythm import CliRhythm, wanted


class Asking:
    """Remembers when each command of each device was answered. catalogue: what can be asked, as it is now.

    known: the profile that a device was last read by. due: whether a copy of a device's configuration is due.
    """

    def __init__(
        self,
        profiles: Mapping[str, Profile],
        catalogue: Callable[[], Catalogue],
        known: Callable[[str], str | None],
        due: Callable[[Target, datetime], bool] = lambda *_: True,
    ) -> None:
        self._profiles = profiles
        self._catalogue = catalogue
        self._known = known
        self._due = due
        self._rhythm = CliRhythm()

    def target(self, target: Target, now: datetime) -> Target:
        """Return a question of `ssh` or `backup` with what is to be asked now."""
        platform = self.platform(target)
        known = self._catalogue().get(platform or "")
        target = replace(target, platform=platform, cli=known)
        if target.check.kind == "backup":
            return replace(target, is_due=self._due(target, now))
        ssh = target.device.watch.ssh
        if ssh is None or not ssh.checks:
            return target
        if platform is None:
            reason = "what command line it has isn't known before a poll by SNMP; or give `ssh: platform`"
            return replace(target, unasked=(PartFailure(", ".join(ssh.checks), reason),))
        asked = wanted(() if known is None else known.commands, ssh)
        there = {check for one in asked for check in one.checks}
        unasked = tuple(
            PartFailure(check, f"there is no command for it on {platform}")
            for check in ssh.checks
            if check not in there
        )
        interval = timedelta(seconds=target.check.interval_s)
        due = self._rhythm.due(target.check.entity, asked, now, interval)
        return replace(target, commands=due, unasked=unasked)

    def platform(self, target: Target) -> Platform | None:
        """Return what command line a device has; None while that isn't known."""
        return self.platform_of(target.device)

    def platform_of(self, device: Device) -> Platform | None:
        """Return what command line a device has; None while that isn't known."""
        watch = device.watch
        if watch.ssh is not None and watch.ssh.platform is not None:
            return watch.ssh.platform
        name = watch.profile if watch.profile in self._profiles else self._known(device.entity)
        profile = self._profiles.get(name or "")
        return None if profile is None else profile.cli

    def every(self, check: Check, reading: Reading) -> timedelta:
        """Return how often what was answered is asked."""
        commands = [
            one
            for answer in reading.ssh or ()
            if (known := self._catalogue().get(answer.platform)) is not None
            for one in known.commands
            if one.command.text == answer.command
        ]
        return max((one.every for one in commands), default=timedelta(seconds=check.interval_s))

    def take(self, check: Check, reading: Reading) -> None:
        """Note what was answered."""
        if reading.ssh is not None:
            self._rhythm.take(check.entity, [answer.command for answer in reading.ssh], reading.started_at)

    def forget(self, entity: str) -> None:
        """Drop a device that is no longer watched, or is asked otherwise."""
        self._rhythm.forget(entity)
