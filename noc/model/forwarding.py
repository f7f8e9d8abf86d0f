"""Which hardware addresses a switch has learnt on which port: how a Reading tells it, and what is read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

PORT_ADDRESSES: Final = "portAddresses"
"""The table of a Reading whose index is the ifIndex of a port and the six octets of an address."""

PORT_COUNTS: Final = "portCounts"
"""The table of a Reading whose index is the ifIndex of a port, with how many addresses it has: `addresses`."""

AGGREGATES: Final = "aggregates"
"""The table of a Reading whose index is the ifIndex of a port that is a member of another, `aggregate`."""

ADDRESSES_AT_MOST: Final = 32
"""Addresses of a port that are told: behind one with more are people, and new ones are no news."""


@dataclass(frozen=True, slots=True)
class Forwarding:
    """What a switch has learnt. ports: by ifIndex the addresses, as `00:0c:07:ac:01:02`; None where they are many.

    aggregates: of ports that are members of another, the ifIndex of that; what is learnt is learnt there.
    """

    at: datetime
    ports: Mapping[int, frozenset[str] | None]
    aggregates: Mapping[int, int] = field(default_factory=dict)
