"""Root cause: whether a failure is one of its own, a symptom of another, or not to be told yet; and why. Pure.

What is certain is asked first: of what an entity hangs on, is all of some group broken? Then it is a symptom of what
broke that. Is each group seen to work since? Then it is a root. Otherwise it waits, for a bounded time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

from alerts.correlation import Limits
from alerts.picture import Present, Way
from alerts.sharing import Sharing
from alerts.sight import BLIND
from noc.inventory.entities import Device
from noc.model.incident import Facts
from noc.model.part import PEERS, owner_of, part_name
from noc.topology import PROVIDER, Group

Cause = Literal["", "site", "power", "provider", "beam", "shared", "data-centre", "poller", "flapping"]
"""What kind of root an incident's entity is; empty for an entity that fails by itself."""

ALONE: Final = "alone"
"""Nothing that it hangs on is broken."""
IN_VAIN: Final = "in vain"
"""It was waited for what it hangs on, and nobody could tell."""
START_MS: Final = 10_000
"""After a start polling takes so long at most to know again what it knew."""
TOLD_LATE_MS: Final = 15_000
"""So old may be what an agent tells of its interfaces (net-snmp's ifTable); of lost neighbours it tells at once."""
BEHIND: Final = "behind"
"""What it hangs on is broken."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule holds for an entity. since_ms: since when; certain_ms: when that was certain, its own waiting included.

    Both count as in `Present`.
    """

    entity: str
    rule: str
    origin: str
    since_ms: int
    certain_ms: int


@dataclass(frozen=True, slots=True)
class Root:
    """It is an incident of its own. why: alone or in vain, and the evidence."""

    why: Facts


@dataclass(frozen=True, slots=True)
class Because:
    """It is a symptom. root: the entity of the incident that explains it, which may not be open yet. why: evidence."""

    root: str
    cause: Cause
    why: Facts


@dataclass(frozen=True, slots=True)
class Undecided:
    """It is too early to say. until_ms: by then it is decided, whatever is known. why: what it waits for."""

    until_ms: int
    why: Facts


Verdict = Root | Because | Undecided


class Picture:
    """Judges by what is known at one moment; answers are remembered, so make a new one for the next moment.

    tells: whether a rule asks for an entity being down, so that there is an incident of it. patient_ms: nothing is
    decided in vain before this moment: noc has just begun to look.
    """

    def __init__(self, present: Present, tells: Callable[[str], bool], limits: Limits, patient_ms: int = 0) -> None:
        self._now = present
        self._topology = present.topology
        self._known = present.known
        self._tells = tells
        self._limits = limits
        self._patient_ms = patient_ms
        self._roots: dict[str, tuple[str, ...]] = {}
        self._named: dict[str, str] = {}
        self._sharing = Sharing(present, limits, self._farthest)
        self._silent: dict[str, bool] = {}
        self._asking: set[str] = set()
        self._beside: set[str] = set()
        self._rings = 0

    def judge(self, condition: Condition) -> Verdict:
        """Return what a condition is."""
        if condition.origin == "rule" and not condition.entity.startswith("service/"):
            return self._of_rule(condition)
        entity, since_ms = condition.entity, condition.since_ms
        above = self._explained_by(entity, since_ms)
        if above is not None:
            return self._as_the_root(above, condition)
        waits_for = self._waits_above(entity, since_ms)
        if waits_for and self._in_time(condition):
            return self._patiently(condition, waits_for)
        named = self._name(entity, since_ms)
        if named != entity and (named in self._known.open or not named.startswith("site/")):
            return self._because(named)
        waits_for = self._waits_beside(entity, since_ms) or waits_for
        if waits_for and (named == entity or self._in_time(condition)):
            return self._patiently(condition, waits_for)
        return Root({"why": ALONE}) if named == entity else self._because(named)

    def since(self, entity: str) -> int:
        """Return since when an entity is broken; now, where that isn't known."""
        return self._now.since(entity)

    def is_over(self, root: str, left: int, members: int) -> bool:
        """Return whether what several share works again. left: of so many members at first, those that still fail."""
        if left == 0:
            return True
        uplink, edges = self._topology.vantage.uplink, self._topology.edges(root)
        if root == self._topology.vantage.entity and uplink:
            return not self._now.are_broken(uplink)
        if edges and self._now.are_broken(edges):
            return False
        if edges and not self._lacks_power(root):
            return True
        kind, _, name = root.partition("/")
        attribute, _, value = name.partition("/")
        if kind == "shared" and self._topology.members((attribute, value)):
            left, members = self._sharing.left((attribute, value))
        return left < self._limits.at_least and left <= members * self._limits.share

    def cause_of(self, root: str) -> Cause:
        """Return what kind of root an entity is."""
        kind, _, name = root.partition("/")
        if kind == "poller":
            return "poller"
        if kind == "shared":
            attribute = name.partition("/")[0]
            return "provider" if attribute == PROVIDER else "beam" if attribute == "beam" else "shared"
        if kind != "site":
            return ""
        if self._has_lost_power(root):
            return "power"
        return "data-centre" if self._topology.is_data_centre(root) else "site"

    def _of_rule(self, condition: Condition) -> Verdict:
        subject = owner_of(condition.entity) or condition.entity
        site = self._topology.site_of(subject)
        is_last_word = condition.rule in self._limits.power_rules and self._is_ups(subject)
        if site is not None and is_last_word and site in self._known.open and self._has_lost_power(site):
            return self._because(site)
        if subject.partition("/")[0] in ("site", "poller", "shared"):
            return Root({"why": ALONE})
        if self._now.is_broken(subject):
            if condition.since_ms >= self._now.since(subject) - self._limits.together_ms:
                root = self._root_of(subject, condition.since_ms) or subject
                if self._tells(root) or root in self._known.open or root in self._known.down:
                    return self._because(root)
        elif self._now.is_failing(subject):
            return self._patiently(condition, subject)
        return Root({"why": ALONE})

    def _because(self, root: str) -> Because:
        since_ms = self._known.open.get(root) or self._now.since(root)
        facts: Facts = {"why": BEHIND, "root": root, "root_since_ms": self._now.steps.there(since_ms)}
        return Because(root, self.cause_of(root), facts)

    def _patiently(self, condition: Condition, waits_for: str) -> Verdict:
        if self._in_time(condition):
            return Undecided(self._until_ms(condition), {"why": "waits", "for": waits_for})
        return Root({"why": IN_VAIN, "for": waits_for})

    def _until_ms(self, condition: Condition) -> int:
        return max(condition.certain_ms, self._patient_ms) + self._limits.wait_ms

    def _in_time(self, condition: Condition) -> bool:
        return self._now.now_ms < self._until_ms(condition)

    def _root_of(self, entity: str, since_ms: int) -> str | None:
        """Return the entity of the incident that explains a failure; None where that is its own."""
        above = self._explained_by(entity, since_ms)
        named = self._name(entity, since_ms) if above is None else self._name(above)
        return None if named == entity else named

    def _as_the_root(self, root: str, condition: Condition) -> Verdict:
        """Return what a symptom of a root is: as long as it isn't certain what the root is, that waits as well."""
        named = self._name(root)
        if named == root or named in self._known.open or not self._in_time(condition):
            return self._because(named)
        of_root = self.judge(replace(condition, entity=root, since_ms=self._now.since(root)))
        return self._because(named) if isinstance(of_root, Root) else of_root

    def _explained_by(self, entity: str, since_ms: int) -> str | None:
        """Return the root of what it hangs on, if that is broken."""
        found = [root for root in self._above(entity, since_ms) if self._name(root) != entity]
        # Of several ways that broke one after the other, the last one made the difference.
        return max(found, key=lambda root: (self._now.since(root), root), default=None)

    def _above(self, entity: str, since_ms: int) -> tuple[str, ...]:
        """Return the farthest broken entities that a broken one hangs on, of which people are told."""
        found: dict[str, None] = {}
        for group in self._topology.parents(entity):
            if self._now.are_broken(group) and self._explains(entity, group, since_ms):
                for one in group:
                    if one in self._asking:  # a ring
                        self._rings += 1
                        continue
                    farther = self._farthest(one)
                    found.update(dict.fromkeys(farther or ((one,) if self._is_told(one) else ())))
        return tuple(found)

    def _farthest(self, entity: str) -> tuple[str, ...]:
        known = self._roots.get(entity)
        if known is None:
            rings = self._rings
            self._asking.add(entity)
            known = self._above(entity, self._now.since(entity))
            self._asking.discard(entity)
            if rings == self._rings or not self._asking:  # else it is only a part of the answer
                self._roots[entity] = known
        return known

    def _explains(self, entity: str, group: Group, since_ms: int) -> bool:
        """Return whether the last of a group failed no later than what hangs on it, but for what rhythms differ by.

        A neighbour of another protocol explains only what is lost with it: what was lost long before does not.
        """
        after_ms = max(self._now.since(one) for one in group) - since_ms
        of_others = _is_peer(entity) and _is_peer(group[0])
        return after_ms <= self._limits.together_ms and not (of_others and after_ms < -self._limits.together_ms)

    def _is_told(self, entity: str) -> bool:
        return not entity.startswith("site/") and self._now.is_down(entity) and self._tells(entity)

    def _name(self, root: str, since_ms: int | None = None) -> str:
        """Return what an incident of a root is about: it may be one of several that share what failed."""
        known = self._named.get(root)
        if known is None:
            at_ms = self._now.since(root) if since_ms is None else since_ms
            known = self._named[root] = self._several(root, at_ms)
        return known

    def _several(self, root: str, since_ms: int) -> str:
        uplink = self._topology.vantage.uplink
        if root in uplink and self._now.are_broken(uplink):
            return self._topology.vantage.entity
        site = self._site(root, since_ms)
        name = site or root
        if self._has_lost_power(name):
            return name
        shared = self._sharing.cause(root, site or self._lost_by(root, since_ms), since_ms)
        return name if shared is None else f"shared/{shared[0]}/{shared[1]}"

    def _site(self, root: str, since_ms: int) -> str | None:
        """Return the site that was lost with a root: by all its edge devices, or by several circuits at once."""
        site = self._topology.site_of(root)
        if site is None:
            return None
        name = site.removeprefix("site/")
        if root.startswith("circuit/"):
            if self._is_near(self._known.open.get(site), since_ms):
                return site
            lines = [one.entity for one in self._topology.inventory.circuits_of(name)]
            together = all(self._now.is_broken(one) and self._is_near(self._now.since(one), since_ms) for one in lines)
            return site if len(lines) > 1 and together and self._now.is_broken(site) else None
        if not root.startswith("device/"):
            return None
        if self._lacks_power(site):
            return site
        if not self._lost(site) or len(self._topology.inventory.devices_of(name)) == 1:
            return None
        is_way_in = root in self._topology.edges(site) or root in self._topology.gates(site)
        return site if is_way_in or self._is_lost_beside(root, site, since_ms) else None

    def _lost_by(self, root: str, since_ms: int) -> str | None:
        """Return the site that was lost by its one way in: what it shares with others may have taken that."""
        site = self._topology.site_of(root)
        if site is None or root not in self._topology.ways_in(site) or not self._lost(site):
            return None
        return site if self._is_near(self._now.since(site), since_ms) else None

    def _is_lost_beside(self, root: str, site: str, since_ms: int) -> bool:
        """Return whether a device with a way of its own fell silent when its site was lost: not by that way, then.

        Not where the site was lost by a thing that has an incident of its own, such as its one modem.
        """
        edges = self._topology.edges(site)
        if root in self._beside or not self._is_near(self._now.since(site), since_ms):
            return False
        self._beside.add(root)  # while it is asked: what the edge hangs on may lead back here
        found = {self._root_of(edge, self._now.since(edge)) or "" for edge in edges}
        self._beside.discard(root)
        return all(one == site or one.startswith("shared/") for one in found)

    def _lost(self, site: str) -> bool:
        return self._now.is_broken(site)

    def _has_lost_power(self, site: str) -> bool:
        """Return whether a site fell silent after its UPS told that the mains failed."""
        told_ms = self._known.power.get(site)
        if told_ms is None:
            return False
        gone_ms = self._now.since(site) - told_ms
        return (self._lost(site) and gone_ms <= self._limits.power_ms) or self._lacks_power(site)

    def _lacks_power(self, site: str) -> bool:
        """Return whether many devices of a site fell silent after its UPS told so, though the site is reached."""
        told_ms = self._known.power.get(site)
        if told_ms is None:
            return False
        known = self._silent.get(site)
        if known is None:
            devices = self._topology.inventory.devices_of(site.removeprefix("site/"))
            broken = [device.entity for device in devices if self._now.is_broken(device.entity)]
            ago_ms = [self._now.since(one) - told_ms for one in broken]
            silent = sum(1 for one_ms in ago_ms if -self._limits.together_ms <= one_ms <= self._limits.power_ms)
            known = self._silent[site] = silent >= self._limits.at_least
        return known

    def _waits_above(self, entity: str, since_ms: int) -> str:
        """Return what has to be seen of what an entity hangs on; empty where all is seen."""
        for group in self._topology.parents(entity):
            ways = {one: self._way(one, self._seen_by_ms(entity, one, since_ms)) for one in group}
            if "unsure" in ways.values() and set(ways.values()) <= {"broken", "unsure"}:
                return next(one for one, way in ways.items() if way == "unsure")
        return ""

    def _seen_by_ms(self, entity: str, above: str, since_ms: int) -> int:
        """Return after when a way has to be seen well for an entity to fail by itself.

        A line is told of by the routers at its ends, and these say sooner that a neighbour is gone than that a port is.
        """
        part = part_name(entity)
        is_late = part is not None and part.kind in PEERS and above.startswith("circuit/")
        return since_ms + TOLD_LATE_MS if is_late else since_ms

    def _waits_beside(self, entity: str, since_ms: int) -> str:
        """Return what has to be seen beside an entity before it is known to fail alone; empty where all is seen."""
        site = self._topology.site_of(entity)
        if site is None or owner_of(entity) is not None:
            return ""
        if entity.startswith("circuit/"):
            lines = self._topology.inventory.circuits_of(site.removeprefix("site/"))
            of_site = self._now.way(site, since_ms) if len(lines) > 1 else "fine"
            if of_site == "unsure":
                return site
            unsure = [one.entity for one in lines if of_site == "broken" and self._is_unsure(one.entity, since_ms)]
            if unsure:
                return unsure[0]
        edges, gates = self._topology.edges(site), self._topology.gates(site)
        for group in (gates, edges) if entity in gates else (edges,) if entity.startswith("device/") else ():
            ways = {one: self._now.way(one, since_ms) for one in group if one != entity}
            if "fine" in ways.values():
                break
            if "unsure" in ways.values():
                return next(one for one, way in ways.items() if way == "unsure")
        return self._sharing.begins_beside(entity, site, since_ms)

    def _is_unsure(self, entity: str, since_ms: int) -> bool:
        return self._way(entity, since_ms) == "unsure"

    def _way(self, entity: str, since_ms: int) -> Way:
        """Return what is known of a way; what is not seen just after the start will soon be."""
        way = self._now.way(entity, since_ms)
        will_be_seen = self._now.sight is not BLIND and self._now.now_ms < self._patient_ms + START_MS
        return "unsure" if way == "unseen" and will_be_seen else way

    def _is_near(self, one_ms: int | None, other_ms: int) -> bool:
        return one_ms is not None and abs(one_ms - other_ms) <= self._limits.together_ms

    def _is_ups(self, entity: str) -> bool:
        known = self._topology.inventory.entity(entity)
        return isinstance(known, Device) and known.device_class == "ups"


def _is_peer(entity: str) -> bool:
    return entity.startswith("peer/")
