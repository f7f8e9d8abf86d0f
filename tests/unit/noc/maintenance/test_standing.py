"""How windows stand for people: to come, under way, overrun, over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from noc.inventory.entities import Region, Site
from noc.inventory.inventory import Inventory
from noc.maintenance.standing import LOOKED_BACK_MS, Standings
from noc.model.present import StatusNow
from noc.model.window import PlannedWindow, WindowDecision, WindowStep
from tests.things import device

HOUR = 3_600_000
DAY = 24 * HOUR
ASKED = WindowDecision("site/goma", 0, 1, "requested", 10 * HOUR, 12 * HOUR, "", "UTC", (), "ann", "new router")
GOMA = Site.model_validate_json(
    '{"id": "goma", "name": "Goma", "region": "africa", "class": "field", "edge_devices": ["rtr"]}'
)
INVENTORY = Inventory(
    {"africa": Region(id="africa", name="Africa")}, {"goma": GOMA}, {"rtr": replace(device("rtr"), site="goma")}
)


def window(asked: WindowDecision, *steps: tuple[int, WindowStep]) -> PlannedWindow:
    decisions = [asked]
    for since, step in steps:
        decisions.append(replace(decisions[-1], since_ms=since, step=step, who="bob"))
    return PlannedWindow(tuple(decisions))


def at(now_ms: int, statuses: Mapping[str, StatusNow] | None = None) -> Standings:
    known = statuses or {}
    return Standings(INVENTORY, lambda entity: known.get(entity, StatusNow("up", 0)), now_ms)


APPROVED = window(ASKED, (HOUR, "approved"))
WEEKLY = window(replace(ASKED, rrule="FREQ=WEEKLY"), (HOUR, "approved"))
TWICE = window(replace(ASKED, rrule="FREQ=WEEKLY;COUNT=2"), (HOUR, "approved"))


@pytest.mark.parametrize(
    ("one", "hour", "standing"),
    [
        (window(ASKED), 1, "requested"),
        (window(ASKED), 12, "lapsed"),
        (window(replace(ASKED, rrule="FREQ=WEEKLY")), 100, "requested"),
        (APPROVED, 9, "approved"),
        (APPROVED, 10, "running"),
        (APPROVED, 12, "ended"),
        (WEEKLY, 12, "approved"),
        (TWICE, 12, "approved"),
        (TWICE, 24 * 8, "ended"),
        (window(ASKED, (HOUR, "rejected")), 11, "rejected"),
        (window(ASKED, (HOUR, "approved"), (11 * HOUR, "cancelled")), 11, "cancelled"),
    ],
)
def test_as_a_whole(one: PlannedWindow, hour: int, standing: str) -> None:
    assert at(hour * HOUR).of(one) == (standing, ())


@pytest.mark.parametrize("name", ["site/goma", "device/rtr"])
def test_overrun_is_what_went_down_in_it_and_still_is(name: str) -> None:
    down = {name: StatusNow("down", 11 * HOUR)}
    assert at(11 * HOUR, down).of(APPROVED) == ("running", ())
    assert at(13 * HOUR, down).of(APPROVED) == ("overrun", (name,))
    assert at(13 * HOUR, down).of(WEEKLY) == ("overrun", (name,))
    assert at(13 * HOUR, {name: StatusNow("unreachable", 11 * HOUR)}).of(APPROVED) == ("ended", ())


@pytest.mark.parametrize("since", [9 * HOUR, 12 * HOUR])
def test_what_went_down_before_or_after_is_no_overrun(since: int) -> None:
    assert at(13 * HOUR, {"site/goma": StatusNow("down", since)}).of(APPROVED) == ("ended", ())


def test_after_a_week_nobody_works_there_any_more() -> None:
    down = {"site/goma": StatusNow("down", 11 * HOUR)}
    assert at(12 * HOUR + LOOKED_BACK_MS - 1, down).of(APPROVED)[0] == "overrun"
    assert at(12 * HOUR + LOOKED_BACK_MS, down).of(APPROVED)[0] == "ended"


def test_each_time_of_a_window_stands_for_itself() -> None:
    times = at(7 * DAY + 11 * HOUR).times([WEEKLY, window(ASKED, (HOUR, "rejected"))], 0, 15 * DAY)
    assert [(one.start_ms // DAY, one.standing) for one in times] == [(0, "ended"), (7, "running"), (14, "approved")]
    assert [one.standing for one in at(HOUR).times([window(ASKED)], 0, DAY)] == ["requested"]
    assert [one.standing for one in at(DAY).times([window(ASKED)], 0, DAY)] == ["lapsed"]
