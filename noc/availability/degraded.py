"""Sites that are up while one of their redundant paths is gone (docs/availability.md, "Degraded"). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from noc.availability.figures import Exact
from noc.availability.policy import Period, Policy
from noc.availability.spans import Spans, intersect, length, subtract, union
from noc.availability.timeline import BAD, State, Timeline, spans_in
from noc.availability.windows import Planned

Degraded = Mapping[str, Exact]
"""How many milliseconds sites were degraded, in service and outside planned time; regions, and the network, whose name
is `network`, add up their sites, each times its weight. Who never was isn't among them."""


def paths_of(policy: Policy, site: str) -> Sequence[str]:
    """Return what a site has more than one of, or may have: its edge devices, where the policy says nothing else."""
    return policy.paths.get(site, policy.sites[site])


def degraded(timelines: Mapping[str, Timeline], policy: Policy, period: Period) -> Degraded:
    """Return how long sites were degraded. timelines: derived ones, known until the end of the evidence."""
    planned = Planned.by(policy)
    found: dict[str, int] = {}
    for site in policy.sites:
        gone: list[tuple[int, int]] = []
        for path in paths_of(policy, site):
            gone += intersect(spans_in(timelines.get(path, ()), BAD), policy.service_of(path))
        counted = subtract(intersect(policy.service_of(site), period.spans), planned.of(site))
        up: Spans = spans_in(timelines.get(site, ()), (State.UP,))
        found[site] = length(intersect(intersect(up, union(gone)), counted))
    return summed_up(found, policy)


def summed_up(sites: Mapping[str, int], policy: Policy) -> Degraded:
    """Return durations of sites, and the sums of regions and the network beside them."""
    found: dict[str, Exact] = {site: spent for site, spent in sites.items() if spent}
    sums: dict[str, Iterable[str]] = {**policy.regions, "network": policy.sites}
    for name, members in sums.items():
        spent = sum(sites.get(site, 0) * policy.weight_of(site) for site in dict.fromkeys(members))
        if spent:
            found[name] = spent
    return found
