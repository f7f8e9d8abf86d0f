"""Profiles of one's own beside all that ship: a draft, the example of the handbook, those that `noc poll` is given."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from noc.cli._agent import profiles_with
from noc.inventory.profiles.draft import draft
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.profiles.load import load_names, load_profiles, pick
from noc.inventory.shipped import shipped
from noc.model.errors import InputError

SHIPPED, _ = kept_profiles([shipped("profiles")])
PAGE = Path(__file__).parents[2] / "docs" / "extend" / "profile.md"


def test_a_draft_loads_beside_all_that_ship(tmp_path: Path) -> None:
    recorded = {(1, 3, 6, 1, 2, 1, 1, 2, 0): "1.3.6.1.4.1.32473.7.1.2", (1, 3, 6, 1, 4, 1, 32473, 1, 1, 0): 42}
    text = draft("Acme's relay", recorded, SHIPPED, load_names([shipped("profiles")]))
    (tmp_path / "acme-relay.yaml").write_text(text)
    profiles, findings = load_profiles([shipped("profiles"), tmp_path])
    assert [str(finding) for finding in findings] == []
    assert pick(profiles, "1.3.6.1.4.1.32473.7.1.2", None).name == "acme-relay"


def test_the_example_of_the_handbook_loads_beside_all_that_ship(tmp_path: Path) -> None:
    found = re.search(r"<!-- profile: example-satlink -->\n```\w+\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    (tmp_path / "example-satlink.yaml").write_text(found[1])
    profiles, findings = load_profiles([shipped("profiles"), tmp_path])
    assert [str(finding) for finding in findings] == []
    assert pick(profiles, "1.3.6.1.4.1.32473.7.1", None).name == "example-satlink"


def test_profiles_of_ones_own_come_beside_the_shipped_ones_and_a_broken_one_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.yaml").write_text("title: Own\nextends: [generic]\n")
    (tmp_path / "broken.yaml").write_text("titel: Own\n")
    known = profiles_with(tmp_path)
    assert {"own", "generic", "cisco-iosxe"} <= set(known)
    assert "broken" not in known
    told = capsys.readouterr().err
    assert f"{tmp_path}/broken.yaml:1:1: error: unknown key 'titel' (did you mean 'title'?)" in told


def test_without_a_generic_profile_nothing_can_be_polled(tmp_path: Path) -> None:
    (tmp_path / "generic.yaml").write_text("titel: Own\n")
    with pytest.raises(InputError, match="unknown key 'titel'"):
        profiles_with(tmp_path)
