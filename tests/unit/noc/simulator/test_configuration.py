from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.app.check import check
from noc.settings.yamltext import Data, parse
from noc.simulator.configuration import Pace, pace, write_configuration, yaml_text
from noc.simulator.world import build
from tests.unit.noc.simulator.simulated import world

TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Co", "Cn"]), max_size=12).filter(
    lambda t: t != "!secret"
)
SCALAR = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | TEXT
VALUES = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)


@pytest.mark.parametrize(("sites", "devices"), [(1, 1), (2, 9), (12, 40), (40, 400), (594, 594)])
def test_check_finds_nothing_wrong(tmp_path: Path, sites: int, devices: int) -> None:
    path = write_configuration(build(sites, devices), tmp_path, 1161)
    result = check(path, {})
    assert [str(finding) for finding in result.findings] == []
    assert (result.sites, result.devices) == (sites, devices)
    assert result.inventory is not None
    for device in result.inventory.devices.values():
        assert device.snmp_port == 1161
        assert str(device.watch.liveness) == "snmp"


def test_the_inventory_has_the_world_s_upstreams(tmp_path: Path) -> None:
    result = check(write_configuration(world(), tmp_path, 1161), {})
    assert result.inventory is not None
    for device in world().devices:
        assert result.inventory.devices[device.id].upstream == device.upstream
        assert result.inventory.devices[device.id].address == device.address


def test_more_settings_are_merged_and_count_more_than_ours(tmp_path: Path) -> None:
    extra: dict[str, Data] = {"defaults": {"interval": "30s"}, "polling": {"max_concurrent": 50}}
    result = check(write_configuration(world(), tmp_path, 1161, extra), {})
    assert result.findings == ()
    assert result.settings is not None
    assert result.settings.defaults.interval == timedelta(seconds=30)
    assert result.settings.defaults.poll_interval is not None
    assert (result.settings.polling.poller, result.settings.polling.max_concurrent) == ("brindisi", 50)


def test_the_community_is_in_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    write_configuration(world(), tmp_path, 1161, community="secret")
    assert (tmp_path / "community").read_text() == "secret\n"
    assert (tmp_path / "community").stat().st_mode & 0o077 == 0
    assert "secret\n" not in (tmp_path / "noc.yaml").read_text()


def test_the_pace_follows_the_size_of_the_world(tmp_path: Path) -> None:
    assert pace(10).interval == timedelta(seconds=15)
    assert pace(20_303).interval == timedelta(seconds=59)
    slow = Pace(timedelta(minutes=2), timedelta(minutes=20))
    result = check(write_configuration(world(), tmp_path, 1161, rhythm=slow), {})
    assert result.settings is not None
    assert result.settings.defaults.poll_interval == slow.poll_interval


@given(st.dictionaries(TEXT, VALUES, max_size=5))
def test_yaml_is_read_back_as_it_was(data: dict[str, Data]) -> None:
    text = yaml_text(data)
    assert (parse(text, "x", {"HOME": "not this"}).data or {}) == data


def test_yaml_keeps_references_and_leaves_no_variable() -> None:
    text = yaml_text({"a": {"!secret": "file:x"}, "b": "${HOME} and $${HOME}"})
    assert "a: !secret file:x" in text
    data = parse(text, "x", {"HOME": "not this"}).data
    assert data == {"a": {"!secret": "file:x"}, "b": "${HOME} and $${HOME}"}
