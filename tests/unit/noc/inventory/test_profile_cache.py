"""The cache of compiled profiles: what comes out is what went in, and a file that can't be trusted is none."""

from __future__ import annotations

import functools
import json
import os
import re
from pathlib import Path

import pytest

from noc.inventory.profiles import cache, kept
from noc.inventory.profiles.compiled import Profile, Text
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.profiles.load import GENERIC, load_profiles, pick, probes
from noc.inventory.profiles.written import Profiles, document_of
from noc.inventory.shipped import shipped

SHIPPED, _ = kept_profiles([shipped("profiles")])
TABLE = """\
tables:
  acmeTable:
    oid: 1.3.6.1.4.1.99999.1.1
    index: [{name: acmeIndex}]
    columns: {acmeName: {id: 2, type: string}, acmeValue: {id: 3, every: 1h}}
"""
FAMILY = """\
title: Acme
extends: [base]
match: [{sys_object_id: 1.3.6.1.4.1.99999}, {sys_descr: '(?i)acme', oid: 1.3.6.1.4.1.99999.2.0}]
identity: {vendor: Acme, model: {value: sysDescr, pattern: '(\\w+)', replace: {a: b}, map: {x: 1.0, y: true}}}
sensors:
  - kind: temperature
    value: {value: acmeValue, scale: 0.1}
    name: '{acmeName}'
    where: [{value: acmeName, is_not: [x]}]
"""
BASE = """\
title: Base
mib: {scalars: {sysDescr: {oid: 1.3.6.1.2.1.1.1, type: string}}}
"""


@functools.cache
def shipped_text() -> str:
    """The cache's form of all shipped profiles."""
    return json.dumps(document_of(SHIPPED))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "cache"))
    kept._known.cache_clear()
    return tmp_path / "cache" / "noc"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Profiles of one's own."""
    (tmp_path / "own" / "mib").mkdir(parents=True)
    for name, text in {"mib/ACME-MIB": TABLE, "acme": FAMILY, "base": BASE}.items():
        (tmp_path / "own" / f"{name}.yaml").write_text(text)
    return tmp_path / "own"


def fresh(folder: Path) -> object:
    """Return what another process would get."""
    kept._loaded.cache_clear()
    kept._known.cache_clear()
    return kept_profiles([folder])[0]


def the_file(place: Path) -> Path:
    (file,) = place.iterdir()
    return file


def test_a_device_is_recognised_without_reading_other_profiles() -> None:
    again = Profiles(json.loads(shipped_text()))
    asked = ("1.3.6.1.4.1.9.1.1208", "Cisco IOS Software, C2960 Software, Version 15.0(2)SE")
    found = pick(again, *asked)
    assert found == pick(SHIPPED, *asked)
    assert probes(again, *asked, found) == probes(SHIPPED, *asked, pick(SHIPPED, *asked))
    assert len(again._read) < len(again) / 4
    with pytest.raises(KeyError):
        again["nothing"]
    assert GENERIC in again
    assert "nothing" not in again


def test_the_second_process_reads_what_the_first_one_wrote(place: Path, folder: Path) -> None:
    compiled, findings = load_profiles([folder])
    assert findings == []
    assert isinstance(fresh(folder), dict)
    assert the_file(place).stat().st_mode & 0o777 == 0o600
    assert place.stat().st_mode & 0o777 == 0o700
    again = fresh(folder)
    assert isinstance(again, Profiles)
    assert again == compiled
    assert isinstance(again["acme"], Profile)


@pytest.mark.parametrize("changed", ["acme.yaml", "mib/ACME-MIB.yaml", "new.yaml"])
def test_a_change_of_a_file_is_another_key(place: Path, folder: Path, changed: str) -> None:
    fresh(folder)
    file = folder / changed
    file.write_text((file.read_text() if file.exists() else "title: New\n") + "\n# a remark\n")
    assert isinstance(fresh(folder), dict)
    assert len(list(place.iterdir())) == 2


def test_other_code_is_another_key(place: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = [("a.yaml", b"title: A\n")]
    before = cache.name_of(contents)
    assert cache.name_of(contents) == before
    assert cache.name_of([("a.yaml", b"title: B\n")]) != before
    assert cache.name_of([("a.yaml" + "\0" + "9", b"title: A\n")]) != before
    monkeypatch.setattr(cache, "_code", lambda: b"other")
    assert cache.name_of(contents) != before


def test_who_asks_from_elsewhere_finds_what_was_kept(
    place: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh(folder)
    monkeypatch.chdir(folder.parent)
    assert isinstance(fresh(Path(folder.name)), Profiles)


@pytest.mark.parametrize("file", ["mib/ACME-MIB.yaml", "acme.yaml"])
def test_a_file_in_another_folder_is_another_key(place: Path, folder: Path, file: str) -> None:
    more = folder.parent / "more"
    (more / "mib").mkdir(parents=True)
    kept_profiles([folder, more])
    (folder / file).rename(more / file)
    kept_profiles([folder, more])
    assert len(list(place.iterdir())) == 2


def test_profiles_with_a_finding_are_not_kept(place: Path, folder: Path) -> None:
    (folder / "wrong.yaml").write_text("titel: Wrong\n")
    for _ in range(2):
        assert isinstance(fresh(folder), dict)
        assert kept_profiles([folder])[1]
    assert not place.exists()


def test_a_file_that_is_damaged_is_made_anew(place: Path, folder: Path) -> None:
    fresh(folder)
    file = the_file(place)
    whole = file.read_bytes()
    for damaged in (whole[:-5], whole[: len(whole) // 2], b"", whole.replace(b"Acme", b"Amce"), b"{}\n" + whole):
        file.write_bytes(damaged)
        assert isinstance(fresh(folder), dict)
        assert file.read_bytes() == whole


def test_a_file_that_others_may_write_or_that_leads_elsewhere_is_not_believed(place: Path, folder: Path) -> None:
    fresh(folder)
    file = the_file(place)
    file.chmod(0o666)
    assert cache.read(file.name) is None
    file.chmod(0o600)
    assert cache.read(file.name) is not None
    other = file.rename(place / "other")
    file.symlink_to(other)
    assert cache.read(file.name) is None


def test_without_a_place_all_goes_on(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "file"))
    assert isinstance(fresh(folder), dict)
    assert isinstance(fresh(folder), dict)
    assert (tmp_path / "file").read_text() == ""


def test_only_the_newest_files_are_kept(place: Path, folder: Path) -> None:
    for number in range(cache.KEPT + 3):
        (folder / "more.yaml").write_text(f"title: Number {number}\n")
        fresh(folder)
        for age, file in enumerate(sorted(place.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)):
            os.utime(file, (1_000_000 - age, 1_000_000 - age))
    assert len(list(place.iterdir())) == cache.KEPT
    assert isinstance(fresh(folder), Profiles)


@pytest.mark.parametrize(
    ("set_to", "found"),
    [
        ({"CACHE_DIRECTORY": "/var/cache/noc:/var/cache/more"}, Path("/var/cache/noc/noc")),
        ({"XDG_CACHE_HOME": "/somewhere"}, Path("/somewhere/noc")),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/home/a"}, Path("/home/a/.cache/noc")),
    ],
)
def test_where_it_is(set_to: dict[str, str], found: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CACHE_DIRECTORY", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in set_to.items():
        monkeypatch.setenv(name, value)
    assert cache.folder() == found


def test_what_has_no_form_is_refused_and_flags_of_patterns_are_kept() -> None:
    strange = Profile("x", "X", (), {"vendor": Text((re.compile("a"),))}, (), ())  # type: ignore[arg-type]
    with_flags = Profile("x", "X", (), {"vendor": Text((re.compile("a", re.ASCII | re.IGNORECASE),))}, (), ())  # type: ignore[arg-type]
    for profile in (strange, with_flags):
        assert Profiles(json.loads(json.dumps(document_of({"x": profile}))))["x"] == profile
    with pytest.raises(TypeError, match="object has no form"):
        document_of({"x": Profile("x", "X", (), {"vendor": object()}, (), ())})  # type: ignore[dict-item]
