from __future__ import annotations

import pytest

from noc.model.errors import UsageError
from noc.simulator.scene import Scene
from noc.simulator.world import PEERS, World
from noc.wire.ber import Tag, encode_varbind
from tests.unit.noc.simulator.simulated import DAY_MS, NOW_MS, scene, story, world

END_MS = NOW_MS + 3 * 3_600_000


def quiet(of: Scene) -> set[str]:
    return {of.world.devices[number].id for number, one in enumerate(of.silent) if one}


def field_site(of: World) -> str:
    return next(place.id for place in of.places if place.site_class == "field")


def state(of: Scene, now_ms: int) -> list[object]:
    """Return all that shows of a scene."""
    moments = [of.moment(number, now_ms) for number in range(len(of.machines))]
    return [
        bytes(of.silent),
        *((one.boot_ms, one.condition, {k: v for k, v in one.lost_ms.items() if v}) for one in moments),
    ]


def test_in_a_quiet_world_all_answer() -> None:
    assert quiet(scene()) == set()


def test_time_may_go_on_in_steps_or_at_once() -> None:
    steps = Scene(story(), NOW_MS)
    for time in range(NOW_MS, END_MS + 1, 7_000):
        steps.advance(time)
    steps.advance(END_MS)
    assert state(steps, END_MS) == state(Scene(story(), END_MS), END_MS)


def test_what_fails_by_hand_is_silent_until_it_is_restored() -> None:
    of = scene()
    site = field_site(of.world)
    of.fail(f"site/{site}", NOW_MS)
    assert quiet(of) == {device.id for device in of.world.at[site]}
    of.restore(f"device/{site}-sat-1", NOW_MS)
    assert f"{site}-sat-1" not in quiet(of)
    assert f"{site}-rtr-1" in quiet(of)
    of.restore(f"site/{site}", NOW_MS)
    assert quiet(of) == set()


def test_who_hangs_on_what_fails_is_silent_too() -> None:
    of = scene()
    site = field_site(of.world)
    of.fail(f"device/{site}-sat-1", NOW_MS)
    assert f"{site}-rtr-1" in quiet(of)
    assert {of.world.device[name].site for name in quiet(of)} == {site}
    of.restore(f"device/{site}-sat-1", NOW_MS)
    of.fail(f"circuit/{site}-sat", NOW_MS)
    assert f"{site}-sat-1" not in quiet(of)
    assert f"{site}-rtr-1" in quiet(of)
    of.restore(f"circuit/{site}-sat", NOW_MS)
    assert quiet(of) == set()


def test_a_whole_region_can_fail() -> None:
    of = scene()
    of.fail("region/americas", NOW_MS)
    assert quiet(of) == {device.id for device in of.world.members("region/americas")}


def test_an_interface_goes_down_and_its_counters_stand() -> None:
    of, router = scene(), world().device["brindisi-rtr-1"].number
    entity = "interface/brindisi-rtr-1/GigabitEthernet0/0/1"
    of.fail(entity, NOW_MS)
    later = of.moment(router, NOW_MS + 5000)
    assert later.condition.down == {2}
    assert later.lost_ms == {2: 5000}
    assert later.counted(1000, 1, 2) == of.moment(router, NOW_MS).counted(1000, 1, 2)
    of.restore(entity, NOW_MS + 6000)
    after = of.moment(router, NOW_MS + 8000)
    assert after.condition.down == set()
    assert after.lost_ms == {2: 6000}
    of.restore(entity, NOW_MS + 9000)
    assert of.moment(router, NOW_MS + 9000).lost_ms == {2: 6000}


def test_metrics_are_held_until_they_are_let_go() -> None:
    of = scene()
    of.set("site/brindisi", "cpu_pct", 99.0)
    router, other = world().device["brindisi-rtr-1"].number, world().device["valencia-rtr-1"].number
    assert of.moment(router, NOW_MS).metric("cpu_pct", 10.0) == 99.0
    assert of.moment(other, NOW_MS).metric("cpu_pct", 10.0) == 10.0
    of.set("device/brindisi-rtr-1", "cpu_pct", None)
    assert of.moment(router, NOW_MS).metric("cpu_pct", 10.0) == 10.0


def test_the_story_reaches_devices_and_can_be_ended_by_hand() -> None:
    told, of = story(), Scene(story(), NOW_MS)
    fault = next(one for one in told.between(NOW_MS, NOW_MS + 10**6) if one.scenario == "power-cut")
    on_battery = [hit for hit in told.hits(fault) if hit.what == "battery"]
    dark = [hit for hit in told.hits(fault) if hit.what == "dark"]
    of.advance(on_battery[0].start_ms + 1000)
    early = on_battery[0].start_ms + 1000
    assert of.moment(on_battery[0].device, early).condition.on_battery_ms == on_battery[0].start_ms
    in_the_dark = dark[0].start_ms + 1
    of.advance(in_the_dark)
    assert {of.world.devices[hit.device].id for hit in dark} <= quiet(of)
    assert fault in of.faults()
    of.restore(fault.target, in_the_dark)
    assert not {of.world.devices[hit.device].id for hit in dark} & quiet(of)
    assert fault not in of.faults()
    assert of.moment(dark[0].device, in_the_dark).ticks == 0
    of.advance(dark[0].end_ms - 1)
    assert not {of.world.devices[hit.device].id for hit in dark} & quiet(of)


def test_a_device_that_was_dark_starts_anew() -> None:
    told = story()
    fault = next(one for one in told.between(NOW_MS, NOW_MS + 10**6) if one.scenario == "device-replaced")
    (hit,) = told.hits(fault)
    of = Scene(told, NOW_MS)
    before = of.moment(hit.device, NOW_MS)
    assert before.ticks > 0
    octets = before.counted(10**6, 1, 1)
    of.advance(hit.end_ms + 10_000)
    after = of.moment(hit.device, hit.end_ms + 10_000)
    assert after.ticks == 1000
    assert after.counted(10**6, 1, 1) < octets


def test_what_happened_last_week_shows_in_the_uptime() -> None:
    told = story()
    dark = {
        hit.device: hit.end_ms
        for fault in sorted(told.between(NOW_MS - 29 * DAY_MS, NOW_MS), key=lambda fault: fault.end_ms)
        for hit in told.hits(fault)
        if hit.what == "dark"
    }
    assert dark
    of = Scene(told, NOW_MS)
    for number, end_ms in dark.items():
        assert of.moment(number, NOW_MS).boot_ms == end_ms


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (("fail", "site/brindissi"), r"no 'site/brindissi' in this world \(did you mean 'site/brindisi'\?\)"),
        (("fail", "circuit/brindisi-x"), "no 'circuit/brindisi-x'"),
        (("fail", "interface/brindisi-rtr-1/Gi9"), "has no interface 'Gi9'; it has: GigabitEthernet0/0/0"),
        (("fail", "interface/brindisi-rtr-1"), "has no interface ''"),
        (("restore", "planet/earth"), "no 'planet/earth'"),
        (("set", "device/brindisi-rtr-1", "cpu", 1.0), r"no metric 'cpu'.*there are: es_n0_db"),
        (("set", "device/x", "cpu_pct", 1.0), "no 'device/x'"),
    ],
)
def test_a_wrong_order_changes_nothing_and_says_what_is_wrong(order: tuple[str, ...], message: str) -> None:
    of = scene()
    what, *words = order
    with pytest.raises(UsageError, match=message):
        getattr(of, what)(*words, *([] if what == "set" else [NOW_MS]))
    assert quiet(of) == set()


def established(of: Scene, router: str, peer: str) -> bool:
    device = of.world.device[router]
    oid = (1, 3, 6, 1, 2, 1, 15, 3, 1, 2, *map(int, peer.split(".")))
    view = of.views[device.number]
    return view.varbind(view.position[oid], of.moment(device.number, NOW_MS)) == encode_varbind(oid, Tag.INTEGER, 6)


def test_a_session_of_bgp_drops_where_the_line_of_its_other_end_is_cut() -> None:
    of = scene()
    hub = of.world.device["brindisi-rtr-1"]
    peer = of.world.peers[hub.number][0]
    assert len(of.world.peers[hub.number]) <= PEERS
    assert established(of, hub.id, str(peer.address))
    of.fail(f"site/{peer.site}", NOW_MS)
    assert not established(of, hub.id, str(peer.address))
    of.restore(f"site/{peer.site}", NOW_MS)
    assert established(of, hub.id, str(peer.address))


def test_a_session_of_bgp_drops_with_the_line_of_its_router() -> None:
    of = scene()
    assert established(of, "valencia-rtr-1", "10.255.0.1")
    of.fail("interface/valencia-rtr-1/GigabitEthernet0/0/0", NOW_MS)
    assert not established(of, "valencia-rtr-1", "10.255.0.1")
