"""In a window incidents open and are shown, and nobody is called; what is still down when it ends is told then."""

from __future__ import annotations

from noc.model.instants import to_ms
from noc.model.window import WindowDecision
from noc.state import windows
from tests.unit.alerts.alerting import MINUTE, START_MS, House, changed, ruled


async def planned(house: House, entity: str, begins: int, ends: int) -> int:
    """Ask for a window and approve it, minutes from the start."""
    asked = WindowDecision(
        entity, START_MS, 0, "requested", START_MS + begins * MINUTE, START_MS + ends * MINUTE, "", "UTC", (), "a", "w"
    )
    async with house.database.write() as connection:
        number = (await windows.request(connection, asked)).number
        await windows.approve(connection, number, who="bob", now_ms=START_MS)
    return number


async def told(house: House) -> list[tuple[str, str, int]]:
    return [(one.kind, one.person, (one.created_ms - START_MS) // MINUTE) for one in await house.notices(1)]


async def later(house: House, minutes: int) -> None:
    """Go on until so many minutes after the start."""
    await house.later(minutes - (to_ms(house.clock.now()) - START_MS) / MINUTE)


async def test_an_incident_opens_with_the_reason_and_nobody_is_told(house: House) -> None:
    number = await planned(house, "region/africa", 0, 60)
    await house.handle(changed("down"))
    (incident,) = await house.incidents()
    assert (incident.facts["window"], incident.facts["window_until"]) == (number, "2026-03-01T01:00:00Z")
    (entry,) = [one for one in await house.timeline(incident.id) if one.kind != "priority"]
    assert (entry.kind, entry.facts["window"], entry.facts["window_until"]) == ("opened", 1, "2026-03-01T01:00:00Z")
    await later(house, 59)
    assert await told(house) == []


async def test_what_is_still_down_when_the_window_ends_is_told_then(house: House) -> None:
    await planned(house, "site/s", 0, 60)
    await house.handle(changed("down"))
    await later(house, 60)
    assert await told(house) == [("page", "achieng", 60)]
    (incident,) = await house.incidents()
    assert (incident.facts["held_s"], "window_until" in incident.facts) == (3600, False)
    assert [why for _, why in await house.lines()] == ["down", "window_over"]
    await later(house, 75)  # the second step comes fifteen minutes after that
    assert (await told(house))[1:] == [("escalation", "berta", 75)]


async def test_what_is_up_before_the_window_ends_is_told_to_nobody(house: House) -> None:
    await planned(house, "device/a", 0, 60)
    await house.handle(changed("down"))
    await house.handle(changed("up", START_MS + MINUTE))
    await later(house, 61)
    assert await told(house) == []
    assert (await house.incidents())[0].state == "resolved"


async def test_a_window_that_is_cancelled_holds_nothing_back(house: House) -> None:
    number = await planned(house, "device/a", 0, 60)
    await house.handle(changed("down"))
    async with house.database.write() as connection:
        await windows.cancel(connection, number, who="ann", now_ms=START_MS + 5 * MINUTE)
    await later(house, 5)
    assert await told(house) == [("page", "achieng", 5)]


async def test_what_was_told_before_the_window_waits_in_it(house: House) -> None:
    await planned(house, "device/a", 10, 60)
    await house.handle(changed("down"), ruled("raised", "device/b"))
    await later(house, 15)  # the second step would be due
    await later(house, 60)
    assert await told(house) == [("page", "achieng", 0)]
    await later(house, 65)
    assert await told(house) == [("page", "achieng", 0), ("escalation", "berta", 65)]
    assert [notice.person for notice in await house.notices(2)] == ["berta"]  # device/b is in no window


async def test_a_restart_in_the_window_changes_nothing(house: House) -> None:
    await planned(house, "site/s", 0, 60)
    await house.handle(changed("down"))
    await house.restart()
    await later(house, 30)
    assert await told(house) == []
    await later(house, 200)  # nothing ran when it ended
    assert [kind for kind, *_ in await told(house)][:1] == ["page"]
    assert (await house.incidents())[0].facts["held_s"] == 3600
