"""What collectors share: what they are asked, what they may use, and the contract that each of them keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from noc.clock import Clock
from noc.inventory.entities import Device
from noc.inventory.profiles.cli import CliCommand, CliPlatform
from noc.inventory.profiles.compiled import Profile
from noc.model.budget import UNBOUNDED, Grant
from noc.model.check import Check
from noc.model.command import Platform
from noc.model.reading import Known, PartFailure, Reading
from noc.wire.cliparser import CliParser
from noc.wire.icmp import Pinger
from noc.wire.snmp import Community, Memory, User
from noc.wire.ssh import Shell, SshLogin


@dataclass(frozen=True, slots=True)
class Doors:
    """What a collector may use.

    poller: the name under which Readings are signed. profiles: by name. parser: of what commands print. agents: what is
    remembered of SNMP agents.
    """

    clock: Clock
    poller: str
    profiles: Mapping[str, Profile]
    pinger: Pinger
    shell: Shell
    parser: CliParser = field(default_factory=CliParser)
    agents: Memory = field(default_factory=Memory)


@dataclass(frozen=True, slots=True)
class Target:
    """One question for one device.

    snmp, ssh: how to log in, None where the device has no such credentials. known: of its SNMP agent, as an earlier
    Reading told; None where nothing is. platform: what command line it has, as far as that is known; cli: what is
    known of that. commands: that are due by SSH; unasked: what can't be asked, and why. is_due: a copy of its
    configuration is.
    """

    check: Check
    device: Device
    snmp: Community | User | None = None
    ssh: SshLogin | None = None
    known: Known | None = None
    platform: Platform | None = None
    commands: tuple[CliCommand, ...] = ()
    unasked: tuple[PartFailure, ...] = ()
    grant: Grant = UNBOUNDED
    is_due: bool = True
    cli: CliPlatform | None = None


class Collector(Protocol):
    """A question with a deadline. A module of this package has `build(doors) -> Collector`.

    `collect` answers with exactly one Reading by `target.check.deadline_s`, whatever the device does. It raises only
    for faults in noc itself, which are no evidence of the device; it keeps no state, schedule or judgement.
    """

    async def collect(self, target: Target) -> Reading:
        """Ask once."""
        ...
