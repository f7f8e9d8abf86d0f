"""Units: what may be compared with what, and how many of the one are the other. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple


class Quantity(NamedTuple):
    """What a number is of. dimension: empty for plain numbers. factor: how many of the dimension's base it is."""

    dimension: str
    factor: float = 1.0

    @property
    def shown(self) -> str:
        """Return it in words."""
        return self.dimension.replace("_", " ") or "a plain number"


PLAIN: Final = Quantity("")
TIME: Final = "time"

UNITS: Final = {
    "ms": Quantity(TIME, 0.001),
    "milliseconds": Quantity(TIME, 0.001),
    "hundredths_of_a_second": Quantity(TIME, 0.01),
    "s": Quantity(TIME),
    "seconds": Quantity(TIME),
    "min": Quantity(TIME, 60),
    "m": Quantity(TIME, 60),
    "h": Quantity(TIME, 3_600),
    "d": Quantity(TIME, 86_400),
    "days": Quantity(TIME, 86_400),
    "bytes": Quantity("bytes"),
    "octets": Quantity("bytes"),
    "KiB": Quantity("bytes", 2**10),
    "MiB": Quantity("bytes", 2**20),
    "GiB": Quantity("bytes", 2**30),
    "TiB": Quantity("bytes", 2**40),
    "bits_per_second": Quantity("bits_per_second"),
    "bit": Quantity("bits"),
    "kbit": Quantity("bits", 1e3),
    "Mbit": Quantity("bits", 1e6),
    "Gbit": Quantity("bits", 1e9),
    "kbps": Quantity("bits_per_second", 1e3),
    "Mbps": Quantity("bits_per_second", 1e6),
    "Gbps": Quantity("bits_per_second", 1e9),
    "megabits_per_second": Quantity("bits_per_second", 1e6),
    "packets_per_second": Quantity("packets/time"),
    "pps": Quantity("packets/time"),
    "C": Quantity("celsius"),
    "°C": Quantity("celsius"),
    "dB": Quantity("db"),
    "dBm": Quantity("dbm"),
    "dBuV": Quantity("dbuv"),
    "Hz": Quantity("hertz"),
    "V": Quantity("volts"),
    "A": Quantity("amperes"),
    "W": Quantity("watts"),
    "Wh": Quantity("watt_hours"),
    **{
        name: Quantity(name)
        for name in (
            "percent", "db", "dbm", "dbuv", "celsius", "volts", "amperes", "watts", "watt_hours", "rpm", "hertz",
            "packets",
        )
    },
}  # fmt: skip
"""Words for units. Those of measurements (docs/reference/series.md) are among them."""


SHORT: Final = (
    *(
        "%",
        "ms",
        "s",
        "min",
        "h",
        "d",
        "bytes",
        "KiB",
        "MiB",
        "GiB",
        "TiB",
        "kbit/s",
        "Mbit/s",
        "Gbit/s",
        "pps",
        "packets",
    ),
    *("°C", "dB", "dBm", "dBuV", "Hz", "V", "A", "W", "Wh", "rpm"),
)
"""What is told where somebody writes another one."""


def is_time(word: str) -> bool:
    """Tell whether a word is a unit of time."""
    return word in UNITS and UNITS[word].dimension == TIME


def per_second(dimension: str) -> str:
    """Return the dimension of what changes in time."""
    if dimension == "bits":
        return "bits_per_second"
    return "" if dimension == TIME else f"{dimension}/{TIME}"


def quantity(unit: str | None, per: str = "") -> Quantity:
    """Return what a number of a unit is of. Raises KeyError for a unit that there is not."""
    found = PLAIN if not unit else UNITS[unit]
    return found if not per else Quantity(per_second(found.dimension), found.factor / UNITS[per].factor)
