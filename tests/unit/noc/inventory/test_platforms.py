"""Platforms are those that noc knows and those of files: what names another one is told so, with the nearest."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.inventory.profiles.kept import kept_profiles

OID = "1.3.6.1.4.1.99999"


def test_a_profile_names_a_platform_that_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "cache"))  # else it would push the shipped ones out
    family = tmp_path / "acme.yaml"
    family.write_text(f"title: Acme\ncli: acme-0s\nmatch: [{{sys_object_id: {OID}}}]\n")
    profiles, findings = kept_profiles([tmp_path])
    assert profiles == {}
    assert [(one.line, one.message) for one in findings] == [
        (2, "cli: unknown platform 'acme-0s'; known are the files of `cli/`")
    ]
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "acme-os.yaml").write_text("templates: acme\ncommands: []\n")
    profiles, findings = kept_profiles([tmp_path])
    assert [one.message for one in findings] == [
        "cli: unknown platform 'acme-0s' (did you mean 'acme-os'?); known are the files of `cli/`"
    ]
    family.write_text(family.read_text().replace("acme-0s", "acme-os"))
    profiles, findings = kept_profiles([tmp_path])
    assert findings == []
    assert profiles["acme"].cli == "acme-os"
