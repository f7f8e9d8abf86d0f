"""Sensors: kinds, units, scales, states and limits; one OID is one sensor."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.profiles.compiled import (
    Condition,
    EntitySensorSpec,
    Expression,
    First,
    IndexValue,
    Modified,
    Object,
    Profile,
    SensorSpec,
    State,
    Text,
    Value,
)
from noc.model.reading import Index, Raw, SnmpAnswer
from noc.model.snapshot import SENSOR_UNITS, Sensor
from noc.pipeline.sensors import judge, sensors

HEAT = Object("heat", "1.3.1", "integer")
COLD = Object("cold", "1.3.2", "number")
FAN = Object("fan", "1.3.3.1.1", "integer", "fans")
FAN_NAME = Object("fanName", "1.3.3.1.2", "string", "fans")
FAN_LIMIT = Object("fanLimit", "1.3.3.1.3", "integer", "fans")
ENTITY = {
    name: Object(name, f"1.3.9.1.{number}", "integer", "entities")
    for number, name in enumerate(("type", "scale", "precision", "value", "oper_status", "high", "low"), 1)
}
LABEL = Object("label", "1.3.9.1.9", "string", "entities")


def read(*specs: SensorSpec | EntitySensorSpec, **scalars: Raw) -> tuple[Sensor, ...]:
    return sensors(Profile("p", "P", (), {}, (), (), specs), SnmpAnswer("p", scalars))


def read_table(
    spec: SensorSpec | EntitySensorSpec, table: str, rows: dict[Index, dict[str, Raw]]
) -> tuple[Sensor, ...]:
    return sensors(Profile("p", "P", (), {}, (), (), (spec,)), SnmpAnswer("p", {}, {table: rows}))


def scalar(kind: str, value: Expression, *objects: Object, **more: Expression) -> SensorSpec:
    return SensorSpec(kind, None, value, objects, Text(("Case",)), **more)  # type: ignore[arg-type]


def fan(**more: object) -> SensorSpec:
    return SensorSpec("fan_speed", "fans", Value(FAN), (FAN,), Value(FAN_NAME), **more)  # type: ignore[arg-type]


def entity(**row: Raw) -> tuple[Sensor, ...]:
    spec = EntitySensorSpec(
        "entities",
        value=ENTITY["value"],
        type=ENTITY["type"],
        scale=ENTITY["scale"],
        precision=ENTITY["precision"],
        oper_status=ENTITY["oper_status"],
        name=Value(LABEL),
        limit_high=Value(ENTITY["high"]),
        limit_low=Value(ENTITY["low"]),
        skip=frozenset({"-32768"}),
    )
    return read_table(spec, "entities", {(7,): row})


def test_a_scalar_is_a_sensor_in_the_unit_of_its_kind() -> None:
    found = read(scalar("temperature", Modified(Value(HEAT), scale=0.1), HEAT), heat=215)
    assert found == (Sensor("temperature", "0", "Case", 21.5, None, "celsius", "1.3.1.0", "ok"),)


def test_a_sensor_that_the_agent_lacks_is_left_out() -> None:
    assert read(scalar("temperature", Value(HEAT), HEAT), cold=1) == ()
    assert read(scalar("temperature", Value(COLD), COLD), cold=b"NA") == ()
    assert read(scalar("temperature", Value(COLD), COLD), cold=b"") == ()


def test_a_value_that_is_skipped_makes_no_sensor() -> None:
    assert read(scalar("temperature", Modified(Value(HEAT), skip=frozenset({"-1"})), HEAT), heat=-1) == ()


def test_a_sensor_has_the_oid_of_the_object_that_was_read() -> None:
    spec = scalar("temperature", First((Value(HEAT), Value(COLD))), HEAT, COLD)
    assert read(spec, heat=20, cold=10)[0].oid == "1.3.1.0"
    assert read(spec, cold=10)[0].oid == "1.3.2.0"


def test_one_oid_is_one_sensor_and_the_first_of_the_profile_wins() -> None:
    first, second = scalar("temperature", Value(HEAT), HEAT), scalar("count", Value(HEAT), HEAT)
    assert [sensor.kind for sensor in read(first, second, heat=20)] == ["temperature"]


def test_each_row_is_a_sensor_named_and_numbered_by_its_row() -> None:
    rows: dict[Index, dict[str, Raw]] = {
        (2,): {"fan": 900, "fanName": b"rear"},
        (1,): {"fan": 800},
        (3,): {"fanName": b"none"},
    }
    assert [(sensor.index, sensor.name, sensor.value, sensor.oid) for sensor in read_table(fan(), "fans", rows)] == [
        ("1", "fan_speed 1", 800, "1.3.3.1.1.1"),
        ("2", "rear", 900, "1.3.3.1.1.2"),
    ]


def test_rows_that_do_not_meet_the_conditions_are_left_out() -> None:
    spec = fan(where=(Condition(Value(FAN_NAME), frozenset({"absent"}), negated=True),))
    rows: dict[Index, dict[str, Raw]] = {(1,): {"fan": 0, "fanName": b"absent"}, (2,): {"fan": 0, "fanName": b"b"}}
    assert [sensor.index for sensor in read_table(spec, "fans", rows)] == ["2"]


@pytest.mark.parametrize(
    ("value", "high", "low", "status"),
    [
        (5, None, None, "ok"),
        (5, 5, 5, "ok"),
        (5.1, 5, None, "critical"),
        (4.9, None, 5, "critical"),
        (5, 10, 0, "ok"),
    ],
)
def test_a_value_beyond_a_limit_is_critical(value: float, high: float | None, low: float | None, status: str) -> None:
    assert judge(value, high, low) == status


def test_limits_come_from_the_device() -> None:
    spec = fan(limit_high=Value(FAN_LIMIT), limit_low=IndexValue(None))
    found = read_table(spec, "fans", {(7,): {"fan": 900, "fanLimit": 800}})[0]
    assert (found.limit_high, found.limit_low, found.status) == (800, 7, "critical")
    assert read_table(fan(limit_high=Value(FAN_LIMIT)), "fans", {(7,): {"fan": 900}})[0].limit_high is None


STATES = {"1": State("normal", "ok"), "3": State("critical", "critical"), "Locked": State("locked", "ok")}


@pytest.mark.parametrize(
    ("raw", "value", "text", "status"),
    [
        (1, 1, "normal", "ok"),
        (3, 3, "critical", "critical"),
        (9, 9, "9", "unknown"),
        (-1, -1, "-1", "unknown"),
        (b"Locked", None, "locked", "ok"),
        (b"Odd", None, "Odd", "unknown"),
        (b"\xc2\xb2", None, "²", "unknown"),
    ],
)
def test_a_state_has_the_number_and_the_name_of_the_mib(raw: Raw, value: int | None, text: str, status: str) -> None:
    spec = SensorSpec("state", None, Value(LOCK), (LOCK,), Text(("Rx",)), STATES)
    assert read(spec, lock=raw) == (Sensor("state", "0", "Rx", value, text, None, "1.3.5.0", status),)  # type: ignore[arg-type]


def test_a_state_may_stand_for_all_values_that_are_not_named() -> None:
    states = {"0": State("noLock", "critical"), "otherwise": State("locked", "ok")}
    spec = SensorSpec("state", None, Value(HEAT), (HEAT,), Text(("Rx",)), states)
    found = [read(spec, heat=number)[0] for number in (0, 136)]
    assert [(sensor.value, sensor.text, sensor.status) for sensor in found] == [
        (0, "noLock", "critical"),
        (136, "locked", "ok"),
    ]


LOCK = Object("lock", "1.3.5", "string")


# --- ENTITY-SENSOR-MIB: the device tells kind, scale and precision ------------------------------------------------


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (3, "voltage"),
        (4, "voltage"),
        (5, "current"),
        (6, "power"),
        (7, "frequency"),
        (8, "temperature"),
        (9, "humidity"),
        (10, "fan_speed"),
        (14, "optical_power"),
    ],
)
def test_the_device_tells_the_kind(number: int, kind: str) -> None:
    found = entity(type=number, value=5, scale=9, precision=0)[0]
    assert (found.kind, found.unit, found.value) == (kind, SENSOR_UNITS[kind], 5)


@pytest.mark.parametrize("number", [None, 0, 1, 2, 11, 99])
def test_a_kind_that_is_none_makes_no_sensor(number: int | None) -> None:
    assert entity(type=number, value=5) == ()


@pytest.mark.parametrize(
    ("raw", "scale", "precision", "value"),
    [
        (215, 9, 1, 21.5),
        (3300, 8, 0, 3.3),
        (3300, 8, 1, 0.33),
        (12, 10, 0, 12_000),
        (-215, 9, 1, -21.5),
        (5, 7, 3, 5e-9),
        (5, 9, -2, 500),
        (5, None, None, 5),
        (5, 99, 99, 5),
    ],
)
def test_a_value_is_scaled_exactly(raw: int, scale: int | None, precision: int | None, value: float) -> None:
    assert repr(entity(type=4, value=raw, scale=scale, precision=precision)[0].value) == repr(value)


@given(st.integers(-999_999_999, 999_999_999), st.integers(1, 17), st.integers(-8, 9))
def test_every_scale_moves_the_point_and_nothing_else(raw: int, scale: int, precision: int) -> None:
    value = entity(type=8, value=raw, scale=scale, precision=precision)[0].value
    assert Decimal(str(value)) == Decimal(raw).scaleb(3 * (scale - 9) - precision)


@pytest.mark.parametrize("raw", [-1_000_000_000, 1_000_000_000])
def test_less_and_more_than_can_be_measured_are_no_values(raw: int) -> None:
    assert entity(type=8, value=raw) == ()


@pytest.mark.parametrize(("oper_status", "count"), [(1, 1), (None, 1), (2, 0), (3, 0)])
def test_only_a_sensor_that_operates_is_told(oper_status: int | None, count: int) -> None:
    assert len(entity(type=8, value=20, oper_status=oper_status)) == count


def test_limits_are_scaled_as_the_value_is() -> None:
    found = entity(type=8, value=715, scale=9, precision=1, high=700, low=50)[0]
    assert (found.value, found.limit_high, found.limit_low, found.status) == (71.5, 70, 5, "critical")


@pytest.mark.parametrize(("raw", "text", "status"), [(1, "true", "ok"), (2, "false", "warning"), (7, "7", "unknown")])
def test_a_truth_value_is_a_state(raw: int, text: str, status: str) -> None:
    found = entity(type=12, value=raw)[0]
    assert (found.kind, found.value, found.text, found.status) == ("state", raw, text, status)


@pytest.mark.parametrize(
    ("raw", "scale", "precision", "dbm"), [(1000, 7, 0, 0.0), (500, 7, 0, -3.01), (5, 8, 1, -3.01), (2, 8, 0, 3.01)]
)
@pytest.mark.parametrize("label", [b"Te0/1 Receive Power Sensor", b"DOM TX power", b"SFP1 optical", b"Rx Power"])
def test_the_light_of_a_transceiver_is_in_dbm(raw: int, scale: int, precision: int, dbm: float, label: bytes) -> None:
    found = entity(type=6, value=raw, scale=scale, precision=precision, label=label, high=10**6)[0]
    assert (found.kind, found.unit, found.value) == ("optical_power", "dbm", dbm)
    assert found.status == "ok"


def test_no_light_has_no_value_and_an_unknown_status() -> None:
    found = entity(type=6, value=0, scale=8, label=b"Rx Power", low=1)[0]
    assert (found.kind, found.value, found.status) == ("optical_power", None, "unknown")


@pytest.mark.parametrize(("label", "kind"), [(b"Rx Power", "optical_power"), (b"Power supply 1", "power")])
def test_a_value_that_means_not_measured_leaves_the_sensor_without_one(label: bytes, kind: str) -> None:
    found = entity(type=6, value=-32768, scale=8, label=label, low=1)[0]
    assert (found.kind, found.value, found.status) == (kind, None, "unknown")


@pytest.mark.parametrize(("scale", "label"), [(9, b"Rx Power"), (8, b"Power supply 1"), (None, b"Rx Power")])
def test_watts_of_anything_else_stay_watts(scale: int | None, label: bytes) -> None:
    assert entity(type=6, value=5, scale=scale, label=label)[0].kind == "power"


def test_a_sensor_without_a_name_is_called_by_its_kind_and_index() -> None:
    assert entity(type=8, value=20)[0].name == "temperature 7"


RAWS = st.none() | st.binary(max_size=12) | st.integers() | st.floats()


@given(st.dictionaries(st.sampled_from([*ENTITY, "label"]), RAWS))
def test_no_answer_makes_an_entity_sensor_raise(row: dict[str, Raw]) -> None:
    assert len(entity(**row)) <= 1


@given(RAWS, st.none() | st.sampled_from([re.compile(r"(\d+)")]), st.none() | st.floats(allow_nan=False))
def test_no_answer_makes_a_sensor_raise(raw: Raw, pattern: re.Pattern[str] | None, scale: float | None) -> None:
    spec = scalar("temperature", Modified(Value(COLD), pattern=pattern, scale=scale), COLD)
    assert len(read(spec, cold=raw)) <= 1


@pytest.mark.parametrize(
    ("sum_of_flags", "text", "status"),
    [
        (6, "stopped, auto", "ok"),
        (134, "stopped, auto, alarm", "critical"),
        (0, "unknown", "unknown"),
        (1024, "1024", "unknown"),
    ],
)
def test_a_sum_of_flags_tells_all_that_are_set_and_the_worst_of_them(sum_of_flags: int, text: str, status: str) -> None:
    flags = {
        "0": State("unknown", "unknown"),
        "2": State("stopped", "ok"),
        "4": State("auto", "ok"),
        "128": State("alarm", "critical"),
    }
    spec = SensorSpec("state", None, Value(HEAT), (HEAT,), Text(("Engine",)), flags, flags=True)
    (sensor,) = read(spec, heat=sum_of_flags)
    assert (sensor.value, sensor.text, sensor.status) == (sum_of_flags, text, status)
