"""What collectors share: what they are asked, what they may use, and the contract that each of them keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from noc.clock import Clock
from noc.inventory.entities import Device
from noc.inventory.profiles.compiled import Profile
from noc.model.check import Check
from noc.model.reading import Known, Reading
from noc.wire.icmp import Pinger
from noc.wire.snmp import Community, User
from noc.wire.ssh import Shell, SshLogin


@dataclass(frozen=True, slots=True)
class Doors:
    """What a collector may use. poller: the name under which Readings are signed. profiles: by name."""

    clock: Clock
    poller: str
    profiles: Mapping[str, Profile]
    pinger: Pinger
    shell: Shell


@dataclass(frozen=True, slots=True)
class Target:
    """One question for one device.

    snmp, ssh: how to log in, None where the device has no such credentials. known: of its SNMP agent, as an earlier
    Reading told; None where nothing is.
    """

    check: Check
    device: Device
    snmp: Community | User | None = None
    ssh: SshLogin | None = None
    known: Known | None = None


class Collector(Protocol):
    """A question with a deadline. A module of this package has `build(doors) -> Collector`.

    `collect` answers with exactly one Reading by `target.check.deadline_s`, whatever the device does. It raises only
    for faults in noc itself, which are no evidence of the device; it keeps no state, schedule or judgement.
    """

    async def collect(self, target: Target) -> Reading:
        """Ask once."""
        ...
