"""Every shipped profile and MIB file on disk: it loads, says what it is, and is told apart from the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from noc.inventory.layers import DEVICE_CLASSES
from noc.inventory.profiles.compiled import EntitySensorSpec, First, Modified, Object, Profile, SensorSpec, Text
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.profiles.load import GENERIC, pick
from noc.inventory.profiles.text import MibText, ProfileText
from noc.inventory.shipped import shipped
from noc.model.snapshot import RECORD_FIELDS, SATELLITE_FIELDS, SENSOR_UNITS
from noc.settings.schema import validate
from noc.settings.yamltext import read

FOLDER = shipped("profiles")
PROFILES, FINDINGS = kept_profiles([FOLDER])
FILES = sorted(FOLDER.glob("*.yaml"))
MIBS = sorted((FOLDER / "mib").glob("*.yaml"))

# Objects that noc must never name, because whoever sets them reboots a device, changes its settings or clears its
# evidence: noc only reads, and a profile shows what noc touches.
CONTROL = ("1.3.6.1.4.1.8000.22.1", "1.3.6.1.4.1.8000.22.9.5", "1.3.6.1.4.1.8000.22.9.7")


@cache
def mib(path: Path) -> MibText:
    return validate(MibText, read(path))


def objects(profile: Profile) -> Iterator[Object]:
    yield from profile.scalars
    for table in profile.tables:
        yield from (*table.rows_from, *table.columns)


def test_all_files_load_without_a_finding() -> None:
    assert [str(finding) for finding in FINDINGS] == []
    assert set(PROFILES) == {path.stem for path in FILES}
    assert GENERIC in PROFILES


def test_a_profile_has_a_title_that_no_other_has() -> None:
    titles = Counter(profile.title for profile in PROFILES.values())
    assert all(title.strip() == title and title for title in titles)
    assert [title for title, count in titles.items() if count > 1] == []


def test_every_table_can_be_walked() -> None:
    for name, profile in PROFILES.items():
        for table in profile.tables:
            where = f"{name}: {table.name}"
            assert table.index, where
            assert table.rows_from, where
            assert table.columns, where
            assert all(thing.oid.startswith(f"{table.oid}.") for thing in (*table.rows_from, *table.columns)), where
            assert all(thing.table == table.name for thing in (*table.rows_from, *table.columns)), where


def test_every_scalar_stands_alone() -> None:
    for name, profile in PROFILES.items():
        assert all(thing.table is None for thing in profile.scalars), name
        assert len({thing.oid for thing in profile.scalars}) == len(profile.scalars), name


def test_every_sensor_is_of_a_known_kind_and_reads_what_is_asked_for() -> None:
    for name, profile in PROFILES.items():
        asked = set(objects(profile))
        for spec in profile.sensors:
            if isinstance(spec, EntitySensorSpec):
                assert {spec.value, spec.type, spec.scale, spec.precision, spec.oper_status} <= asked, name
            else:
                where = f"{name}: {spec}"
                assert spec.kind in SENSOR_UNITS, where
                assert (spec.kind == "state") == bool(spec.states), where
                assert set(spec.objects) <= asked, where


def test_no_sensor_hides_another_of_the_same_profile() -> None:
    # One OID is one sensor: the second that begins with the same object would never be seen, unless rows differ.
    for name, profile in PROFILES.items():
        specs = [spec for spec in profile.sensors if isinstance(spec, SensorSpec) and not spec.where]
        first = Counter(spec.objects[0].oid for spec in specs)
        assert [oid for oid, count in first.items() if count > 1] == [], name


def test_lists_and_satellite_values_have_known_fields() -> None:
    for name, profile in PROFILES.items():
        for record, specs in profile.records.items():
            assert all(set(spec.fields) <= set(RECORD_FIELDS[record]) for spec in specs), f"{name}: {record}"
        assert set(profile.satellite) <= set(SATELLITE_FIELDS), name


def test_no_profile_names_an_object_that_controls_a_device() -> None:
    controls = tuple(f"{oid}." for oid in CONTROL)
    assert [
        (name, thing.name)
        for name, profile in PROFILES.items()
        for thing in objects(profile)
        if f"{thing.oid}.".startswith(controls)
    ] == []


def test_no_two_profiles_claim_the_same_devices() -> None:
    claims = Counter(
        (match.prefix, match.descr.pattern if match.descr else None, match.oid)
        for profile in PROFILES.values()
        for match in profile.matches
    )
    assert [claim for claim, count in claims.items() if count > 1] == []


def test_a_profile_that_is_found_by_its_sysobjectid_alone_wins_it() -> None:
    for profile in PROFILES.values():
        for match in profile.matches:
            if match.descr is None and match.oid is None:
                assert pick(PROFILES, ".".join(map(str, match.prefix)), None) is profile


def test_a_device_class_is_one_that_the_inventory_knows() -> None:
    told: set[object] = set()
    for profile in PROFILES.values():
        how = profile.identity.get("device_class")
        for choice in how.choices if isinstance(how, First) else (how,):
            if isinstance(choice, Text):
                told.add("".join(map(str, choice.parts)))
            elif isinstance(choice, Modified):
                told |= {*(choice.mapping or {}).values(), choice.otherwise}
    assert told
    assert told <= set(DEVICE_CLASSES)


def test_a_family_inherits_what_every_device_has() -> None:
    families = {name: profile for name, profile in PROFILES.items() if profile.matches}
    assert families
    for name, profile in families.items():
        assert {table.name for table in PROFILES[GENERIC].tables} <= {table.name for table in profile.tables}, name
        assert set(PROFILES[GENERIC].scalars) <= set(profile.scalars), name
        assert {"vendor", "device_class"} <= set(profile.identity), name


def test_profile_files_are_named_in_small_letters_and_hyphens() -> None:
    assert [path.name for path in FILES if path.stem != path.stem.lower() or "_" in path.stem] == []


def test_a_mib_file_says_what_it_is_and_where_it_comes_from() -> None:
    for path in MIBS:
        text = mib(path)
        assert text.title, path
        assert text.source, path
        assert text.scalars or text.tables or text.maps, path


def test_one_oid_has_one_name() -> None:
    named: dict[str, set[str]] = {}
    texts = [mib(path) for path in MIBS]
    texts += [validate(ProfileText, read(path)).mib for path in FILES]
    for text in texts:
        for name, scalar in text.scalars.items():
            named.setdefault(scalar.oid, set()).add(name)
        for table in text.tables.values():
            for name, column in table.columns.items():
                named.setdefault(f"{table.oid}.{column.id}", set()).add(name)
    assert {oid: names for oid, names in named.items() if len(names) > 1} == {}


def test_every_mib_file_is_used() -> None:
    used = {thing.name for profile in PROFILES.values() for thing in objects(profile)}
    for path in MIBS:
        text = mib(path)
        own = set(text.scalars) | {name for table in text.tables.values() for name in table.columns}
        assert not own or own & used, f"{path.name}: no profile uses any of its objects"


def test_kinds_of_sensors_are_those_that_others_rely_on() -> None:
    assert set(SENSOR_UNITS) == {
        *(
            "temperature",
            "voltage",
            "current",
            "power",
            "fan_speed",
            "humidity",
            "frequency",
            "optical_power",
            "signal",
        ),
        *("tv_signal", "snr", "es_n0", "ber", "bitrate", "delay", "loss", "load", "charge", "runtime", "energy"),
        *("power_factor", "state", "percent", "count"),
    }
