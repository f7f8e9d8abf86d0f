"""The settings of discovery."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import Discriminator, Field, Tag

from noc.inventory.values import NetworkField, Port
from noc.settings.schema import Duration, Settings

NEVER: Final = "never"


def _branch(value: object) -> str:
    return NEVER if value == NEVER else "every"


Rhythm = Annotated[Annotated[Literal["never"], Tag(NEVER)] | Annotated[Duration, Tag("every")], Discriminator(_branch)]
"""A duration, or `never`."""


class DiscoverySettings(Settings):
    """How noc looks for devices, which it does not by itself: `noc discover` does. Drift it looks for by itself."""

    exclude: tuple[NetworkField, ...] = ()
    """Networks and addresses that are never asked anything."""
    credentials: tuple[str, ...] = ()
    """Sets of credentials that are tried, in this order. Default: all that have an snmp part, as they are written."""
    max_wrong_log_ins: Annotated[int, Field(ge=1, le=20)] = 3
    """So many wrong log-ins an address sees at most in one sweep, so that no device locks noc out."""
    max_addresses: Annotated[int, Field(ge=1, le=1_000_000)] = 65_536
    """A sweep of more addresses is refused without --force."""
    per_second: Annotated[int, Field(ge=1, le=10_000)] = 50
    """Addresses that a sweep begins with in a second."""
    max_concurrent: Annotated[int, Field(ge=1, le=1_000)] = 256
    """Addresses that are asked at once."""
    timeout: Duration = timedelta(seconds=2)
    """How long to wait for one answer."""
    ping: Literal["first", "never"] = "first"
    """first: an address that answers no ping is asked nothing else. never: every address is asked by SNMP and SSH."""
    snmp_port: Port = 161
    """UDP port of SNMP agents."""
    ssh_port: Port = 22
    """TCP port where the version line of SSH is read; nobody logs in."""
    drift_every: Rhythm = timedelta(days=1)
    """How often each site is looked at for drift of the inventory against the network, in the daemon. Sites are spread
    over this time. never: only `noc discover drift` looks."""
