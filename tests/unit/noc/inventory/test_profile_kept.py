from __future__ import annotations

from pathlib import Path

import pytest

from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.profiles.load import load_profiles


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Profiles, and a cache of their own: only a few sets are kept, and they would push out the shipped ones."""
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "cache"))
    (tmp_path / "mib").mkdir()
    (tmp_path / "one.yaml").write_text("title: One\n")
    return tmp_path


def test_what_has_not_changed_is_not_compiled_anew(folder: Path) -> None:
    first, findings = kept_profiles([folder])
    assert (first, findings) == load_profiles([folder])
    assert first["one"].title == "One"
    assert kept_profiles([folder])[0] is first


@pytest.mark.parametrize("changed", ["one.yaml", "two.yaml", "mib/A-MIB.yaml"])
def test_a_file_that_has_changed_or_is_new_counts_at_once(folder: Path, changed: str) -> None:
    before = kept_profiles([folder])
    (folder / changed).write_text("title: Eno\ntitel: wrong\n")  # of the same size, in the same moment
    after = kept_profiles([folder])
    assert after != before
    assert after == load_profiles([folder])


def test_findings_are_a_list_of_ones_own(folder: Path) -> None:
    (folder / "one.yaml").write_text("titel: One\n")
    findings = kept_profiles([folder])[1]
    assert findings
    findings.clear()
    assert kept_profiles([folder])[1]


def test_a_file_that_can_not_be_read_is_a_finding(folder: Path) -> None:
    (folder / "one.yaml").unlink()
    (folder / "one.yaml").mkdir()
    assert "can't be read" in str(kept_profiles([folder])[1][0])
