"""Who of those that share something fails by itself is asked as far as it matters: beside a twin that asks of all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.correlation import Limits
from alerts.picture import Known, Present
from alerts.rootcause import Condition, Picture
from alerts.sharing import Sharing
from alerts.sight import Seen
from noc.inventory.entities import Circuit, Device, Site
from noc.inventory.inventory import Inventory
from noc.model.snapshot import Snapshot
from noc.model.transition import Status
from noc.topology import REGION, Shared, Topology, Vantage
from tests.flows.world import circuit, device, inventory, site

NOW_MS = 1_790_000_000_000
TOGETHER_MS = 300_000


class Plain(Sharing):
    """Asks of each that shares something whether it fails, whatever is wanted."""

    def _count(self, shared: Shared, since_ms: int) -> int:
        return sum(1 for at_ms in self._times(shared) if abs(at_ms - since_ms) <= self._limits.together_ms)

    def _most(self, shares: Iterable[Shared], since_ms: int) -> Shared | None:
        best: tuple[int, Shared] | None = None
        for shared in shares:
            near = self._count(shared, since_ms)
            is_enough = near >= self._wanted(shared) or (self._is_open(shared, since_ms) and near > 0)
            if is_enough and (best is None or near > best[0]):
                best = near, shared
        return None if best is None else best[1]

    def begins_beside(self, entity: str, site: str, since_ms: int) -> str:
        ways_in = (*self._topology.edges(site), *self._topology.ways_in(site))
        of_site = entity.startswith("circuit/") or entity in ways_in
        for shared in self._all_shares(entity, site if of_site else None):
            others, at_least = self._all_beginning(shared), self._limits.at_least
            if shared[0] == REGION and len(others) + self._count(shared, since_ms) < at_least:
                continue
            for one in others:
                if one != entity:
                    return one
        return ""

    def left(self, shared: Shared) -> tuple[int, int]:
        return len(self._times(shared)), len(self._topology.members(shared))

    def _times(self, shared: Shared) -> list[int]:
        failing = [one for one in self._topology.members(shared) if self._is_failing(one)]
        if shared[0] == REGION:
            failing = [one for one in failing if not self._has_nearer_cause(one, self._fails_ms(one))]
        return [self._fails_ms(one) for one in failing]

    def _joins(self, region: Shared, site: str, since_ms: int) -> bool:
        if not self._is_open(region, since_ms) or not self._is_failing(site):
            return False
        fails_ms = self._fails_ms(site)
        return abs(fails_ms - since_ms) <= self._limits.together_ms and not self._has_nearer_cause(site, fails_ms)

    def _is_failing(self, member: str) -> bool:
        if member.startswith("site/"):
            above = [one for edge in self._topology.edges(member) for one in self._farthest(edge)]
            own = self._topology.ways_in(member)
            return self._now.is_broken(member) and all(one.startswith("circuit/") or one in own for one in above)
        if member.startswith("circuit/"):
            of = self._topology.site_of(member)
            lost = of is not None and self._now.is_broken(of)
            lost = lost and of is not None and self._now.way(member, self._now.since(of)) != "fine"
            broken = self._now.is_down(member) or lost
            return broken and not any(self._now.are_broken(group) for group in self._topology.parents(member))
        return self._now.is_broken(member) and not self._farthest(member)


@dataclass(frozen=True)
class Eyes:
    """Sees what is written. statuses: and since when; who isn't named is up. seen: the last results."""

    statuses: Mapping[str, tuple[Status, int]]
    last: Mapping[str, Seen]

    def status(self, entity: str) -> Status:
        return self.statuses[entity][0] if entity in self.statuses else "up"

    def since(self, entity: str) -> int | None:
        return self.statuses[entity][1] if entity in self.statuses else None

    def seen(self, entity: str) -> Seen | None:
        return self.last.get(entity)

    def snapshot(self, entity: str) -> Snapshot | None:
        del entity
        return None

    def reprobe(self, entities: Collection[str]) -> None:
        del entities


def network(field_sites: int, behind: list[int], shares: list[int]) -> Inventory:
    """Return a hub and sites with a device or two, whose lines end at the hub or at another site, by one provider or
    another, some over one beam.
    """
    numbers = iter(range(1, 10_000))
    sites: list[Site] = [site("hub", "hub-1")]
    devices: list[Device] = [device("hub-1", "hub", next(numbers))]
    lines: list[Circuit] = []
    for at in range(field_sites):
        name, chosen = f"f{at}", shares[at]
        end = "hub-1" if behind[at] >= at else f"f{behind[at]}-0"
        beam: dict[str, object] = {"shares": {"beam": "b1"}} if chosen & 4 else {}
        sites.append(site(name, f"{name}-0", **(beam if chosen & 8 else {})))
        devices += [device(f"{name}-{one}", name, next(numbers)) for one in range(1 + chosen % 2)]
        provider = {"provider": ("SES", "MTN")[chosen >> 1 & 1]}
        lines += [circuit(f"{name}-l{one}", name, f"{name}-0", end, **provider, **beam) for one in range(1 + at % 2)]
    return inventory(sites, devices, lines)


STATUSES: st.SearchStrategy[Status] = st.sampled_from(("up", "down", "down", "down", "unknown"))
MOMENTS = st.integers(0, 2 * TOGETHER_MS).map(lambda ago_ms: NOW_MS - ago_ms)


@st.composite
def pictures(draw: st.DrawFn) -> tuple[Topology, Eyes, Known, Limits]:
    count = draw(st.integers(3, 9))
    behind = draw(st.lists(st.integers(0, 20), min_size=count, max_size=count))
    shares = draw(st.lists(st.integers(0, 15), min_size=count, max_size=count))
    known = network(count, behind, shares)
    names = [f"device/{one}" for one in known.devices] + [f"circuit/{one}" for one in known.circuits]
    how = {one: draw(STATUSES) for one in names}
    statuses = {one: (word, draw(MOMENTS)) for one, word in how.items() if word != "up"}
    seen = {one: Seen(draw(MOMENTS), draw(st.booleans())) for one in names if draw(st.booleans())}
    told = {one: draw(MOMENTS) for one in names if draw(st.integers(0, 9)) == 0}
    shared = ("shared/region/africa", "shared/provider/SES", "shared/beam/b1", "site/f1", "site/hub")
    opened = {one: draw(MOMENTS) for one in shared if draw(st.integers(0, 3)) == 0}
    limits = Limits(at_least=draw(st.integers(2, 4)), share=draw(st.sampled_from([0.2, 0.5, 1.0])))
    eyes = Eyes(statuses, seen)
    uplink = draw(st.sampled_from([(), (), ("device/hub-1",)]))
    return Topology(known, Vantage("centre", uplink)), eyes, Known(told, opened), limits


@settings(max_examples=200, deadline=None)
@given(pictures())
def test_all_are_judged_as_by_a_twin_that_asks_of_each(
    drawn: tuple[Topology, Eyes, Known, Limits],
) -> None:
    topology, eyes, known, limits = drawn

    def picture(kind: type[Sharing]) -> Picture:
        made = Picture(Present(topology, eyes, known, NOW_MS), lambda _: True, limits)
        made._sharing = kind(made._now, limits, made._farthest)
        return made

    quick, plain = picture(Sharing), picture(Plain)
    for entity, (word, since_ms) in eyes.statuses.items():
        if word == "down":
            condition = Condition(entity, "down", "status", since_ms, since_ms)
            assert quick.judge(condition) == plain.judge(condition)
    for name in ("region/africa", "provider/SES", "provider/MTN", "beam/b1"):
        root = f"shared/{name}"
        assert quick.is_over(root, 5, 8) == plain.is_over(root, 5, 8)
        attribute, _, value = name.partition("/")
        assert quick._sharing.left((attribute, value)) == plain._sharing.left((attribute, value))
