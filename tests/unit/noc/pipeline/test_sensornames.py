"""Sensors of one device are told apart by their names, and names that do so already stay."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.profiles.compiled import EntitySensorSpec, First, Object, Profile, Value
from noc.model.reading import Index, Raw, SnmpAnswer
from noc.model.snapshot import Sensor
from noc.pipeline.sensornames import told_apart
from noc.pipeline.sensors import sensors

COLUMNS = {
    name: Object(name, f"1.3.9.1.{number}", "string" if name in ("label", "descr") else "integer", "entities")
    for number, name in enumerate(("type", "scale", "precision", "value", "status", "label", "descr"), 1)
}
SPEC = EntitySensorSpec(
    "entities",
    value=COLUMNS["value"],
    type=COLUMNS["type"],
    scale=COLUMNS["scale"],
    precision=COLUMNS["precision"],
    oper_status=COLUMNS["status"],
    name=First((Value(COLUMNS["label"]), Value(COLUMNS["descr"]))),
)
PROFILE = Profile("p", "P", (), {}, (), (), (SPEC,))


def names(*labels: tuple[str, str]) -> list[str]:
    """Return the names of voltages with these labels and descriptions, in rows 1, 2, …"""
    table: dict[Index, dict[str, Raw]] = {
        (row,): {"type": 4, "scale": 9, "precision": 0, "value": 12, "label": label.encode(), "descr": descr.encode()}
        for row, (label, descr) in enumerate(labels, 1)
    }
    answer = SnmpAnswer("p", {}, {"entities": table})
    return [sensor.name for sensor in told_apart(sensors(PROFILE, answer), PROFILE, answer)]


def test_names_that_are_told_once_stay() -> None:
    assert names(("PSU 1", "Input"), ("PSU 2", "Input"), ("", "Board")) == ["PSU 1", "PSU 2", "Board"]


def test_names_that_are_told_twice_get_the_description() -> None:
    found = names(("0/0/CPU0", "1.8 V"), ("0/1/CPU0", "1.8 V"), ("0/0/CPU0", "3.3 V"))
    assert found == ["0/0/CPU0 (1.8 V)", "0/1/CPU0", "0/0/CPU0 (3.3 V)"]


def test_where_descriptions_are_alike_too_the_index_tells_them_apart() -> None:
    found = names(("CPU", "Rail"), ("CPU", "Rail"), ("CPU", "Core"), ("CPU", "CPU"))
    assert found == ["CPU (1)", "CPU (2)", "CPU (Core)", "CPU (4)"]


def test_a_name_that_is_told_once_is_not_taken_by_another() -> None:
    assert names(("CPU", "1"), ("CPU", "2"), ("CPU (1)", "")) == ["CPU (1.3.9.1.4.1)", "CPU (2)", "CPU (1)"]


def scalar(oid: str, name: str, kind: str = "power") -> Sensor:
    return Sensor(kind, "0", name, 1, None, "watts", oid, "ok")


def test_scalars_of_one_name_are_told_apart_by_their_oids() -> None:
    found = told_apart([scalar("1.3.1.0", "Load"), scalar("1.3.2.0", "Load")], PROFILE, SnmpAnswer("p"))
    assert [one.name for one in found] == ["Load (1.3.1.0)", "Load (1.3.2.0)"]


def test_sensors_of_two_kinds_may_have_one_name() -> None:
    found = (scalar("1.3.1.0", "Load"), scalar("1.3.2.0", "Load", "current"))
    assert told_apart(found, PROFILE, SnmpAnswer("p")) == found


TEXTS = st.sampled_from(["", "CPU", "Rail", "1", "2", "CPU (1)", "CPU (Rail)"])


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=8))
def test_no_two_sensors_have_one_name_and_none_changes_in_vain(labels: list[tuple[str, str]]) -> None:
    found = names(*labels)
    assert len(set(found)) == len(found)
    plain = [label or descr or f"voltage {row}" for row, (label, descr) in enumerate(labels, 1)]
    assert all(name == was for name, was in zip(found, plain, strict=True) if plain.count(was) == 1)
