"""What becomes of readings and events of remote pollers: whose they may be, when they were, and where they go."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from noc.app.gathering import Plan
from noc.app.pollersettings import PollerGroup, PollersSettings
from noc.app.remotepollers import Heard
from noc.app.remotetaking import EVENTS_WAKE_MS, Doors, Taking
from noc.app.remoteway import WaysOut
from noc.availability.policy import ProbePolicy
from noc.bus.identity import Enrolled
from noc.clock import ManualClock
from noc.inventory.endpoints import AskedBy, Endpoint, TcpProbe
from noc.inventory.entities import Region, Site
from noc.inventory.inventory import Inventory
from noc.model.check import Check
from noc.model.event import Event
from noc.model.instants import to_ms
from noc.model.poller import RemotePoller
from noc.model.reading import Failure, FailureKind, Reading
from noc.model.replies import TcpReply
from noc.pipeline.status import Result, Statuses
from noc.wire.snmp import Community
from tests.things import device, watch

START = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
WATCHED = watch(
    interval=timedelta(seconds=10),
    stale_after=timedelta(seconds=30),
    credentials="c",
    poll_interval=timedelta(minutes=1),
)
ASKED: tuple[tuple[str, str, AskedBy | None], ...] = (
    ("web", "east", None),
    ("mine", "east", "centre"),
    ("away", "west", None),
)
INVENTORY = Inventory(
    regions={"r": Region(id="r", name="R")},
    sites={
        name: Site.model_validate({"id": name, "name": name, "region": "r", "class": "hub"})
        for name in ("east", "west")
    },
    devices={
        name: replace(device(name, watched=WATCHED), site=site)
        for name, site in (("a", "east"), ("b", "east"), ("c", "west"))
    },
    endpoints={
        name: Endpoint(name, name, site, None, "tcp", TcpProbe(host="192.0.2.9", port=1), WATCHED, (), (), asked_by)
        for name, site, asked_by in ASKED
    },
)
SETTINGS = PollersSettings(groups={"east": PollerGroup(scope=("site/east",), uplink=("device/a",))})
ENROLLED = Enrolled(poller="p", group="east", user="p", key=base64.b64encode(bytes(32)).decode(), at_ms=0, by="x")


@dataclass
class Desk:
    """Taking, and what it handed on."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    heard: Heard = field(default_factory=lambda: Heard(ENROLLED, RemotePoller("p", "east", "here")))
    live: list[tuple[str, datetime]] = field(default_factory=list)
    late: list[tuple[str, datetime]] = field(default_factory=list)
    events: list[tuple[Event, bool]] = field(default_factory=list)
    has_room: bool = True

    def __post_init__(self) -> None:
        self.statuses = Statuses()
        self.statuses.watch({one.entity: ProbePolicy(30_000, 10_000) for one in INVENTORY.devices.values()})
        self.ways = WaysOut({"east": frozenset({"device/a"})})
        doors = Doors(
            self._live, self._late, lambda entity, _, at_ms: self.statuses.is_late(entity, at_ms), self._event
        )
        self.plan = Plan(INVENTORY, {"c": Community("public")})
        self.taking = Taking(self.plan, SETTINGS, self.clock, doors, self.ways.withholds)

    def _live(self, check: Check, reading: Reading) -> None:
        self.live.append((check.key, reading.started_at))
        if check.liveness:
            ok = reading.failure is None
            self.statuses.take(Result(check.entity, to_ms(reading.started_at), ok, check.kind, "p"))

    def _late(self, check: Check, reading: Reading) -> None:
        self.late.append((check.key, reading.started_at))

    def _event(self, event: Event, kept: Callable[[], None], quiet: bool) -> bool:
        if self.has_room:
            self.events.append((event, quiet))
            kept()
        return self.has_room

    def read(self, name: str, kind: str = "icmp", ago_s: float = 0, *, ok: bool = True) -> bool:
        at = self.clock.now() - timedelta(seconds=ago_s)
        failure = None if ok else Failure(FailureKind.TIMEOUT, "no reply")
        return self.taking.reading(
            self.heard, f"device/{name}:{kind}", Reading(kind, "192.0.2.1", "p", at, 0.1, failure)
        )

    def ask(self, name: str, ago_s: float = 0) -> bool:
        at = self.clock.now() - timedelta(seconds=ago_s)
        reading = Reading("tcp", "192.0.2.9:1", "p", at, 0.1, reply=TcpReply(0.01))
        return self.taking.reading(self.heard, f"endpoint/{name}:tcp", reading)

    def event(self, name: str | None, ago_ms: int = 0) -> bool | None:
        at_ms = to_ms(self.clock.now()) - ago_ms
        event = Event("192.0.2.1", name, "trap", "x", "link", "major", at_ms, at_ms)
        return self.taking.event(self.heard, event, lambda: None)


def test_a_poller_speaks_of_what_is_its_groups_and_of_nothing_else() -> None:
    desk = Desk()
    assert desk.read("a")
    assert desk.read("b", "snmp")
    assert not desk.read("c")
    assert not desk.read("nothing")
    assert not desk.taking.reading(desk.heard, "a:b:icmp", Reading("icmp", "192.0.2.1", "p", START, 0.1))
    other = Reading("snmp", "192.0.2.1", "p", START, 0.1)
    assert not desk.taking.reading(desk.heard, "device/a:icmp", other)
    assert [key for key, _ in desk.live] == ["device/a:icmp", "device/b:snmp"]
    assert (desk.taking.tally.readings, desk.taking.tally.refused) == (2, 4)


def test_an_end_point_of_its_sites_is_taken_and_another_is_not() -> None:
    desk = Desk()
    assert desk.ask("web")
    assert not desk.ask("mine")
    assert not desk.ask("away")
    assert desk.live == [("endpoint/web:tcp", START)]
    assert desk.ask("web", ago_s=61)
    assert desk.late == [("endpoint/web:tcp", START - timedelta(seconds=61))]


def test_what_was_read_before_a_reload_took_it_away_is_taken_and_nothing_after_it() -> None:
    desk = Desk()
    desk.taking.replace(desk.plan, PollersSettings(groups={"east": PollerGroup(scope=("device/a",))}))
    assert desk.read("b", ago_s=1)
    assert desk.ask("web", ago_s=1)
    assert not desk.read("b", ago_s=-1)
    assert not desk.ask("web", ago_s=-1)
    assert not desk.read("c", ago_s=1)


def test_what_is_older_than_what_is_known_is_late() -> None:
    desk = Desk()
    assert desk.read("a", ago_s=5)
    assert desk.read("a", ago_s=15)
    assert desk.read("a", ago_s=5)
    assert desk.read("b", "snmp", ago_s=5)
    assert desk.read("b", "snmp", ago_s=65)
    assert [key for key, _ in desk.live] == ["device/a:icmp", "device/b:snmp"]
    assert [key for key, _ in desk.late] == ["device/a:icmp", "device/a:icmp", "device/b:snmp"]


def test_what_is_too_old_to_be_told_of_is_late_though_nothing_newer_is_known() -> None:
    desk = Desk()
    assert desk.read("a", ago_s=61)
    assert desk.read("b", "snmp", ago_s=179)
    assert desk.read("a", "snmp", ago_s=181)
    assert [key for key, _ in desk.late] == ["device/a:icmp", "device/a:snmp"]


def test_times_are_corrected_beyond_the_bound_and_it_is_said() -> None:
    desk = Desk()
    desk.heard.row = replace(desk.heard.row, offset_us=1_500_000)
    assert desk.read("a", ago_s=-1.5)
    assert desk.taking.note(desk.heard) == ""
    desk.heard.row = replace(desk.heard.row, offset_us=-3_600_000_000)
    assert desk.read("b", ago_s=3_600)
    assert desk.live[-1] == ("device/b:icmp", START)
    assert desk.taking.note(desk.heard) == "clock -3600.0 s, corrected"


def test_nothing_comes_from_the_future() -> None:
    desk = Desk()
    assert not desk.read("a", ago_s=-3)
    assert desk.event("device/a", ago_ms=-3_000) is False
    assert desk.taking.tally.refused == 2


def test_events_of_its_own_devices_are_kept_and_old_ones_wake_nobody() -> None:
    desk = Desk()
    assert desk.event("device/a") is True
    assert desk.event("device/a", ago_ms=EVENTS_WAKE_MS + 1) is True
    assert desk.event("device/c") is False
    assert desk.event(None) is False
    assert [quiet for _, quiet in desk.events] == [False, True]
    desk.has_room = False
    assert desk.event("device/a") is None
    assert desk.taking.tally.events == 2


async def test_failures_say_nothing_while_the_way_out_is_lost_and_nobody_answers() -> None:
    desk = Desk()
    for name in ("a", "b"):
        desk.read(name)
    await desk.clock.advance(10)
    for name in ("a", "b"):
        assert desk.read(name, ok=False)
    assert len(desk.live) == 2
    assert desk.ways.lost_ms(desk.heard) == to_ms(desk.clock.now())
    await desk.clock.advance(10)
    desk.read("b")
    desk.read("a", ok=False)
    assert desk.ways.lost_ms(desk.heard) is None
    assert [key for key, _ in desk.live[2:]] == ["device/b:icmp", "device/a:icmp"]
    assert desk.ways.withheld == 2
