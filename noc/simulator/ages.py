"""How old the devices of a world are: as many of each class are past their useful life as in the organisation that the
world is like (field assets on 30 June 2017: 56 % of switches, 66 % of routers). Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from noc.inventory.layers import DeviceClass

USEFUL_YEARS: Final[Mapping[DeviceClass, int]] = {
    "switch": 7,
    "digital-terminal": 9,
    "satellite-modem": 7,
    "router": 7,
    "radio": 9,
    "video": 5,
    "firewall": 5,
    "server": 4,
    "pabx": 9,
    "earth-station": 12,
    "ups": 8,
    "microwave": 9,
    "storage": 5,
    "tape-library": 7,
}
"""`other` is left out: of what nobody can name nobody knows how long it is of use."""

PAST_PCT: Final[Mapping[DeviceClass, int]] = {
    "switch": 56,
    "digital-terminal": 50,
    "satellite-modem": 44,
    "router": 66,
    "radio": 51,
    "video": 25,
    "firewall": 41,
    "server": 70,  # 537 of 679 computer servers and 149 of 296 network servers
    "pabx": 68,
    "earth-station": 38,
    "ups": 56,  # as all other network equipment
    "microwave": 56,
    "storage": 49,
    "tape-library": 68,
}
UNKNOWN_PCT: Final = 3
"""Of so many the day of their installation got lost."""

LATE_YEARS: Final = 6
"""So long past its useful life the oldest is."""

SUPPORT_YEARS: Final = 2
"""So long after the useful life the maker still mends it, where the inventory says how long."""

_GOLDEN: Final = 0.6180339887498949
"""Multiples of it, without their whole part, are spread evenly: any few devices in a row are like the whole."""

_YEAR: Final = 365.25


@dataclass(frozen=True, slots=True)
class Age:
    """What the inventory says of a device's age; None: nothing."""

    installed: date | None = None
    end_of_support: date | None = None


def age_of(number: int, device_class: DeviceClass, today: date) -> Age:
    """Return the age of the device of a number, the same each time."""
    years = USEFUL_YEARS.get(device_class)
    place = (number + 1) * _GOLDEN % 1
    unknown = UNKNOWN_PCT / 100
    if years is None or place < unknown:
        return Age()
    share, place = PAST_PCT[device_class] / 100, (place - unknown) / (1 - unknown)
    old = years + LATE_YEARS * place / share if place < share else years * (1 - (place - share) / (1 - share)) * 0.99
    installed = today - timedelta(days=int(old * _YEAR) + 1)
    mended_until = installed.year + years + SUPPORT_YEARS
    return Age(installed, date(mended_until, 12, 31) if number % 3 else None)
