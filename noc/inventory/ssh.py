"""What a device is asked by SSH, as people write it: checks by name, a command of their own, configuration backup."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer, PlainValidator, ValidationInfo

from noc.model.command import Command, Platform
from noc.settings.schema import Duration, Settings

CliCheck = Literal[
    "version", "inventory", "environment", "bgp", "ospf", "mpls", "tunnels", "sessions", "ntp", "cluster", "vrf"
]
"""What can be asked by SSH beside SNMP: config/profiles/cli says by which commands, for each platform."""


def parse_command(value: object, info: ValidationInfo) -> object:
    """Return the command that a text means on the platform written before it. Raises ValueError."""
    if isinstance(value, Command) or "platform" not in info.data:  # a platform that is wrong is told already
        return value
    platform = info.data["platform"]
    if platform is None:
        raise ValueError("a command needs its `platform` beside it")
    if not isinstance(value, str):
        raise ValueError("must be text, one command")  # noqa: TRY004 pydantic makes findings of ValueError
    return Command(platform, value)


class SshCheck(Settings):
    """What is asked by SSH. It changes nothing on the device: no other command can be written."""

    platform: Platform | None = None
    """What command line the device has. Default: what its profile says (`cli`)."""
    command: Annotated[Command, PlainValidator(parse_command), PlainSerializer(str, return_type=str)] | None = None
    """A command of your own, as `uptime` on linux or `show clock` on cisco-ios; its text is kept in the Reading."""
    checks: tuple[CliCheck, ...] = ()
    """What is asked: version, inventory, environment, bgp, ospf, mpls, tunnels, sessions, ntp, cluster, vrf. Answers
    count where SNMP gives none of that kind."""
    every: Duration | None = None
    """Time between two log-ins. Default: poll_interval. A command whose own rhythm is longer is asked less often."""


class Backup(Settings):
    """Copies of a device's configuration, by SSH."""

    every: Duration = timedelta(days=1)
    """How old the last good copy may become; after it, and when the device tells of a change, it is fetched anew."""
    keep: Annotated[int, Field(ge=2, le=1000)] = 50
    """Versions that are kept of a device; the oldest go first."""
