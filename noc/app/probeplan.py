"""What is asked of end points: which of them, by what check, with what it takes to ask; and the asking itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from collectors._endpoints import ProbeDoors, Prober, Question
from noc import plugins
from noc.inventory.endpoints import Endpoint
from noc.inventory.inventory import Inventory
from noc.model.check import Check
from noc.model.reading import Reading
from noc.settings.secrets import Secret

PREFIX = "endpoint/"


@dataclass(frozen=True, slots=True)
class ProbePlan:
    """What is asked: end points, their headers with values, and the folder from which relative paths start.

    elsewhere: ids of end points that somebody else asks.
    """

    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    regions: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, Mapping[str, Secret]] = field(default_factory=dict)
    folder: Path = Path()
    elsewhere: frozenset[str] = frozenset()

    def checks(self) -> Iterator[Check]:
        """Yield the check of each end point: its evidence of up and down."""
        for endpoint in self.endpoints.values():
            yield check_of(endpoint)

    def here(self) -> Iterator[Check]:
        """Yield the checks that nobody else makes."""
        for endpoint in self.endpoints.values():
            if endpoint.id not in self.elsewhere:
                yield check_of(endpoint)

    def endpoint(self, entity: str) -> Endpoint | None:
        """Return an end point by its entity's name; None where it isn't asked."""
        return self.endpoints.get(entity.removeprefix(PREFIX))

    def question(self, check: Check) -> Question:
        """Return what a check asks."""
        endpoint = self.endpoints[check.entity.removeprefix(PREFIX)]
        return Question(check, endpoint, self.folder, self.headers.get(endpoint.id, {}))


class Probers:
    """Asks by the collector of each kind, which is made when it is first needed."""

    def __init__(self, doors: ProbeDoors) -> None:
        self._doors = doors
        self._known: dict[str, Prober] = {}

    async def ask(self, question: Question) -> Reading:
        """Ask once."""
        kind = question.check.kind
        prober = self._known.get(kind)
        if prober is None:
            built: Prober = plugins.load("collectors", kind).build(self._doors)
            prober = self._known[kind] = built
        return await prober.probe(question)


def check_of(endpoint: Endpoint) -> Check:
    """Return the check of an end point."""
    watch = endpoint.watch
    interval_s = watch.interval.total_seconds()
    patience_s = watch.timeout.total_seconds() * (watch.retries + 1)
    return Check(endpoint.entity, endpoint.kind, interval_s, min(interval_s, patience_s + 1.0), liveness=True)


def probe_plan_of(inventory: Inventory, folder: Path, elsewhere: frozenset[str] = frozenset()) -> ProbePlan:
    """Return what is asked. elsewhere: ids of devices, and endpoint/ID, that others ask. Raises SecretError."""
    return ProbePlan(
        endpoints=inventory.endpoints,
        regions={site.id: site.region for site in inventory.sites.values()},
        headers={
            key: {name: ref.resolve(folder) for name, ref in endpoint.headers.items()}
            for key, endpoint in inventory.endpoints.items()
            if endpoint.headers
        },
        folder=folder,
        elsewhere=frozenset(key for key, endpoint in inventory.endpoints.items() if endpoint.entity in elsewhere),
    )
