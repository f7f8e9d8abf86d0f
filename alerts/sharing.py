"""Sharing: what several that failed at the same time have in common: a provider, a beam, a cable, a region. Pure.

Each question about a thing that is shared is answered once for all that share it: a region has hundreds of sites, and
each of these asks. Who of a region is lost is known at once, but whether by itself takes a look at all that it hangs
on: that is asked of one after the other, and only as long as enough of them may be left.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable

from alerts.correlation import Limits
from alerts.picture import Present
from noc.topology import REGION, Shared


class Sharing:
    """Of one moment. farthest: the broken entities that explain a broken one; none where it fails by itself."""

    def __init__(self, present: Present, limits: Limits, farthest: Callable[[str], Collection[str]]) -> None:
        self._now = present
        self._topology = present.topology
        self._limits = limits
        self._farthest = farthest
        self._failing: dict[Shared, tuple[int, ...]] = {}
        self._lost: dict[Shared, tuple[tuple[int, str], ...]] = {}
        self._of_region: dict[str, bool] = {}
        self._beginning: dict[Shared, tuple[str, ...]] = {}
        self._shares: dict[tuple[str, str | None], tuple[Shared, ...]] = {}

    def cause(self, root: str, site: str | None, since_ms: int) -> Shared | None:
        """Return what enough others share with a root that failed at the same time.

        Of several the one of the most; a region only where nothing less explains enough of its sites.
        """
        shares = self._all_shares(root, site)
        found = self._most([one for one in shares if one[0] != REGION], since_ms)
        if found is not None:
            return found
        regions = [one for one in shares if one[0] == REGION]
        joins = next((one for one in regions if site is not None and self._joins(one, site, since_ms)), None)
        return self._most(regions, since_ms) if joins is None else joins

    def _joins(self, region: Shared, site: str, since_ms: int) -> bool:
        """Return whether a site joins what its region has an incident of: then the others need not be counted."""
        if not self._is_open(region, since_ms) or not (self._is_lost(site) and self._by_itself(site)):
            return False
        fails_ms = self._fails_ms(site)
        is_near = abs(fails_ms - since_ms) <= self._limits.together_ms
        return is_near and not self._has_nearer_cause(site, fails_ms)

    def _is_open(self, shared: Shared, since_ms: int) -> bool:
        open_ms = self._now.known.open.get(f"shared/{shared[0]}/{shared[1]}")
        return open_ms is not None and abs(open_ms - since_ms) <= self._limits.together_ms

    def _most(self, shares: Iterable[Shared], since_ms: int) -> Shared | None:
        best: tuple[int, Shared] | None = None
        for shared in shares:
            enough = self._wanted(shared)
            if self._is_open(shared, since_ms):
                enough = min(enough, 1)
            near = self._near(shared, since_ms, enough)
            if near >= enough and (best is None or near > best[0]):
                best = near, shared
        return None if best is None else best[1]

    def left(self, shared: Shared) -> tuple[int, int]:
        """Return how many of those that share something fail, and how many share it."""
        if shared[0] == REGION:
            failing = sum(self._fails_in_region(one, since_ms) for since_ms, one in self._all_lost(shared))
        else:
            failing = len(self._all_failing(shared))
        return failing, len(self._topology.members(shared))

    def begins_beside(self, entity: str, site: str, since_ms: int) -> str:
        """Return one that shares something with an entity and begins to fail: soon it may be known what it is.

        In a region something always begins to fail; there it counts where enough others failed at the same time.
        """
        ways_in = (*self._topology.edges(site), *self._topology.ways_in(site))
        of_site = entity.startswith("circuit/") or entity in ways_in
        for shared in self._all_shares(entity, site if of_site else None):
            others = self._all_beginning(shared)
            wanted = self._limits.at_least - len(others) if shared[0] == REGION else 0
            if wanted > 0 and self._near(shared, since_ms, wanted) < wanted:
                continue
            for device in others:
                if device != entity:
                    return device
        return ""

    def _wanted(self, shared: Shared) -> float:
        return max(self._limits.at_least, self._limits.share * len(self._topology.members(shared)))

    def _near(self, shared: Shared, since_ms: int, enough: float) -> int:
        """Return how many of those that share something failed at about a moment; of too few some may be left out."""
        from_ms, until_ms = since_ms - self._limits.together_ms, since_ms + self._limits.together_ms
        if shared[0] != REGION:
            times = self._all_failing(shared)
            return bisect_right(times, until_ms) - bisect_left(times, from_ms)
        near = [(at_ms, one) for at_ms, one in self._all_lost(shared) if from_ms <= at_ms <= until_ms]
        found, left = 0, len(near)
        for at_ms, one in near:
            if found + left < enough:
                break
            found += self._fails_in_region(one, at_ms)
            left -= 1
        return found

    def _all_shares(self, root: str, site: str | None) -> tuple[Shared, ...]:
        found = self._shares.get((root, site))
        if found is None:
            of_site = self._topology.shares(site) if site is not None else ()
            found = tuple(dict.fromkeys((*self._topology.shares(root), *of_site)))
            self._shares[root, site] = found
        return found

    def _all_failing(self, shared: Shared) -> tuple[int, ...]:
        """Return since when those fail by themselves that share something, in order of time."""
        found = self._failing.get(shared)
        if found is None:
            members = self._topology.members(shared)
            failing = [self._fails_ms(one) for one in members if self._is_lost(one) and self._by_itself(one)]
            found = self._failing[shared] = tuple(sorted(failing))
        return found

    def _all_lost(self, region: Shared) -> tuple[tuple[int, str], ...]:
        """Return the sites of a region that are lost, by themselves or not, and since when."""
        found = self._lost.get(region)
        if found is None:
            members = self._topology.members(region)
            found = self._lost[region] = tuple((self._fails_ms(one), one) for one in members if self._is_lost(one))
        return found

    def _fails_in_region(self, site: str, since_ms: int) -> bool:
        """Return whether a site that is lost fails by nothing less than its region."""
        known = self._of_region.get(site)
        if known is None:
            known = self._by_itself(site) and not self._has_nearer_cause(site, since_ms)
            self._of_region[site] = known
        return known

    def _has_nearer_cause(self, member: str, since_ms: int) -> bool:
        """Return whether less than a region explains that a site of it fails."""
        return self._most([one for one in self._all_shares(member, None) if one[0] != REGION], since_ms) is not None

    def _all_beginning(self, shared: Shared) -> tuple[str, ...]:
        """Return two at most that begin to fail among those that share something: one may be who asks."""
        found = self._beginning.get(shared)
        if found is None:
            found = self._beginning[shared] = tuple(self._begin(shared))
        return found

    def _begin(self, shared: Shared) -> list[str]:
        found: list[str] = []
        for one in self._topology.members(shared):
            for device in self._topology.edges(one) if one.startswith("site/") else (one,):
                if self._now.is_failing(device):
                    found.append(device)
                    if shared[0] != REGION and len(found) > 1:
                        return found
        return found

    def _is_lost(self, member: str) -> bool:
        """Return whether one of those that share something fails, whatever by.

        A circuit fails also when nobody sees it and its site is lost.
        """
        if not member.startswith("circuit/") or self._now.is_down(member):
            return self._now.is_broken(member)
        site = self._topology.site_of(member)
        if site is None or not self._now.is_broken(site):
            return False
        return self._now.way(member, self._now.since(site)) != "fine"

    def _by_itself(self, member: str) -> bool:
        """Return whether one that is lost isn't lost by what it hangs on."""
        if member.startswith("site/"):
            own = self._topology.ways_in(member)
            above = (one for edge in self._topology.edges(member) for one in self._farthest(edge))
            return all(one.startswith("circuit/") or one in own for one in above)
        if member.startswith("circuit/"):
            return not any(self._now.are_broken(group) for group in self._topology.parents(member))
        return not self._farthest(member)

    def _fails_ms(self, member: str) -> int:
        site = self._topology.site_of(member)
        is_circuit = member.startswith("circuit/") and site is not None and not self._now.is_down(member)
        return self._now.since(site if is_circuit and site is not None else member)
