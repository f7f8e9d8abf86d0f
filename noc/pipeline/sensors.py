"""A profile's sensors over what an agent answered. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Final

from noc.inventory.profiles.compiled import EntitySensorSpec, Expression, Object, Profile, SensorSpec, State, as_text
from noc.model.reading import SnmpAnswer
from noc.model.snapshot import SENSOR_UNITS, Sensor, SensorStatus
from noc.pipeline.arithmetic import shifted
from noc.pipeline.expression import Scope, evaluate, holds, number_of, oid_of, row_index, rows
from noc.pipeline.values import integer

# EntitySensorDataType (RFC 3433); 13 and 14 are CISCO-ENTITY-SENSOR-MIB's.
_ENTITY_KINDS: Final = {
    3: "voltage",
    4: "voltage",
    5: "current",
    6: "power",
    7: "frequency",
    8: "temperature",
    9: "humidity",
    10: "fan_speed",
    12: "state",
    14: "optical_power",
}
_TRUTH: Final[dict[int, tuple[str, SensorStatus]]] = {1: ("true", "ok"), 2: ("false", "warning")}
OTHERWISE: Final = "otherwise"
_BADNESS: Final[tuple[SensorStatus, ...]] = ("ok", "unknown", "warning", "critical")
_UNITS_SCALE = 9  # EntitySensorDataScale: 9 is units, each step is a factor of 1000
_OPERATES = 1
_LIGHT: Final = re.compile(r"(?i)\b([RT]X|receive|transmit|optical|laser|DOM|SFP\w*|transceiver)\b")
# RFC 3433: these values stand for "less" and "more than can be measured".
_UNDERFLOW, _OVERFLOW = -1_000_000_000, 1_000_000_000


def sensors(profile: Profile, answer: SnmpAnswer) -> tuple[Sensor, ...]:
    """Return the sensors in the order of the profile; one OID is one sensor, the first reading of it wins."""
    found: dict[str, Sensor] = {}
    for spec in profile.sensors:
        produced = (
            _entity_sensors(spec, profile, answer)
            if isinstance(spec, EntitySensorSpec)
            else _plain(spec, profile, answer)
        )
        for sensor in produced:
            found.setdefault(sensor.oid, sensor)
    return tuple(found.values())


def _plain(spec: SensorSpec, profile: Profile, answer: SnmpAnswer) -> Iterator[Sensor]:
    scopes = [Scope(profile, answer)] if spec.table is None else rows(profile, answer, spec.table)
    for scope in scopes:
        source = next((thing for thing in spec.objects if scope.value(thing) not in (None, "")), None)
        if source is None or not holds(spec.where, scope):
            continue
        raw = evaluate(spec.value, scope)
        if raw is None:
            continue
        if spec.states is not None:
            yield _state(spec, scope, source, as_text(raw))
            continue
        value = number_of(raw)
        if value is not None:
            high, low = _limit(spec.limit_high, scope), _limit(spec.limit_low, scope)
            yield _measured(spec.kind, _name(spec, scope), source, scope, value, high, low)


def _measured(
    kind: str, name: str, source: Object, scope: Scope, value: float | None, high: float | None, low: float | None
) -> Sensor:
    return Sensor(
        kind=kind,
        index=row_index(scope),
        name=name,
        value=value,
        text=None,
        unit=SENSOR_UNITS[kind],
        oid=oid_of(source, scope),
        status="unknown" if value is None else judge(value, high, low),
        limit_high=high,
        limit_low=low,
    )


def _limit(how: Expression | None, scope: Scope) -> int | float | None:
    return None if how is None else number_of(evaluate(how, scope))


def _state(spec: SensorSpec, scope: Scope, source: Object, answered: str) -> Sensor:
    states = spec.states or {}
    state = _of_flags(states, answered) if spec.flags else states.get(answered, states.get(OTHERWISE))
    return Sensor(
        kind="state",
        index=row_index(scope),
        name=_name(spec, scope),
        value=integer(answered.encode()) if answered.lstrip("-").isdigit() else None,
        text=state.text if state else answered,
        unit=None,
        oid=oid_of(source, scope),
        status=state.status if state else "unknown",
    )


def _of_flags(states: Mapping[str, State], answered: str) -> State | None:
    """Return the flags that make up a number: all their names, and the worst of their statuses."""
    number = integer(answered.encode())
    if number is None:
        return None
    found = [state for flag, state in states.items() if number & int(flag)]
    if number == 0 and "0" in states:
        found = [states["0"]]
    if not found:
        return None
    return State(", ".join(state.text for state in found), max((state.status for state in found), key=_BADNESS.index))


def _entity_sensors(spec: EntitySensorSpec, profile: Profile, answer: SnmpAnswer) -> Iterator[Sensor]:
    for scope in rows(profile, answer, spec.table):
        raw = integer(_as_raw(scope.value(spec.value)))
        kind = _ENTITY_KINDS.get(integer(_as_raw(scope.value(spec.type))) or 0)
        status = scope.value(spec.oper_status)
        if raw is None or kind is None or status not in (None, _OPERATES) or not holds(spec.where, scope):
            continue
        name = as_text(evaluate(spec.name, scope)) or f"{kind} {row_index(scope)}"
        if kind == "state":
            text, judged = _TRUTH.get(raw, (str(raw), "unknown"))
            yield Sensor(kind, row_index(scope), name, raw, text, None, oid_of(spec.value, scope), judged)
            continue
        if not _UNDERFLOW < raw < _OVERFLOW:
            continue
        light = kind == "power" and _is_light(name, scope.value(spec.scale))
        if str(raw) in spec.skip:
            yield _measured("optical_power" if light else kind, name, spec.value, scope, None, None, None)
            continue
        exponent = _exponent(scope.value(spec.scale), scope.value(spec.precision))
        plain = (raw, _limit(spec.limit_high, scope), _limit(spec.limit_low, scope))
        if light:
            decibels = (_dbm(number, exponent) for number in plain)
            yield _measured("optical_power", name, spec.value, scope, *decibels)
        else:
            exact = (None if number is None else shifted(number, exponent) for number in plain)
            yield _measured(kind, name, spec.value, scope, *exact)


def _is_light(name: str, scale: object) -> bool:
    # ENTITY-SENSOR-MIB has no type for light: transceivers report milliwatts or less as watts.
    return isinstance(scale, int) and scale < _UNITS_SCALE and _LIGHT.search(name) is not None


def _dbm(number: float | None, exponent: int) -> float | None:
    """Return number × 10^exponent watts in dBm, 10 log10 of milliwatts. No light at all has no logarithm."""
    milliwatts = None if number is None else shifted(number, exponent + 3)
    return round(10 * math.log10(milliwatts), 3) if milliwatts is not None and milliwatts > 0 else None


def _exponent(scale: object, precision: object) -> int:
    thousands = (scale if isinstance(scale, int) and 1 <= scale <= 17 else _UNITS_SCALE) - _UNITS_SCALE
    digits = precision if isinstance(precision, int) and -8 <= precision <= 9 else 0
    return 3 * thousands - digits


def judge(value: float, high: float | None, low: float | None) -> SensorStatus:
    """Return critical beyond a limit, else ok."""
    if (high is not None and value > high) or (low is not None and value < low):
        return "critical"
    return "ok"


def _as_raw(value: object) -> int | str | None:
    return value if isinstance(value, int | str) else None


def _name(spec: SensorSpec, scope: Scope) -> str:
    return as_text(evaluate(spec.name, scope)) or f"{spec.kind} {row_index(scope)}"
