"""Profile texts to compiled profiles: what is asked, what is inherited, what a name means."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.inventory.profiles.compiled import (
    Condition,
    Find,
    IndexPart,
    IndexValue,
    Lookup,
    Modified,
    Object,
    Profile,
    SensorSpec,
    Text,
    Value,
    as_text,
)
from noc.inventory.profiles.load import load_profiles

MIB = """\
title: Things
scalars:
  sysName: {oid: 1.3.6.1.2.1.1.5, type: string}
  heat: {oid: 1.3.6.1.4.1.9.1}
tables:
  ifTable:
    oid: 1.3.6.1.2.1.2.2.1
    index: [{name: ifIndex}]
    columns:
      ifSpeed: {id: 5}
      ifDescr: {id: 2, type: string}
  peerTable:
    oid: 1.3.6.1.4.1.9.2.1
    index: [{name: peerAddress, type: ip}, {name: peerPort}]
    rows_from: [peerState]
    columns:
      peerState: {id: 3}
      peerName: {id: 2, type: string}
"""
HEAT = Object("heat", "1.3.6.1.4.1.9.1", "integer")
PEER_STATE = Object("peerState", "1.3.6.1.4.1.9.2.1.3", "integer", "peerTable")
PEER_NAME = Object("peerName", "1.3.6.1.4.1.9.2.1.2", "string", "peerTable")


def profiles(root: Path, **texts: str) -> dict[str, Profile]:
    (root / "mib").mkdir()
    (root / "mib" / "T-MIB.yaml").write_text(MIB)
    for name, text in texts.items():
        (root / f"{name}.yaml").write_text(f"title: {name}\n{text}\n")
    loaded, findings = load_profiles([root])
    assert findings == []
    return dict(loaded)


def only_sensor(root: Path, text: str) -> SensorSpec:
    spec = profiles(root, one=f"sensors: [{text}]")["one"].sensors[0]
    assert isinstance(spec, SensorSpec)
    return spec


def test_every_profile_asks_for_the_system_group_and_the_interfaces(tmp_path: Path) -> None:
    bare = profiles(tmp_path, bare="")["bare"]
    assert [thing.name for thing in bare.scalars] == ["sysName"]
    assert [table.name for table in bare.tables] == ["ifTable"]
    assert [column.name for column in bare.tables[0].columns] == ["ifDescr", "ifSpeed"]  # in the order of the OIDs


def test_a_table_without_rows_from_is_found_by_its_first_column(tmp_path: Path) -> None:
    table = profiles(tmp_path, bare="")["bare"].tables[0]
    assert [column.name for column in table.rows_from] == ["ifDescr"]


def test_only_what_a_profile_uses_is_asked_for(tmp_path: Path) -> None:
    one = profiles(tmp_path, one="sensors: [{kind: count, value: peerState, name: Peer}]")["one"]
    table = next(table for table in one.tables if table.name == "peerTable")
    assert table.columns == (PEER_STATE,)
    assert table.index == (IndexPart("peerAddress", "ip"), IndexPart("peerPort", "integer"))
    assert HEAT not in one.scalars


def test_the_column_that_shows_the_rows_is_known_even_when_nobody_wants_its_values(tmp_path: Path) -> None:
    one = profiles(tmp_path, one="sensors: [{kind: count, value: {sum: [peerName]}, name: Peer}]")["one"]
    table = next(table for table in one.tables if table.name == "peerTable")
    assert table.rows_from == (PEER_STATE,)
    assert table.columns == (PEER_NAME,)


@pytest.mark.parametrize("key", ["table", "unless"])
def test_a_table_that_a_record_names_is_read_even_if_no_field_is_in_it(tmp_path: Path, key: str) -> None:
    one = profiles(tmp_path, one=f"records: {{processors: [{{{key}: peerTable, fields: {{usage_pct: heat}}}}]}}")["one"]
    table = next(table for table in one.tables if table.name == "peerTable")
    assert table.columns == (PEER_STATE,)


def test_a_sensor_of_a_scalar_has_no_table(tmp_path: Path) -> None:
    spec = only_sensor(tmp_path, "{kind: temperature, value: heat, name: Case}")
    assert (spec.table, spec.objects, spec.value, spec.name) == (None, (HEAT,), Value(HEAT), Text(("Case",)))


def test_a_sensor_of_a_column_has_its_table(tmp_path: Path) -> None:
    spec = only_sensor(tmp_path, "{kind: count, value: peerState, name: peerName}")
    assert (spec.table, spec.value, spec.name) == ("peerTable", Value(PEER_STATE), Value(PEER_NAME))


def test_an_index_part_is_a_value_of_its_row(tmp_path: Path) -> None:
    spec = only_sensor(tmp_path, '{kind: count, value: peerState, name: "{peerAddress}:{peerPort} ({index})"}')
    assert spec.name == Text((IndexValue(0), ":", IndexValue(1), " (", IndexValue(None), ")"))


def test_the_whole_index_can_be_asked_for(tmp_path: Path) -> None:
    spec = only_sensor(tmp_path, "{kind: count, value: peerState, name: {index: true}}")
    assert spec.name == IndexValue(None)


def test_a_value_with_steps_is_modified(tmp_path: Path) -> None:
    spec = only_sensor(tmp_path, "{kind: count, value: {value: heat, skip: [-1, true, 2.0], scale: 0.1}, name: x}")
    assert spec.value == Modified(Value(HEAT), skip=frozenset({"-1", "true", "2"}), scale=0.1)


def test_a_value_without_steps_is_just_its_source(tmp_path: Path) -> None:
    assert only_sensor(tmp_path, "{kind: count, value: {value: heat}, name: x}").value == Value(HEAT)


def test_an_empty_map_is_a_step(tmp_path: Path) -> None:
    spec = only_sensor(tmp_path, "{kind: count, value: {value: heat, map: {}, otherwise: 0}, name: x}")
    assert spec.value == Modified(Value(HEAT), mapping={}, otherwise=0)


def test_a_value_may_have_conditions(tmp_path: Path) -> None:
    spec = only_sensor(tmp_path, "{kind: count, value: {value: heat, where: [{value: heat, is: [1]}]}, name: x}")
    assert spec.value == Modified(Value(HEAT), where=(Condition(Value(HEAT), frozenset({"1"}), False),))


def test_conditions_are_compared_as_text(tmp_path: Path) -> None:
    spec = only_sensor(
        tmp_path, "{kind: count, value: peerState, name: x, where: [{value: peerName, is_not: [true, 1]}]}"
    )
    assert spec.where == (Condition(Value(PEER_NAME), frozenset({"true", "1"}), negated=True),)


def test_lookup_and_find_reach_other_rows(tmp_path: Path) -> None:
    text = """identity:
  model: {lookup: {value: peerName, by: {text: "1"}}}
  serial: {find: {value: peerName, where: [{value: peerState, is: [1]}]}}"""
    identity = profiles(tmp_path, one=text)["one"].identity
    assert identity["model"] == Lookup(PEER_NAME, Text(("1",)))
    assert identity["serial"] == Find(PEER_NAME, (Condition(Value(PEER_STATE), frozenset({"1"}), negated=False),))


def test_text_has_places_for_values_of_other_rows(tmp_path: Path) -> None:
    text = """{kind: count, value: peerState, name: {text: "{peerName} of {boss} in {place}",
      with: {boss: {lookup: {value: peerName, by: peerPort}}, place: {text: here}}}}"""
    spec = only_sensor(tmp_path, text)
    boss = Lookup(PEER_NAME, IndexValue(1))
    assert spec.name == Text((Value(PEER_NAME), " of ", boss, " in ", Text(("here",))))


def test_replacements_stand_in_the_order_of_the_file(tmp_path: Path) -> None:
    spec = only_sensor(
        tmp_path, "{kind: count, value: peerState, name: {value: peerName, replace: {^F: x, '(z)$': '<\\1>'}}}"
    )
    assert isinstance(spec.name, Modified)
    assert [(pattern.pattern, instead) for pattern, instead in spec.name.replace] == [("^F", "x"), ("(z)$", "<\\1>")]


def test_what_another_row_gives_has_no_oid_in_this_one(tmp_path: Path) -> None:
    text = """{kind: count, name: x, value: {difference: [peerState, {lookup: {value: ifSpeed, by: peerPort}}]}}"""
    assert only_sensor(tmp_path, text).objects == (PEER_STATE,)


def test_words_that_are_no_mib_name_stand_for_themselves(tmp_path: Path) -> None:
    identity = profiles(tmp_path, one="identity: {vendor: Cisco, os: iosxe, model: heat}")["one"].identity
    assert identity == {"vendor": Text(("Cisco",)), "os": Text(("iosxe",)), "model": Value(HEAT)}


def test_what_a_profile_says_itself_comes_before_what_it_inherits(tmp_path: Path) -> None:
    loaded = profiles(
        tmp_path,
        base="""identity: {vendor: Base, os: base}
sensors: [{kind: temperature, value: heat, name: Base}]
records: {processors: [{fields: {name: {text: base}, usage_pct: heat}}]}
satellite: {snr_db: heat}""",
        side="identity: {os: side, model: Side}",
        child="""extends: [base, side]
identity: {vendor: Child}
sensors: [{kind: temperature, value: heat, name: Child}]
records: {processors: [{fields: {name: {text: child}, usage_pct: heat}}]}
satellite: {es_n0_db: heat}""",
    )
    child = loaded["child"]
    assert child.identity == {"vendor": Text(("Child",)), "os": Text(("side",)), "model": Text(("Side",))}
    assert [spec.name for spec in child.sensors] == [Text(("Child",)), Text(("Base",))]
    assert [spec.fields["name"] for spec in child.records["processors"]] == [Text(("child",)), Text(("base",))]
    assert set(child.satellite) == {"snr_db", "es_n0_db"}
    assert set(loaded["base"].satellite) == {"snr_db"}


def test_what_comes_by_two_ways_comes_once(tmp_path: Path) -> None:
    loaded = profiles(
        tmp_path,
        base="sensors: [{kind: temperature, value: heat, name: Base}]",
        left="extends: [base]",
        right="extends: [base]",
        child="extends: [left, right]",
    )
    assert len(loaded["child"].sensors) == 1


def test_how_a_device_is_recognised_is_not_inherited(tmp_path: Path) -> None:
    loaded = profiles(tmp_path, base="match: [{sys_object_id: 1.3.6.1.4.1.9}]", child="extends: [base]")
    assert loaded["base"].matches[0].prefix == (1, 3, 6, 1, 4, 1, 9)
    assert loaded["child"].matches == ()


def test_a_family_brings_objects_of_its_own(tmp_path: Path) -> None:
    text = "mib: {scalars: {ownHeat: {oid: 1.3.6.1.4.1.9.7}}}\nsensors: [{kind: temperature, value: ownHeat, name: x}]"
    assert [thing.oid for thing in profiles(tmp_path, own=text)["own"].scalars if thing.name == "ownHeat"] == [
        "1.3.6.1.4.1.9.7"
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (True, "true"), (False, "false"), (0, "0"), (12.0, "12"), (12.5, "12.5"), (-0.0, "0"), ("x", "x")],
)
def test_values_are_compared_in_one_spelling(value: str | float | None, text: str) -> None:
    assert as_text(value) == text
