"""A reload that would hand devices to remote pollers of which noc can't hear: refused, as nobody would poll them."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from noc.app.build import build
from noc.app.reload import Reload
from noc.clock import ManualClock

from .conftest import CLEAN, Checking

BASE = f"state_dir: state\n{CLEAN['noc.yaml']}"
BROKER = "pollers: {broker: {host: mqtt.example.org}, groups: {nairobi: {scope: [region/africa]FROM_HERE}}}\n"


async def test_groups_begin_at_a_restart_where_noc_was_started_without_a_broker(
    checking: Checking, caplog: pytest.LogCaptureFixture
) -> None:
    checked = checking.run({"noc.yaml": BASE})
    daemon = build(checked, ManualClock(datetime(2026, 3, 1, tzinfo=UTC)))
    reload = Reload(Path("noc.yaml"), checked, daemon)
    checking.write({"noc.yaml": BASE + BROKER.replace("FROM_HERE", "")})
    with caplog.at_level(logging.INFO):
        assert not await reload.now()
    (finding,) = reload.findings
    assert str(finding).startswith("noc.yaml:4:")
    assert finding.message == (
        "pollers: 1 device or end point would be left to remote pollers (nbo-rtr-1), and noc was started without a "
        "broker over which it hears them: nobody would poll them. Restart noc: it takes this up then"
    )
    assert "nothing was changed: the centre polls what it polled before" in caplog.text
    assert reload.settings.pollers.groups == {}


async def test_what_the_centre_asks_as_well_may_be_given_to_a_group_by_a_reload(checking: Checking) -> None:
    checked = checking.run({"noc.yaml": BASE})
    reload = Reload(Path("noc.yaml"), checked, build(checked, ManualClock(datetime(2026, 3, 1, tzinfo=UTC))))
    checking.write({"noc.yaml": BASE + BROKER.replace("FROM_HERE", ", from_here: true")})
    assert await reload.now()


async def test_with_a_broker_from_the_start_groups_come_by_a_reload(checking: Checking) -> None:
    alone = "pollers: {broker: {host: mqtt.example.org}}\n"
    checked = checking.run({"noc.yaml": BASE + alone})
    reload = Reload(Path("noc.yaml"), checked, build(checked, ManualClock(datetime(2026, 3, 1, tzinfo=UTC))))
    checking.write({"noc.yaml": BASE + BROKER.replace("FROM_HERE", "")})
    assert await reload.now()
