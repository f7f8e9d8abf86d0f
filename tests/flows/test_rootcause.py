"""One fault, one page: stories of root causes, with the real state machine, re-probing, engine and database."""

from __future__ import annotations

import json
from dataclasses import replace

from alerts.rules.compiled import DownRule
from noc.inventory.entities import Service
from tests.flows.places import Make, Numbers, dish, names, office, star
from tests.flows.world import DOWN, LINE, circuit, device, inventory, site

PEER = DownRule(name="peer-down", summary="Peer down", severity="major", hold_ms=0, of=frozenset({"bgp", "ospf"}))
PLACES = {"f2": {"formula": {"all_of": ["site/f2"]}}, "f1": {"formula": {"all_of": ["site/f1"]}}}


async def test_a_device_that_fails_alone_is_told_as_soon_as_it_is_certain(make: Make, number: Numbers) -> None:
    world = await make(inventory(*star(number, 3)))
    began_s = world.clock.at_s
    world.fail("device/f1-2")
    await world.go(60)
    ((kind, entity, at_s),) = await world.notices()
    assert (kind, entity) == ("page", "device/f1-2")
    assert at_s - began_s < 30 + 15  # an interval until the first failure, then seconds, not cycles
    (opened,) = [one for one in await world.timeline(1) if one.kind == "opened"]
    assert opened.facts["evidence"] == "alone"


async def test_a_hub_site_that_is_lost_is_one_page_with_all_behind_it(make: Make, number: Numbers) -> None:
    world = await make(inventory(*star(number, 10)))
    world.fail_site("hub", *(f"f{index}" for index in range(10)))
    await world.go(180)
    assert await world.pages() == ["site/hub"]
    (one,) = [one for one in await world.incidents() if one.resolved_ms is None]
    assert (one.cause, one.severity) == ("site", "critical")
    found = {symptom.entity for symptom in await world.symptoms(one.id)}
    assert found == set(names(world, *world.inventory.sites))
    assert all(symptom.facts["why"] for symptom in await world.symptoms(one.id))


async def test_all_is_over_when_the_hub_is_back_and_what_is_not_back_pages_at_once(make: Make, number: Numbers) -> None:
    world = await make(inventory(*star(number, 4)))
    world.fail_site("hub", *(f"f{index}" for index in range(4)))
    await world.go(180)
    world.restore_site("hub", "f0", "f1", "f2")
    world.restore("device/f3-rtr", "device/f3-0", "device/f3-1")  # f3-2 broke meanwhile
    back_s = world.clock.at_s
    await world.go(120)
    told = [(kind, entity) for kind, entity, _ in await world.notices()]
    assert told == [("page", "site/hub"), ("resolved", "site/hub"), ("page", "device/f3-2")]
    (at_s,) = [at_s for _, entity, at_s in await world.notices() if entity == "device/f3-2"]
    assert at_s - back_s < 60
    assert await world.open() == ["device/f3-2"]


async def test_two_paths_lost_at_once_are_one_page_of_the_site(make: Make, number: Numbers) -> None:
    world = await make(inventory(*star(number, 4)))
    world.fail("circuit/f1-1", "circuit/f1-2", *names(world, "f1"))
    await world.go(300)
    assert await world.pages() == ["site/f1"]
    assert await world.open() == ["site/f1"]
    world.restore("circuit/f1-1", "circuit/f1-2", *names(world, "f1"))
    await world.go(300)
    assert await world.open() == []
    assert await world.pages() == ["site/f1"]


async def test_one_path_of_two_is_the_circuit_and_the_second_takes_the_site(make: Make, number: Numbers) -> None:
    world = await make(inventory(*star(number, 4)))
    world.fail("circuit/f1-1")
    await world.go(900)
    assert await world.pages() == ["circuit/f1-1"]
    world.fail("circuit/f1-2", *names(world, "f1"))
    await world.go(300)
    assert len(await world.pages()) == 2
    assert len(await world.open()) == 2


async def test_a_ring_that_is_cut_twice_is_two_faults(make: Make, number: Numbers) -> None:
    places = [office(name, number) for name in ("hub", "a", "b", "c")]
    lines = [
        circuit("hub-a", "a", "a-rtr", "hub-rtr"),
        circuit("b-a", "a", "a-rtr", "b-rtr"),
        circuit("a-b", "b", "b-rtr", "a-rtr"),
        circuit("c-b", "b", "b-rtr", "c-rtr"),
        circuit("b-c", "c", "c-rtr", "b-rtr"),
        circuit("hub-c", "c", "c-rtr", "hub-rtr"),
    ]
    known = inventory([one for one, _ in places], [one for _, some in places for one in some], lines)
    world = await make(known)
    world.fail("circuit/hub-a")
    await world.go(600)
    assert await world.pages() == ["circuit/hub-a"]
    world.fail("circuit/hub-c", *names(world, "a", "b", "c"))
    await world.go(300)
    assert len(await world.pages()) <= 3
    assert "circuit/hub-a" in await world.open()


async def test_a_data_centre_that_is_lost_is_one_page(make: Make, number: Numbers) -> None:
    sites, devices, lines = star(number, 3)
    erp = Service.model_validate_json(json.dumps({"id": "erp", "name": "ERP", "places": PLACES}))
    world = await make(replace(inventory(sites, devices, lines), services={"erp": erp}))
    world.fail_site("f2")
    world.fail("circuit/f2-1", "circuit/f2-2")
    await world.go(300)
    assert await world.pages() == ["site/f2"]
    assert [(one.cause, one.priority) for one in await world.incidents() if one.resolved_ms is None] == [
        ("data-centre", 1)
    ]


async def test_a_site_that_is_lost_with_its_modems_is_one_page_of_the_site(make: Make, number: Numbers) -> None:
    places = [dish(number, f"f{index}") for index in range(9)]
    hub = site("hub", "earth"), [device("earth", "hub", number())]
    own = [device(f"f{index}-own", f"f{index}", number(), upstream=("device/earth",)) for index in (3, 7)]
    inside = [*hub[1], *own, *(x for _, s in places for x in s)]
    world = await make(inventory([hub[0], *(one for one, _ in places)], inside))
    world.fail("device/f1-sat-1")
    await world.go(120)
    assert await world.pages() == ["device/f1-sat-1"]
    world.fail_site("f0")
    await world.go(200)
    assert await world.pages() == ["device/f1-sat-1", "site/f0"]
    world.restore_site("f0", "f1")
    await world.go(600)
    world.fail_site(*(f"f{index}" for index in range(9)))
    await world.go(300)
    assert await world.open() == ["shared/region/africa"]


async def test_a_site_that_is_lost_takes_those_with_it_that_have_a_way_of_their_own(
    make: Make, number: Numbers
) -> None:
    place, inside = dish(number, "f0")
    own = [device(f"f0-own-{n}", "f0", number(), upstream=("device/earth",)) for n in range(6)]
    world = await make(
        inventory([site("hub", "earth"), place], [device("earth", "hub", number()), *inside, *own]),
    )
    world.fail("device/f0-own-3")
    await world.go(120)
    assert await world.pages() == ["device/f0-own-3"]
    world.restore("device/f0-own-3")
    await world.go(300)
    world.fail_site("f0")
    await world.go(200)
    assert await world.open() == ["site/f0"]
    assert (await world.pages())[1:] == ["site/f0"]
    world.restore_site("f0")
    world.fail("device/f0-own-5")
    await world.go(300)
    assert await world.open() == ["device/f0-own-5"]
    assert (await world.pages())[2:] == ["device/f0-own-5"]


async def test_a_whole_carrier_is_one_page(make: Make, number: Numbers) -> None:
    places = [office(f"f{index}", number) for index in range(8)]
    hub, inside = office("hub", number)
    lines = [
        circuit(f"l{index}", f"f{index}", f"f{index}-rtr", "hub-rtr", provider="SES" if index < 5 else "other")
        for index in range(8)
    ]
    world = await make(
        inventory([hub, *(one for one, _ in places)], [*inside, *(x for _, s in places for x in s)], lines)
    )
    world.fail(*(f"circuit/l{index}" for index in range(5)), *names(world, *(f"f{index}" for index in range(5))))
    await world.go(300)
    assert await world.pages() == ["shared/provider/SES"]
    (one,) = [one for one in await world.incidents() if one.resolved_ms is None]
    assert one.cause == "provider"


async def test_a_beam_is_the_cause_of_the_sites_that_share_it(make: Make, number: Numbers) -> None:
    places = [office(f"f{index}", number, shares={"beam": "c3"} if index < 4 else {}) for index in range(9)]
    world = await make(inventory([one for one, _ in places], [x for _, some in places for x in some]))
    world.fail_site("f0", "f1", "f2")
    await world.go(300)
    assert await world.pages() == ["shared/beam/c3"]
    world.restore_site("f0", "f1", "f2")
    await world.go(300)
    assert await world.open() == []


async def test_a_power_cut_is_told_by_the_last_words_of_the_ups(make: Make, number: Numbers) -> None:
    place, inside = office("f0", number)
    others = [office(f"f{index}", number) for index in range(1, 4)]
    ups = device("f0-ups", "f0", number(), device_class="ups")
    devices = [*inside, ups, *(x for _, some in others for x in some)]
    world = await make(inventory([place, *(one for one, _ in others)], devices))
    world.raise_rule("ups-on-battery", "device/f0-ups")
    await world.go(1200)
    assert await world.pages() == ["device/f0-ups"]
    world.fail_site("f0")
    await world.go(300)
    assert await world.pages() == ["device/f0-ups", "site/f0"]
    assert await world.open() == ["site/f0"]
    one = (await world.incidents())[-1]
    assert one.cause == "power"
    assert "device/f0-ups" in {symptom.entity for symptom in await world.symptoms(one.id)}


async def test_the_own_uplink_of_the_poller_is_one_page(make: Make, number: Numbers) -> None:
    places = [office(f"f{index}", number) for index in range(6)]
    gate = device("gate", "home", number())
    world = await make(
        inventory([site("home", "gate"), *(one for one, _ in places)], [gate, *(x for _, s in places for x in s)]),
        uplink=["device/gate"],
    )
    world.fail(*(one.entity for one in world.inventory.devices.values()))
    await world.go(300)
    assert await world.pages() == ["poller/centre"]
    world.down.clear()
    await world.go(300)
    assert await world.open() == []


def peers_of_a_line() -> list[str]:
    return [
        f"peer/{end}/{kind}:192.0.2.{n}" for n, end in enumerate(("f0-rtr", "hub-1"), 1) for kind in ("bgp", "ospf")
    ]


async def test_a_cut_line_explains_the_neighbours_across_it_though_routers_tell_of_it_late(
    make: Make, number: Numbers
) -> None:
    lost = peers_of_a_line()
    world = await make(inventory(*star(number, 3)), rules=[DOWN, LINE, PEER], parts=lost, told_late_s=13)
    world.fail("circuit/f0-1", *lost)
    await world.go(180)
    assert await world.pages() == ["circuit/f0-1"]
    (one,) = await world.incidents()
    assert {symptom.entity for symptom in await world.symptoms(one.id)} == set(lost)


async def test_a_neighbour_that_is_lost_alone_is_told_when_its_lines_were_seen_since(
    make: Make, number: Numbers
) -> None:
    lost = peers_of_a_line()
    world = await make(inventory(*star(number, 3)), rules=[DOWN, LINE, PEER], parts=lost)
    world.fail(lost[0])
    began_s = world.clock.at_s
    await world.go(180)
    ((kind, entity, at_s),) = await world.notices()
    assert (kind, entity) == ("page", lost[0])
    assert at_s - began_s < 60 + 45, "a poll until it is seen, and then the wait at most"
    (opened,) = [one for one in await world.timeline(1) if one.kind == "opened"]
    assert opened.facts["evidence"] == "alone"


async def test_both_ends_of_an_adjacency_over_a_line_that_nobody_wrote_down_are_one_page(
    make: Make, number: Numbers
) -> None:
    places = [office(f"f{index}", number) for index in range(2)]
    ends = [f"peer/f{index}-rtr/bgp:192.0.2.{2 - index}" for index in range(2)]
    known = inventory([one for one, _ in places], [x for _, some in places for x in some])
    world = await make(known, rules=[DOWN, PEER], parts=ends)
    world.fail(*ends)
    await world.go(300)
    assert await world.pages() == [ends[0]]
    (one,) = await world.incidents()
    assert [symptom.entity for symptom in await world.symptoms(one.id)] == [ends[1]]
    world.restore(*ends)
    await world.go(180)
    assert await world.open() == []
    world.fail(ends[1])  # a router may tell only of its own end
    await world.go(180)
    assert await world.open() == [ends[1]]
    world.restore(ends[1])
    await world.go(1_200)
    world.fail_site("f1")
    world.fail(*ends)
    await world.go(300)
    assert await world.open() == ["site/f1"]


def neighbours(*kinds: str) -> list[str]:
    """Return the neighbours of two routers over a line that nobody wrote down, of some protocols."""
    return [f"peer/f{index}-rtr/{kind}:192.0.2.{2 - index}" for kind in kinds for index in range(2)]


async def test_two_protocols_over_a_line_that_nobody_wrote_down_are_one_page(make: Make, number: Numbers) -> None:
    places = [office(f"f{index}", number) for index in range(2)]
    lost, known = (
        neighbours("bgp", "ospf"),
        inventory([one for one, _ in places], [x for _, some in places for x in some]),
    )
    world = await make(known, rules=[DOWN, PEER], parts=lost)
    world.fail(*lost)
    await world.go(300)
    (page,) = await world.pages()
    assert page == "peer/f0-rtr/ospf:192.0.2.2"
    (one,) = await world.incidents()
    assert {symptom.entity for symptom in await world.symptoms(one.id)} == set(lost) - {page}
    world.restore(*lost)
    await world.go(180)
    assert await world.open() == []


async def test_a_protocol_that_is_lost_later_than_the_other_joins_it_and_alone_is_an_incident(
    make: Make, number: Numbers
) -> None:
    places = [office(f"f{index}", number) for index in range(2)]
    lost, known = (
        neighbours("bgp", "ospf"),
        inventory([one for one, _ in places], [x for _, some in places for x in some]),
    )
    world = await make(known, rules=[DOWN, PEER], parts=lost)
    world.fail(*lost[:2])
    await world.go(150)
    assert await world.open() == [lost[0]], "BGP alone"
    world.fail(*lost[2:])
    await world.go(150)
    assert await world.open() == [lost[2]], "and OSPF with it: one fault"
    assert [kind for kind, _, _ in await world.notices()] == ["page", "further"]
    world.restore(*lost)
    await world.go(1_500)
    world.fail(*lost[2:])
    await world.go(900)
    world.fail(*lost[:2])
    await world.go(150)
    assert await world.open() == [lost[2], lost[0]], "a quarter of an hour later it is another fault"


async def test_a_line_of_which_is_known_late_is_waited_for(make: Make, number: Numbers) -> None:
    known = inventory(*star(number, 4))
    lines = {name: one for name, one in known.circuits.items() if not name.endswith("-2")}
    world = await make(replace(known, circuits=lines))
    world.patience_s["circuit/f1-1"] = 6.0
    world.fail("circuit/f1-1", *names(world, "f1"))
    await world.go(300)
    assert await world.pages() == ["circuit/f1-1"]


async def test_a_region_is_the_cause_only_where_nothing_less_is(make: Make, number: Numbers) -> None:
    places = [office(f"f{index}", number, devices=1, shares={"beam": "c3"} if index < 6 else {}) for index in range(9)]
    world = await make(inventory([one for one, _ in places], [x for _, some in places for x in some]))
    world.fail_site(*(f"f{index}" for index in range(7)))
    await world.go(300)
    assert "shared/beam/c3" in await world.open()
    assert "shared/region/africa" not in await world.open()
    world.restore_site(*(f"f{index}" for index in range(7)))
    await world.go(300)
    world.fail_site(*(f"f{index}" for index in (0, 1, 6, 7, 8)))
    await world.go(300)
    assert await world.open() == ["shared/region/africa"]


async def test_a_threshold_on_a_device_that_is_down_is_a_symptom(make: Make, number: Numbers) -> None:
    place, inside = office("f0", number, devices=4)
    world = await make(inventory([place], inside))
    world.fail("device/f0-1")
    await world.go(90)
    world.raise_rule("path-loss", "device/f0-1")
    await world.go(5)
    assert await world.pages() == ["device/f0-1"]
    world.raise_rule("path-loss", "device/f0-1", "cleared")
    world.restore("device/f0-1")
    await world.go(120)
    assert await world.open() == []


async def test_what_flaps_is_one_incident_and_silent_until_calm(make: Make, number: Numbers) -> None:
    place, inside = office("f0", number, devices=4)
    world = await make(inventory([place], inside))
    for _ in range(10):
        world.fail("device/f0-1")
        await world.go(120)
        world.restore("device/f0-1")
        await world.go(120)
    (one,) = await world.incidents()
    assert (one.cause, one.resolved_ms) == ("flapping", None)
    assert len(await world.pages()) <= 4
    before = len(await world.notices())
    await world.go(3600)
    (one,) = await world.incidents()
    assert one.resolved_ms is not None
    assert len(await world.notices()) <= before + 1
    kinds = [entry.kind for entry in await world.timeline(1)]
    assert "flapping" in kinds
    assert "held" in kinds
