"""Files of profiles: maps and rhythms that they share, MIB files, folders of one's own that replace shipped files."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.inventory.profiles.compiled import Modified, Object, Value
from noc.inventory.profiles.load import load_profiles
from tests.unit.noc.inventory.profile_files import GENERIC, MIB, load


def test_profiles_share_a_map_by_its_name(tmp_path: Path) -> None:
    text = "title: Thing\nidentity: {os: {value: thingHeat, shared_map: thingWords, otherwise: many}}\n"
    profiles, findings = load(tmp_path, thing=text)
    assert findings == []
    heat = Object("thingHeat", "1.3.6.1.4.1.99999.1.2", "integer")
    assert profiles["thing"].identity["os"] == Modified(Value(heat), mapping={"1": "one", "2": "two"}, otherwise="many")


def test_who_uses_a_map_of_a_broken_file_is_broken_without_a_finding(tmp_path: Path) -> None:
    profiles, findings = load(
        tmp_path,
        mib__B="title: B\nscalars: {bHeat: {oid: x}}\nmaps: {bWords: {1: one}}\n",
        bad="title: A\nsensors: [{kind: count, value: {value: thingHeat, shared_map: bWords}, name: x}]\n",
    )
    assert [finding.split(": error: ")[0] for finding in findings] == ["mib/B.yaml:2:24"]
    assert set(profiles) == {"generic"}


def test_objects_have_the_rhythm_of_their_table_or_their_own(tmp_path: Path) -> None:
    mib = (
        "title: B\n"
        "scalars: {bPlace: {oid: 1.3.6.1.4.1.99998.1, type: string, every: 1h}}\n"
        "tables:\n"
        "  bTable:\n"
        "    oid: 1.3.6.1.4.1.99998.2.1\n"
        "    index: [{name: bIndex}]\n"
        "    every: 15m\n"
        "    columns: {bName: {id: 2, type: string}, bHeat: {id: 3, every: 30m}}\n"
    )
    own = "title: Own\nidentity: {model: bPlace}\nsensors: [{kind: count, value: bHeat, name: '{bName}'}]\n"
    profiles, findings = load(tmp_path, mib__B=mib, own=own)
    assert findings == []
    (table,) = profiles["own"].tables
    rhythms = {thing.name: thing.every_s for thing in (*profiles["own"].scalars, *table.rows_from, *table.columns)}
    assert rhythms == {"bPlace": 3600, "bName": 900, "bHeat": 1800}


def test_what_is_counted_or_judged_is_read_at_each_poll(tmp_path: Path) -> None:
    mib = (
        "title: B\n"
        "tables:\n"
        "  bTable:\n"
        "    oid: 1.3.6.1.4.1.99998.2.1\n"
        "    index: [{name: bIndex}]\n"
        "    columns: {bState: {id: 2, every: 30m}, bOctets: {id: 3, type: counter32, every: 30m}}\n"
    )
    own = "title: Own\nrecords: {bgp_peers: [{table: bTable, fields: {peer: bIndex, state: bState}}]}\n"
    _, findings = load(tmp_path, mib__B=mib, own=own)
    assert findings == [
        "mib/B.yaml:6:44: error: 'bOctets' is a counter, which is read at each poll; leave 'every' out",
        "own.yaml:2:31: error: 'bTable' has 'every', but 'bgp_peers' are judged at each poll",
    ]


@pytest.mark.parametrize(
    ("mib", "finding"),
    [
        (
            "scalars: {thingSerial: {oid: 1.3.6.1.4.1.99999.1.1}}",
            (
                "mib/ZZZ.yaml:2:11: error: 'thingSerial' is 1.3.6.1.4.1.99999.1.1 (string) in another file,"
                " and 1.3.6.1.4.1.99999.1.1 (integer) here; one name has one meaning"
            ),
        ),
        (
            "tables: {zTable: {oid: 1.3.9.1, index: [{name: z}], columns: {thingLoad: {id: 3}}}}",
            (
                "mib/ZZZ.yaml:2:63: error: 'thingLoad' is 1.3.6.1.4.1.99999.2.1.3 (integer) in another file,"
                " and 1.3.9.1.3 (integer) here; one name has one meaning"
            ),
        ),
        (
            "tables: {thingTable: {oid: 1.3.9.1, index: [{name: z}], columns: {zLoad: {id: 3}}}}",
            (
                "mib/ZZZ.yaml:2:10: error: table 'thingTable' is 1.3.6.1.4.1.99999.2.1 in another file,"
                " and 1.3.9.1 with its index here; one name has one meaning"
            ),
        ),
        (
            "tables: {zTable: {oid: 1.3.9.1, index: [{name: z}], rows_from: [zLaod], columns: {zLoad: {id: 3}}}}",
            "mib/ZZZ.yaml:2:65: error: 'zLaod' is not a column of zTable (did you mean 'zLoad'?)",
        ),
        (
            "tables: {zTable: {oid: 1.3.9.1, index: [{name: z, type: text}], columns: {zLoad: {id: 3}}}}",
            "mib/ZZZ.yaml:2:57: error: tables.zTable.index.0.type: 'text' is not one of ",
        ),
        (
            "tables: {zTable: {oid: 1.3.9.1, index: [{name: z}], columns: {}}}",
            "mib/ZZZ.yaml:2:62: error: tables.zTable.columns: must not be empty: a table has an index and columns",
        ),
        (
            "maps: {thingWords: {1: one}}",
            "mib/ZZZ.yaml:2:8: error: map 'thingWords' has other values in another file; one name has one meaning",
        ),
        (
            "scalars: {2heat: {oid: 1.3.9.1}}",
            "mib/ZZZ.yaml:2:11: error: scalars: '2heat' is not a name: it begins with a letter",
        ),
        (
            "scalars: {zHeat: {oid: 1.3.9.1, type: celsius}}",
            "mib/ZZZ.yaml:2:39: error: scalars.zHeat.type: 'celsius' is not one of 'string', 'integer', ",
        ),
    ],
)
def test_an_error_in_a_mib_file_is_told_at_its_place(tmp_path: Path, mib: str, finding: str) -> None:
    profiles, findings = load(tmp_path, mib__ZZZ=f"title: Z\n{mib}\n", good="title: Good\n")
    assert len(findings) == 1
    assert findings[0].startswith(finding)
    assert set(profiles) == {"generic", "good"}


def test_the_same_meaning_twice_is_no_error(tmp_path: Path) -> None:
    profiles, findings = load(tmp_path, mib__COPY=MIB, own=f"title: Own\nmib:\n  scalars: {{thingHeat: {HEAT}}}\n")
    assert findings == []
    assert set(profiles) == {"generic", "own"}


HEAT = "{oid: 1.3.6.1.4.1.99999.1.2}"


def test_a_wrong_rows_from_leaves_a_table_that_can_be_read(tmp_path: Path) -> None:
    mib = "tables: {zTable: {oid: 1.3.9.1, index: [{name: z}], rows_from: [no], columns: {zLoad: {id: 3}}}}"
    family = "title: Z\nrecords: {processors: [{table: zTable, fields: {usage_pct: zLoad}}]}\n"
    profiles, findings = load(tmp_path, mib__ZZZ=f"title: Z\n{mib}\n", z=family)
    assert len(findings) == 1
    assert [column.name for column in profiles["z"].tables[0].rows_from] == ["zLoad"]


def test_a_folder_of_ones_own_replaces_the_file_of_the_same_name(tmp_path: Path) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    for folder in (shipped, own):
        (folder / "mib").mkdir(parents=True)
    (shipped / "mib" / "A-MIB.yaml").write_text("title: A\nscalars: {aHeat: {oid: 1.3.1}}\n")
    (shipped / "generic.yaml").write_text(GENERIC)
    (shipped / "thing.yaml").write_text("title: Shipped\nidentity: {serial: aHeat}\n")
    (shipped / "child.yaml").write_text("title: Child\nextends: [thing]\n")
    (own / "mib" / "A-MIB.yaml").write_text("title: A\nscalars: {aHeat: {oid: 1.3.2}}\n")
    (own / "thing.yaml").write_text("title: Own\nidentity: {model: aHeat}\n")
    (own / "new.yaml").write_text("title: New\nextends: [generic]\n")
    profiles, findings = load_profiles([shipped, own])
    assert findings == []
    assert profiles["thing"].title == "Own"
    assert set(profiles) == {"generic", "thing", "child", "new"}
    assert [thing.oid for thing in profiles["child"].scalars] == ["1.3.2"]
    assert list(profiles["child"].identity) == ["model"]


def test_a_broken_file_of_ones_own_does_not_bring_the_shipped_one_back(tmp_path: Path) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    shipped.mkdir()
    own.mkdir()
    (shipped / "generic.yaml").write_text(GENERIC)
    (shipped / "thing.yaml").write_text("title: Shipped\n")
    (own / "thing.yaml").write_text("titel: Own\n")
    profiles, findings = load_profiles([shipped, own])
    assert set(profiles) == {"generic"}
    assert {finding.file for finding in findings} == {str(own / "thing.yaml")}


def test_a_file_that_cannot_be_read_as_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_bytes(b"title: \xff\n")
    (tmp_path / "generic.yaml").write_text(GENERIC)
    profiles, findings = load_profiles([tmp_path])
    assert set(profiles) == {"generic"}
    assert [(finding.file, finding.level) for finding in findings] == [(str(tmp_path / "bad.yaml"), "error")]
