"""What one sensor, or one device, tells of its room: air, power, cooling. Pure. Known objects: room_objects.py."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from noc.model.snapshot import Sensor, Snapshot
from noc.pipeline import room_objects as objects
from noc.pipeline.room_objects import Air, Cooling, Flow, under

_WORD: Final = re.compile(r"[a-z]+")
_AIR_WORDS: Final = frozenset({"ambient", "inlet", "intake", "room"})
_PROBE_WORDS: Final = frozenset({"probe", "environment", "environmental"})
_NEUTRAL_WORDS: Final = frozenset(
    {
        *("air", "temp", "temperature", "humidity", "relative", "sensor", "external", "internal", "celsius", "stats"),
        *("front", "panel", "rack", "row", "aisle", "cold", "hall", "top", "middle", "bottom", "left", "right"),
        *string.ascii_lowercase,
        *("system", "sys", "sw", "switch", "server", "chassis", "board", "enclosure", "unit", "stack", "member"),
    }
)
"""Words beside those that mean air: where it is, and what it flows into as a whole. With any other word (PSU, CPU,
battery, coolant, module) the sensor is of a part."""

_RETURNING: Final = re.compile(r"\b(return|exhaust|hot[ -]?aisle)\b", re.IGNORECASE)
_SUPPLIED: Final = re.compile(r"\bsupply\b", re.IGNORECASE)
_OF_CONDITIONER: Final[tuple[tuple[str, Air], ...]] = (
    (r"\bsupply air\Z", "supply"),
    (r"\breturn air\Z", "return"),
    (r"\brack inlet( \d+)?\Z", "room"),
)
_NAMED_COOLING: Final[tuple[tuple[str, Cooling], ...]] = (
    (r"(.*\W)?cooling output\Z", "output"),
    (r"(.*\W)?cooling demand\Z", "demand"),
)
_NAMED_POWER: Final = {
    "ups": (r"(total )?output( (active|true))?( power)?\Z", r"output (phase |line )?\w{1,2}\Z"),
    "other": (
        r"(pdu|total|inlet|input|infeed)( (active|true))?( power)?( \w{1,2})?\Z",
        r"(.* )?(phase|line) \w{1,2}\Z",
        r"(.* )?bank \w{1,2}\Z",
        r"outlet \d.*\Z",
    ),
}
_ADDED: Final = re.compile(r" \([^()]*\)\Z")
"""What tells sensors of one name apart (sensornames.py)."""
_OTHER_QUANTITY: Final = re.compile(r"\b(apparent|reactive|va|kva|peak|allowed|left)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Power:
    """What goes through a device, in watts."""

    watts: float
    flow: Flow


@dataclass(frozen=True, slots=True)
class Unit:
    """An air conditioner. output_w, demand_w: heat; capacity_pct: in use. is_running: None where it doesn't tell."""

    index: str
    output_w: float | None = None
    demand_w: float | None = None
    capacity_pct: float | None = None
    is_running: bool | None = None
    is_well: bool = True


def air_of(sensor: Sensor, device_class: str) -> Air | None:
    """Return which air of the room a sensor of temperature or humidity is in; None for what is inside of something."""
    name = _named(sensor)
    if sensor.kind not in ("temperature", "humidity") or name.endswith(" dew point"):
        return None
    if under(sensor.oid, objects.AIR_CONDITIONERS):
        return next((air for pattern, air in _OF_CONDITIONER if re.search(pattern, name, re.IGNORECASE)), None)
    if under(sensor.oid, objects.PROBES):
        return "return" if _RETURNING.search(name) else "supply" if _SUPPLIED.search(name) else "room"
    if sensor.kind == "humidity" and under(sensor.oid, objects.HUMIDITY):
        return "room"
    meaning_air = _AIR_WORDS | _PROBE_WORDS if device_class in ("other", "ups") else _AIR_WORDS
    either = (set(_WORD.findall(text.lower())) for text in (name, sensor.name or ""))
    return "room" if any(words & meaning_air and words <= meaning_air | _NEUTRAL_WORDS for words in either) else None


def power_of(known: Snapshot, device_class: str) -> Power | None:
    """Return the power of a device: the whole where it tells it, else the sum of parts of one kind by one MIB."""
    told = [one for one in known.sensors if one.kind == "power" and one.value is not None]
    if not told:
        return None
    for column in objects.POWER:
        watts = _total(
            one for one in told if under(one.oid, column.oids) and (not column.named or column.named.match(_named(one)))
        )
        if watts is not None:
            return Power(watts, column.flow)
    unknown = [one for one in told if not objects.is_power(one.oid) and not _OTHER_QUANTITY.search(one.name)]
    for pattern in _NAMED_POWER.get(device_class, ()):
        watts = _total(one for one in unknown if re.match(pattern, _named(one), re.IGNORECASE))
        if watts is not None:
            return Power(watts, "ups" if device_class == "ups" else "distribution")
    return None


def units_of(known: Snapshot) -> tuple[Unit, ...]:
    """Return the air conditioners that a device is or speaks for; most are one."""
    told: dict[str, list[tuple[Cooling | None, Sensor]]] = {}
    for sensor in known.sensors:
        meaning = _cooling_of(sensor)
        if meaning is not None or under(sensor.oid, objects.AIR_CONDITIONERS):
            of_row = sensor.oid.startswith(f"{objects.ROWS_OF_UNITS}.")
            told.setdefault(sensor.index if of_row else "", []).append((meaning, sensor))
    return tuple(_unit(index, sensors) for index, sensors in sorted(told.items()))


def _unit(index: str, sensors: list[tuple[Cooling | None, Sensor]]) -> Unit:
    output, demand, capacity = (
        _total(sensor for meaning, sensor in sensors if meaning == wanted)
        for wanted in ("output", "demand", "capacity")
    )
    states = [sensor.text for meaning, sensor in sensors if meaning == "state" and sensor.text is not None]
    is_running = None if output is None else output > 0
    if states:
        is_running = any(text in objects.RUNNING for text in states)
    is_well = all(sensor.status != "critical" for _, sensor in sensors)
    return Unit(index, output, demand, capacity, is_running, is_well)


def _cooling_of(sensor: Sensor) -> Cooling | None:
    if under(sensor.oid, objects.AIR_CONDITIONERS):
        return objects.cooling_of(sensor.oid)
    if sensor.kind != "power":
        return None
    return next(
        (meaning for pattern, meaning in _NAMED_COOLING if re.match(pattern, _named(sensor), re.IGNORECASE)), None
    )


def _named(sensor: Sensor) -> str:
    """Return the name that the profile gives, of which two sensors of a device may have the same."""
    return _ADDED.sub("", sensor.name or "")


def _total(sensors: Iterable[Sensor]) -> float | None:
    values = [sensor.value for sensor in sensors if sensor.value is not None]
    return sum(values) if values else None
