"""Services: their status from the statuses of what their formulas name, and the data centre that serves them. Pure.

A service has no evidence of its own: it changes at the moment at which one of its inputs did, dated back as that was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Final

from noc.inventory.entities import Marker, Service
from noc.inventory.inventory import Inventory
from noc.model.reading import Reading
from noc.model.replies import DnsReply, HttpReply, Reply, SmtpReply
from noc.model.switch import ServiceSwitch
from noc.model.transition import Status, Transition
from noc.pipeline.gates import Gate, gate_of

CHECK: Final = "formula"
"""Stands in the ledger as the check that saw it."""

StatusOf = Callable[[str], Status]


@dataclass(slots=True)
class _Input:
    word: Status = "unknown"
    before: Status = "unknown"
    since_ms: int | None = None


@dataclass(slots=True)
class _Watched:
    service: Service
    gate: Gate
    places: Mapping[str, Gate]
    inputs: frozenset[str]
    word: Status = "unknown"
    since_ms: int | None = None
    serving: str | None = None
    serving_ms: int | None = None
    came_from: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceNow:
    """A service at this moment.

    serving: the site that serves it; None where nobody can tell, or it is not up. came_from: the site that did before.
    inputs: entities with evidence that it stands on, and their statuses. places: whether each could serve.
    """

    status: Status
    since_ms: int | None
    serving: str | None
    serving_ms: int | None
    came_from: str | None
    inputs: Mapping[str, Status] = field(default_factory=dict)
    places: Mapping[str, Status] = field(default_factory=dict)

    @property
    def failing(self) -> tuple[str, ...]:
        """Return the inputs that are down, by name."""
        return tuple(sorted(entity for entity, word in self.inputs.items() if word == "down"))

    @property
    def degraded(self) -> bool:
        """Return whether it is up though something that it stands on is down."""
        return self.status == "up" and bool(self.failing)


class Services:
    """The status of every service. poller: who says so in the ledger."""

    def __init__(self, inventory: Inventory, poller: str) -> None:
        self._poller = poller
        self._inputs: dict[str, _Input] = {}
        self._watched: dict[str, _Watched] = {}
        self._users: dict[str, list[_Watched]] = {}
        self._compile(inventory)

    def start(
        self,
        status_of: StatusOf,
        since_of: Callable[[str], int | None],
        ledger: Mapping[str, Transition],
        switches: Mapping[str, ServiceSwitch],
        now_ms: int,
    ) -> tuple[list[Transition], list[ServiceSwitch]]:
        """Take up the statuses of all inputs, and of services what the ledger said last; return what is new since."""
        for entity, known in self._inputs.items():
            known.word, known.since_ms = status_of(entity), since_of(entity)
        for name, watched in self._watched.items():
            last = ledger.get(name)
            if last is not None:
                watched.word, watched.since_ms = last.status, last.since_ms
            served = switches.get(name)
            if served is not None and served.after in watched.places:
                watched.serving, watched.serving_ms, watched.came_from = served.after, served.since_ms, served.before
        left = [self._left(name, last.status, last.since_ms, now_ms) for name, last in self._gone(ledger)]
        switches_now = self._places(self._watched.values(), now_ms)
        return [*left, *self._settle(self._watched.values(), now_ms)], switches_now

    def replace(
        self, inventory: Inventory, status_of: StatusOf, since_of: Callable[[str], int | None], now_ms: int
    ) -> tuple[list[Transition], list[ServiceSwitch]]:
        """Go on with another inventory; return what changes with it."""
        before = self._watched
        self._compile(inventory)
        for entity, known in self._inputs.items():
            known.word, known.since_ms = status_of(entity), since_of(entity)
        left = []
        for name, watched in before.items():
            fresh = self._watched.get(name)
            if fresh is None:
                if watched.word != "unknown":
                    left.append(self._left(name, watched.word, watched.since_ms or 0, now_ms))
                continue
            fresh.word, fresh.since_ms = watched.word, watched.since_ms
            if watched.serving in fresh.places:
                fresh.serving, fresh.serving_ms, fresh.came_from = (
                    watched.serving,
                    watched.serving_ms,
                    watched.came_from,
                )
        switches = self._places(self._watched.values(), now_ms)
        return [*left, *self._settle(self._watched.values(), now_ms)], switches

    def take(self, transitions: Iterable[Transition]) -> tuple[list[Transition], list[ServiceSwitch]]:
        """Take changes of entities; return those of services that they make, and where another place serves."""
        known = sorted((one for one in transitions if one.entity in self._inputs), key=attrgetter("since_ms"))
        found: list[Transition] = []
        switches: list[ServiceSwitch] = []
        for since_ms, changes in groupby(known, key=attrgetter("since_ms")):
            touched: dict[int, _Watched] = {}
            decided_ms = since_ms
            for change in changes:
                entity = self._inputs[change.entity]
                entity.before, entity.word, entity.since_ms = entity.word, change.status, since_ms
                decided_ms = max(decided_ms, change.decided_ms)
                touched.update({id(watched): watched for watched in self._users[change.entity]})
            found += self._settle(touched.values(), decided_ms)
            switches += self._places(touched.values(), decided_ms)
        return found, switches

    def mark(self, entity: str, reading: Reading, at_ms: int) -> list[ServiceSwitch]:
        """Take what an end point answered; return the services that are seen to be served from another place by it."""
        switches: list[ServiceSwitch] = []
        for watched in self._users.get(entity, ()):
            for site, place in watched.service.places.items():
                marker = place.marker
                if marker is None or f"endpoint/{marker.endpoint}" != entity or not _marked(marker, reading.reply):
                    continue
                switches += self._serve(watched, site, at_ms, ((entity, _words(marker)),))
                break
        return switches

    def names(self) -> tuple[str, ...]:
        """Return the services, as entities."""
        return tuple(self._watched)

    def now(self, entity: str) -> ServiceNow | None:
        """Return a service at this moment; None where it is none."""
        watched = self._watched.get(entity)
        if watched is None:
            return None
        served = watched.word == "up"
        return ServiceNow(
            status=watched.word,
            since_ms=watched.since_ms,
            serving=watched.serving if served else None,
            serving_ms=watched.serving_ms if served else None,
            came_from=watched.came_from,
            inputs={name: self._inputs[name].word for name in sorted(watched.inputs)},
            places={site: gate.status(self._word) for site, gate in watched.places.items()},
        )

    def _compile(self, inventory: Inventory) -> None:
        self._inputs, self._watched, self._users = {}, {}, {}
        for service in inventory.services.values():
            gate = gate_of(service.whole, inventory)
            places = {site: gate_of(place.formula, inventory) for site, place in service.places.items()}
            inputs = frozenset(entity for one in (gate, *places.values()) for entity in one.entities() if entity)
            watched = self._watched[service.entity] = _Watched(service, gate, places, inputs)
            markers = (place.marker for place in service.places.values() if place.marker is not None)
            for entity in {*inputs, *(f"endpoint/{marker.endpoint}" for marker in markers)}:
                self._users.setdefault(entity, []).append(watched)
                self._inputs.setdefault(entity, _Input())

    def _word(self, entity: str) -> Status:
        known = self._inputs.get(entity)
        return "unknown" if known is None else known.word

    def _gone(self, ledger: Mapping[str, Transition]) -> Iterable[tuple[str, Transition]]:
        for name, last in ledger.items():
            if name.startswith("service/") and name not in self._watched and last.status != "unknown":
                yield name, last

    def _left(self, name: str, before: Status, since_ms: int, now_ms: int) -> Transition:
        at_ms = max(now_ms, since_ms + 1)
        return Transition(name, "unknown", before, at_ms, at_ms, CHECK, self._poller, "stale", ())

    def _settle(self, touched: Iterable[_Watched], decided_ms: int) -> list[Transition]:
        """Work services out anew; return what has changed."""
        found = []
        for watched in touched:
            word = watched.gate.status(self._word)
            if word == watched.word:
                continue
            since_ms = self._since_ms(watched, word, decided_ms)
            if watched.since_ms is not None:
                since_ms = max(since_ms, watched.since_ms + 1)
            found.append(
                Transition(
                    entity=watched.service.entity,
                    status=word,
                    before=watched.word,
                    since_ms=since_ms,
                    decided_ms=max(decided_ms, since_ms),
                    check=CHECK,
                    poller=self._poller,
                    reason="stale" if word == "unknown" else "confirmed",
                    results=(),
                )
            )
            watched.word, watched.since_ms = word, since_ms
        return found

    def _since_ms(self, watched: _Watched, word: Status, decided_ms: int) -> int:
        """Return the first moment from which on the inputs, as they are known to have been, give this word."""
        inputs = [self._inputs[entity] for entity in watched.inputs]
        moments = sorted({one.since_ms for one in inputs if one.since_ms is not None}, reverse=True)
        found = decided_ms
        for moment in moments:
            if watched.gate.status(partial(self._at, moment)) != word:
                break
            found = moment
        return min(found, decided_ms)

    def _at(self, moment_ms: int, entity: str) -> Status:
        known = self._inputs.get(entity)
        if known is None:
            return "unknown"
        return known.word if known.since_ms is None or known.since_ms <= moment_ms else known.before

    def _serve(
        self, watched: _Watched, site: str, at_ms: int, evidence: tuple[tuple[str, str], ...]
    ) -> Iterator[ServiceSwitch]:
        before = watched.serving
        if before != site:
            watched.serving, watched.serving_ms, watched.came_from = site, at_ms, before
            yield ServiceSwitch(watched.service.entity, before, site, at_ms, self._poller, evidence)

    def _places(self, touched: Iterable[_Watched], at_ms: int) -> list[ServiceSwitch]:
        """Where nothing marks who serves, it is the first place whose formula is up."""
        switches: list[ServiceSwitch] = []
        for watched in touched:
            if any(place.marker is not None for place in watched.service.places.values()):
                continue
            for site, gate in watched.places.items():
                word = gate.status(self._word)
                if word == "up":
                    inputs = {
                        entity: self._word(entity) for one in watched.places.values() for entity in one.entities()
                    }
                    switches += self._serve(watched, site, at_ms, tuple(sorted(inputs.items())))
                if word != "down":  # while it is unknown whether one serves, nobody can tell whether the next does
                    break
        return switches


def _words(marker: Marker) -> str:
    """Return what an answer had that marks a place."""
    if marker.header is not None:
        return f"{marker.header}: {marker.value}"
    return marker.answer or marker.text or ""


def _marked(marker: Marker, reply: Reply | None) -> bool:
    """Return whether an answer tells that its place serves."""
    match reply:
        case DnsReply():
            return marker.answer is not None and marker.answer.casefold().rstrip(".") in {
                answer.casefold().rstrip(".") for answer in reply.answers
            }
        case HttpReply():
            if marker.header is not None:
                return reply.headers.get(marker.header.lower()) == marker.value
            return marker.text is not None and marker.text in reply.text
        case SmtpReply():
            return marker.text is not None and marker.text in reply.banner
    return False
