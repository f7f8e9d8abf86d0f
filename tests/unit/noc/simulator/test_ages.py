"""A simulated fleet is as old as the real one."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from noc.app.check import check
from noc.inventory.layers import DeviceClass
from noc.inventory.life import life_of
from noc.simulator.ages import PAST_PCT, UNKNOWN_PCT, age_of
from noc.simulator.configuration import write_configuration
from noc.simulator.world import build

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize("device_class", ["switch", "router", "video"])
def test_as_many_are_old_as_really_are(tmp_path: Path, device_class: DeviceClass) -> None:
    path = write_configuration(build(40, 1_500), tmp_path, 1161, today=TODAY)
    found = check(path, {})
    assert found.findings == ()
    assert found.inventory is not None
    lives = [life_of(one, TODAY) for one in found.inventory.devices.values() if one.device_class == device_class]
    states = Counter(life.state for life in lives)
    known = states["past"] + states["within"]
    assert abs(100 * states["past"] / known - PAST_PCT[device_class]) < 12
    assert states["unknown"] <= len(lives) * 2 * UNKNOWN_PCT / 100 + 1


def test_the_same_device_is_always_as_old_and_none_is_from_the_future() -> None:
    ages = [age_of(number, "switch", TODAY) for number in range(500)]
    assert ages == [age_of(number, "switch", TODAY) for number in range(500)]
    assert all(age.installed is None or date(2010, 1, 1) < age.installed < TODAY for age in ages)
    assert age_of(1, "other", TODAY).installed is None
