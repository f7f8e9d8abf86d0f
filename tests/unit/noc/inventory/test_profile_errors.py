"""Errors of profile files: each told at its place with what to do, all at once, and none harms another file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.noc.inventory.profile_files import load, wrong


def test_a_sound_profile_has_no_findings(tmp_path: Path) -> None:
    text = "title: Thing\nextends: [generic]\nsensors:\n  - {kind: temperature, value: thingHeat, name: Case}\n"
    profiles, findings = load(tmp_path, thing=text)
    assert findings == []
    assert profiles["thing"].title == "Thing"
    assert [thing.oid for thing in profiles["thing"].scalars] == ["1.3.6.1.4.1.99999.1.2"]


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        (
            "sensors: [{kind: temperature, value: thingHeet, name: x}]",
            (
                "bad.yaml:2:38: error: unknown MIB object 'thingHeet' (did you mean 'thingHeat'?);"
                " define it under mib: or in mib/*.yaml"
            ),
        ),
        (
            "sensors: [{kind: count, value: {value: thingHeat, shared_map: thingWord}, name: x}]",
            (
                "bad.yaml:2:63: error: unknown map 'thingWord' (did you mean 'thingWords'?);"
                " define it under maps: in mib/*.yaml"
            ),
        ),
        (
            "sensors: [{kind: count, value: {value: thingHeat, shared_map: thingWords, map: {}}, name: x}]",
            "bad.yaml:2:32: error: sensors.0.value: an expression has one map: either 'map' or 'shared_map'",
        ),
        (
            "sensors: [{kind: temprature, value: thingHeat, name: x}]",
            "bad.yaml:2:18: error: sensors.0.kind: unknown kind 'temprature' (did you mean 'temperature'?); there ",
        ),
        (
            "sensors: [{kind: temperature, valeu: thingHeat, name: x}]",
            "bad.yaml:2:31: error: unknown key 'valeu' (did you mean 'value'?)",
        ),
        (
            "sensors: [{kind: load, value: {value: thingHeat, scael: 2}, name: x}]",
            "bad.yaml:2:50: error: unknown key 'scael' (did you mean 'scale'?)",
        ),
        (
            "sensors: [{kind: load, value: {value: thingHeat, scale: ten}, name: x}]",
            "bad.yaml:2:57: error: sensors.0.value.scale: must be a number, not 'ten'",
        ),
        (
            "sensors: [{kind: load, value: 5, name: x}]",
            "bad.yaml:2:31: error: sensors.0.value: must be text, not 5",
        ),
        (
            "sensors: [{kind: state, value: thingHeat, name: x}]",
            "bad.yaml:2:11: error: sensors.0: a sensor of kind 'state' has 'states', and no other kind has them",
        ),
        (
            "sensors: [{kind: load, value: thingHeat, name: x, states: {1: [on, ok]}}]",
            "bad.yaml:2:11: error: sensors.0: a sensor of kind 'state' has 'states', and no other kind has them",
        ),
        (
            "sensors: [{kind: state, value: thingHeat, name: x, states: {1: [on, fine]}}]",
            "bad.yaml:2:69: error: sensors.0.states.1.1: 'fine' is not one of 'ok', 'warning', 'critical' or 'unknown'",
        ),
        (
            "sensors: [{kind: load, name: x}]",
            "bad.yaml:2:11: error: sensors.0: a sensor has either 'value' or 'entity_sensor'",
        ),
        (
            "sensors: [{value: thingHeat, name: x}]",
            "bad.yaml:2:11: error: sensors.0: 'kind' goes with 'value'; with 'entity_sensor' the device tells the kind",
        ),
        (
            "sensors: [{kind: load, value: {sum: [thingLoad, otherState]}, name: x}]",
            "bad.yaml:2:31: error: the value of a sensor is made of columns of one table, or of scalars",
        ),
        (
            "sensors: [{kind: load, value: {text: x}, name: x}]",
            "bad.yaml:2:31: error: this value is a MIB object, or made of MIB objects by first or arithmetic",
        ),
        (
            "sensors: [{kind: load, value: {value: thingHeat, sum: [thingHeat]}, name: x}]",
            (
                "bad.yaml:2:31: error: sensors.0.value: an expression has one source of value, index, text, first, sum,"
                " difference, product, quotient, lookup, find, total; here: value and sum"
            ),
        ),
        (
            "sensors: [{kind: load, value: {value: thingHeat, otherwise: 2}, name: x}]",
            "bad.yaml:2:31: error: sensors.0.value: 'otherwise' goes with 'map'",
        ),
        (
            "sensors: [{kind: load, value: thingLoad, name: x, where: [{value: thingName}]}]",
            "bad.yaml:2:59: error: sensors.0.where.0: a condition has either 'is' or 'is_not'",
        ),
        (
            (
                "sensors: [{entity_sensor: {value: thingHeat, type: thingLoad, scale: thingLoad, precision: thingLoad,"
                " oper_status: thingLoad}, name: x}]"
            ),
            "bad.yaml:2:35: error: 'thingHeat' is a scalar; here stands a column of a table",
        ),
        (
            "match: [{sys_object_id: .1.3.6.1}]",
            (
                "bad.yaml:2:25: error: match.0.sys_object_id: '.1.3.6.1' is not an OID:"
                " write numbers and dots, without a leading dot"
            ),
        ),
        (
            "match: [{sys_object_id: 1.3.4294967296}]",
            (
                "bad.yaml:2:25: error: match.0.sys_object_id: '1.3.4294967296' is not an OID:"
                " write numbers and dots, without a leading dot"
            ),
        ),
        (
            "match: [{sys_descr: 'Thing ((\\d+)'}]",
            "bad.yaml:2:21: error: not a regular expression: missing ), unterminated subpattern at position 6",
        ),
        ("match: [{}]", "bad.yaml:2:9: error: match.0: a match names sys_object_id, sys_descr or both"),
        (
            "identity: {version: {value: thingSerial, pattern: 'v.*'}}",
            "bad.yaml:2:51: error: the pattern needs a group: its first group is the value",
        ),
        (
            "identity: {version: {value: thingSerial, pattern: 'v(.*'}}",
            "bad.yaml:2:51: error: not a regular expression: missing ), unterminated subpattern at position 1",
        ),
        (
            "identity: {version: {value: thingSerial, replace: {'v(.*)': '\\2'}}}",
            "bad.yaml:2:61: error: not a replacement: invalid group reference 2 at position 1",
        ),
        (
            "identity: {version: {value: thingSerial, with: {a: thingSerial}}}",
            "bad.yaml:2:21: error: identity.version: 'with' goes with 'text'",
        ),
        (
            "identity: {model: thingName}",
            "bad.yaml:2:19: error: 'thingName' is a column of thingTable, and here is no row: use lookup or find",
        ),
        (
            "identity: {serial: thingSeriel}",
            (
                "bad.yaml:2:20: error: unknown MIB object 'thingSeriel' (did you mean 'thingSerial'?);"
                " define it under mib: or in mib/*.yaml"
            ),
        ),
        (
            "identity: {model: {lookup: {value: thingSerial, by: thingHeat}}}",
            "bad.yaml:2:36: error: 'thingSerial' is a scalar; here stands a column of a table",
        ),
        (
            "identity: {model: {find: {value: thingHeat, where: []}}}",
            "bad.yaml:2:34: error: 'thingHeat' is a scalar; here stands a column of a table",
        ),
        (
            "identity: {modle: Thing}",
            "bad.yaml:2:12: error: unknown key 'modle' (did you mean 'model'?)",
        ),
        (
            "satellite: {es_n0: thingHeat}",
            "bad.yaml:2:13: error: satellite: unknown field 'es_n0' (did you mean 'es_n0_db'?); there are: ",
        ),
        (
            "records: {processor: []}",
            "bad.yaml:2:11: error: records: unknown list 'processor' (did you mean 'processors'?); there are: ",
        ),
        (
            "records: {processors: [{table: thingTable, fields: {usage: thingLoad}}]}",
            (
                "bad.yaml:2:53: error: 'processors' has no field 'usage' (did you mean 'usage_pct'?);"
                " it has: name, usage_pct, oid"
            ),
        ),
        (
            "records: {processors: [{table: thingTabel, fields: {name: thingSerial}}]}",
            "bad.yaml:2:32: error: unknown table 'thingTabel' (did you mean 'thingTable'?)",
        ),
        (
            "records: {processors: [{unless: thing, fields: {name: thingSerial}}]}",
            "bad.yaml:2:33: error: unknown table 'thing' (did you mean 'thingTable'?)",
        ),
        ("extends: [genreic]", "bad.yaml:2:11: error: profile 'bad' extends unknown profile 'genreic'"),
        ("extends: [bad]", "bad.yaml:2:11: error: profiles extend each other in a circle: bad → bad"),
        ("extends: generic", "bad.yaml:2:10: error: extends: must be a list, not 'generic'"),
        ("titel: x", "bad.yaml:2:1: error: unknown key 'titel' (did you mean 'title'? it is written here already)"),
        (
            "mib: {scalars: {badThing: {oid: 1.x}}}",
            (
                "bad.yaml:2:33: error: mib.scalars.badThing.oid: '1.x' is not an OID:"
                " write numbers and dots, without a leading dot"
            ),
        ),
        (
            "mib: {scalars: {thingHeat: {oid: 1.3.6.1.9}}}",
            (
                "bad.yaml:2:17: error: 'thingHeat' is 1.3.6.1.4.1.99999.1.2 (integer) in another file,"
                " and 1.3.6.1.9 (integer) here; one name has one meaning"
            ),
        ),
        ("sensors: [", "bad.yaml:3:1: error: not valid YAML: "),
    ],
)
def test_an_error_is_told_at_its_place_with_what_to_do(tmp_path: Path, line: str, finding: str) -> None:
    findings = wrong(tmp_path, f"title: Bad\n{line}\n")
    assert len(findings) == 1
    assert findings[0].startswith(finding)


def test_a_profile_without_a_title_is_told(tmp_path: Path) -> None:
    assert wrong(tmp_path, "extends: [generic]\n") == ["bad.yaml:1:1: error: missing key 'title'"]


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    assert wrong(tmp_path, "") == ["bad.yaml:1:1: error: expected a mapping of keys, but this is empty"]


def test_all_errors_of_all_files_come_at_once(tmp_path: Path) -> None:
    _, findings = load(
        tmp_path,
        one="title: One\nsensors: [{kind: heat, value: thingHeat, name: x}]\nmatch: [{}]\n",
        two="title: Two\nextends: [thre, generi]\nidentity: {serial: {value: thingSeria, pattern: x}}\n",
        mib__BAD_MIB="title: Bad\ntables: {aTable: {oid: 1.2.3, columns: {a: {id: 0}}}}\n",
    )
    assert [finding.split(": error: ")[0] for finding in findings] == [
        "mib/BAD_MIB.yaml:2:18",  # no index
        "mib/BAD_MIB.yaml:2:49",  # id 0
        "one.yaml:2:18",
        "one.yaml:3:9",
        "two.yaml:2:11",
        "two.yaml:2:17",
        "two.yaml:3:28",
        "two.yaml:3:49",
    ]


def test_a_circle_is_told_once_and_breaks_only_its_own(tmp_path: Path) -> None:
    profiles, findings = load(
        tmp_path,
        a="title: A\nextends: [b]\n",
        b="title: B\nextends: [generic, c]\n",
        c="title: C\nextends: [a]\n",
        leads_there="title: D\nextends: [a]\n",
        good="title: E\nextends: [generic]\n",
    )
    assert findings == ["c.yaml:2:11: error: profiles extend each other in a circle: a → b → c → a"]
    assert set(profiles) == {"generic", "good"}


def test_a_profile_that_extends_a_broken_one_is_not_told_again(tmp_path: Path) -> None:
    profiles, findings = load(tmp_path, broken="title: 5\n", child="title: Child\nextends: [broken]\n")
    assert findings == ["broken.yaml:1:8: error: title: must be text, not 5"]
    assert set(profiles) == {"generic"}


def test_a_profile_that_uses_a_broken_mib_is_not_told_again(tmp_path: Path) -> None:
    profiles, findings = load(
        tmp_path,
        mib__B=(
            "title: B\nscalars: {bHeat: {oid: x}}\n"
            "tables: {bTable: {oid: 1.2.3, index: [], columns: {bLoad: {id: 1}}}}\n"
        ),
        scalar="title: A\nidentity: {serial: bHeat}\n",
        column="title: B\nsensors: [{kind: load, value: bLoad, name: x}]\n",
        table="title: C\nrecords: {processors: [{table: bTable, fields: {usage_pct: bLoad}}]}\n",
        good="title: D\nsensors: [{kind: load, value: thingLoad, name: x}]\n",
    )
    assert [finding.split(": error: ")[0] for finding in findings] == ["mib/B.yaml:2:24", "mib/B.yaml:3:38"]
    assert set(profiles) == {"generic", "good"}


def test_a_wrong_key_hides_no_wrong_parent(tmp_path: Path) -> None:
    assert wrong(tmp_path, "title: Bad\nextends: [genreic, generic]\nextent: x\n") == [
        "bad.yaml:2:11: error: profile 'bad' extends unknown profile 'genreic' (did you mean 'generic'?)",
        "bad.yaml:3:1: error: unknown key 'extent' (did you mean 'extends'? it is written here already)",
    ]
