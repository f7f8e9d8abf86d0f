"""Parents that are found late take over whom their children called; storms of incidents that nothing explains."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.acklinks import PREFIX, AckLinks
from alerts.answers import Answers
from alerts.composing import Telling
from noc.state import outbox
from tests.flows.places import Make, Numbers, office, star
from tests.flows.world import START_MS, World, device, inventory


async def test_a_parent_that_is_found_late_takes_over_its_children(make: Make, number: Numbers) -> None:
    place, inside = office("f0", number, devices=4)
    far = device("f0-far", "f0", number(), upstream=("device/f0-0",))
    world = await make(inventory([place], [*inside, far]))
    world.fail("device/f0-far")
    await world.go(90)
    assert await world.pages() == ["device/f0-far"]
    world.fail("device/f0-0")
    await world.go(90)
    assert await world.open() == ["device/f0-0"]
    child, parent = await world.incidents()
    assert (child.parent, child.state) == (parent.id, "resolved")
    assert "merged" in [one.kind for one in await world.timeline(child.id)]
    told = [(kind, entity) for kind, entity, _ in await world.notices()]
    assert told == [("page", "device/f0-far"), ("further", "device/f0-0")], "one page for one fault"
    world.restore("device/f0-0", "device/f0-far")
    await world.go(120)
    assert [entity for kind, entity, _ in await world.notices() if kind == "resolved"] == ["device/f0-0"]
    assert await world.open() == []


async def test_what_a_parent_is_found_to_explain_later_is_taken_over_then(make: Make, number: Numbers) -> None:
    world = await make(inventory(*star(number, 3)))
    world.fail("device/f0-2")
    await world.go(90)
    world.fail_site("hub")
    world.fail("circuit/f0-1", "circuit/f0-2")
    await world.go(60)
    assert "site/hub" in await world.open()
    world.fail("device/f0-rtr")  # only by this is it known that the hub explains what is behind it
    await world.go(120)
    assert await world.open() == ["site/hub"]


TWO_STEPS = {
    "people": {"achieng": {"email": "achieng@example.org"}, "berta": {"email": "berta@example.org"}},
    "notifiers": {"email": {}},
    "policies": {"standard": {"steps": [{"notify": ["achieng"]}, {"after": "5m", "notify": ["berta"]}]}},
}


async def late_parent(make: Make, number: Numbers) -> World:
    """Return a world in which somebody was called for a child, whose parent is about to be found."""
    place, inside = office("f0", number, devices=4)
    far = device("f0-far", "f0", number(), upstream=("device/f0-0",))
    world = await make(inventory([place], [*inside, far]), settings=TWO_STEPS)
    world.fail("device/f0-far")
    await world.go(90)
    assert await world.called() == [("page", "achieng", "device/f0-far")]
    return world


async def test_a_late_parent_goes_on_up_the_ladder_of_its_child(make: Make, number: Numbers) -> None:
    world = await late_parent(make, number)
    ((_, _, first_s),) = await world.notices()
    world.fail("device/f0-0")
    await world.go(500)
    assert await world.called() == [
        ("page", "achieng", "device/f0-far"),
        ("further", "achieng", "device/f0-0"),
        ("escalation", "berta", "device/f0-0"),
    ]
    (at_s,) = [at_s for kind, _, at_s in await world.notices() if kind == "escalation"]
    assert at_s - first_s == pytest.approx(300, abs=6), "berta is called when the child would have called her"


async def test_who_owns_a_child_owns_its_late_parent_where_that_is_no_graver(make: Make, number: Numbers) -> None:
    world = await late_parent(make, number)
    await world.engine.acknowledge(1, "achieng")
    world.fail("device/f0-0")
    await world.go(500)
    child, parent = await world.incidents()
    assert (child.parent, parent.state, parent.acknowledged_by) == (parent.id, "acknowledged", "achieng")
    assert await world.called() == [("page", "achieng", "device/f0-far"), ("further", "achieng", "device/f0-0")]


async def test_a_link_in_the_page_of_a_child_acknowledges_its_late_parent(
    make: Make, number: Numbers, tmp_path: Path
) -> None:
    world = await late_parent(make, number)
    world.fail("device/f0-0")
    await world.go(120)
    async with world.database.read() as connection:
        (page,) = await outbox.of_incident(connection, 1)
    links = AckLinks(tmp_path, 3_600_000)
    telling = Telling(world.settings, {}, lambda: world.inventory, links=links)
    answers = Answers(world.database, world.clock, links, lambda: telling)
    path = links.path(page, START_MS + int(world.clock.at_s * 1000))
    assert (await answers.own(path.removeprefix(PREFIX))).incident == 2
    child, parent = await world.incidents()
    assert (child.parent, parent.state, parent.acknowledged_by) == (parent.id, "acknowledged", "achieng")


async def test_a_graver_parent_calls_who_owned_its_child(make: Make, number: Numbers) -> None:
    place, inside = office("f0", number, devices=4)
    world = await make(inventory([place], inside), settings=TWO_STEPS)
    world.raise_rule("path-loss", "device/f0-0", severity="minor")
    await world.go(20)
    await world.engine.acknowledge(1, "achieng")
    world.fail("device/f0-0")
    await world.go(90)
    assert await world.called() == [("page", "achieng", "device/f0-0")] * 2
    assert await world.open() == ["device/f0-0"]
    assert [one.state for one in await world.incidents()] == ["resolved", "new"]


async def test_a_storm_of_what_is_minor_holds_nothing_critical_back(make: Make, number: Numbers) -> None:
    place, inside = office("f0", number, devices=30)
    world = await make(inventory([place], inside))
    for index in range(15):
        world.raise_rule("dusty", f"device/f0-{index}", severity="minor")
    await world.go(30)
    assert len(await world.pages()) == 7
    assert (await world.pages())[-1] == "shared/storm/standard/minor"
    world.raise_rule("on-fire", "device/f0-20", severity="critical")
    world.raise_rule("dusty", "device/f0-21", severity="minor")
    await world.go(30)
    assert (await world.pages())[7:] == ["device/f0-20"]
    for index in range(12):
        world.raise_rule("on-fire", f"device/f0-{index}", severity="critical")
    await world.go(30)
    assert (await world.pages())[-1] == "shared/storm/standard/critical"
    assert len(await world.pages()) == 9
    world.raise_rule("dusty", "device/f0-22", severity="minor")
    await world.go(30)
    gravest = (await world.incidents())[-1]
    assert (gravest.entity, gravest.severity) == ("shared/storm/standard/critical", "critical")
    assert "device/f0-22" in {symptom.entity for symptom in await world.symptoms(gravest.id)}


async def test_many_sites_that_nothing_explains_are_a_storm_too(make: Make, number: Numbers) -> None:
    places = [office(f"f{index}", number, devices=1) for index in range(40)]
    world = await make(inventory([one for one, _ in places], [x for _, some in places for x in some]))
    world.fail_site(*(f"f{index}" for index in range(15)))
    await world.go(240)
    assert len(await world.pages()) == 8
    assert (await world.pages())[-1] == "shared/storm/standard/critical"
    world.restore_site(*(f"f{index}" for index in range(15)))
    await world.go(240)
    assert await world.open() == []
