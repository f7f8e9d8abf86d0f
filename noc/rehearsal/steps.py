"""A scenario against an inventory: every name looked up, what belongs together put into single steps. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from alerts.policies import AlertSettings
from alerts.rules.measurements import MEASUREMENTS
from noc.inventory.inventory import Inventory
from noc.inventory.names import Names
from noc.model.errors import InputError
from noc.model.finding import Finding
from noc.model.instants import length_ms
from noc.model.part import part_name
from noc.pipeline.gates import gate_of
from noc.rehearsal.scenario import ROOT, Event, PlannedWork, PowerCut, Scenario, SetMetric
from noc.settings.schema import Places

ALL: Final = "all"
BATTERY: Final = {"kind": "runtime", "name": "Time on battery"}
CHARGE: Final = {"kind": "charge", "name": "Charge"}


@dataclass(frozen=True, slots=True)
class Fail:
    """These fail by themselves."""

    entities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restore:
    """These work again."""

    entities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tell:
    """A device or an end point tells a number from now on.

    device: whose check tells it. value: None, it isn't told any more. a_second: how much more it is each second.
    """

    device: str
    measurement: str
    name: str
    value: float | None
    tags: Mapping[str, str] = field(default_factory=dict)
    a_second: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """A window is asked for and approved."""

    work: PlannedWork


@dataclass(frozen=True, slots=True)
class Hush:
    """People who don't acknowledge any more, or do again."""

    people: tuple[str, ...]
    silent: bool


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody acknowledges, resolves, or remarks. whose: root, all, an entity; empty for a remark alone."""

    kind: str
    whose: str
    by: str
    note: str


Action = Fail | Restore | Tell | Plan | Hush | Act


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens. at_ms: of the Unix epoch. event: the number of the event that says so, from 0."""

    at_ms: int
    event: int
    action: Action


def steps_of(
    scenario: Scenario, places: Places, inventory: Inventory, alerts: AlertSettings, poller: str
) -> tuple[tuple[Step, ...], tuple[Finding, ...]]:
    """Return what happens, in order of time, and warnings. Raises InputError with every name that is unknown."""
    reader = _Reader(inventory, alerts, poller, places)
    found: list[Step] = []
    for number, event in enumerate(scenario.events):
        at_ms = scenario.start + length_ms(event.at)
        if event.at > scenario.duration:
            reader.tell(("events", number, "at"), "it happens after the end; give a longer duration")
        found += [Step(at_ms + later_ms, number, action) for later_ms, action in reader.actions(number, event)]
    if scenario.expect is not None:
        reader.check_expected(scenario)
    errors = sorted(one for one in reader.findings if one.level == "error")
    if errors:
        raise InputError(errors)
    return tuple(sorted(found, key=lambda step: step.at_ms)), tuple(sorted(reader.findings))


class _Reader:
    def __init__(self, inventory: Inventory, alerts: AlertSettings, poller: str, places: Places) -> None:
        self._inventory = inventory
        self._alerts = alerts
        self._places = places
        self._kinds: dict[str, Collection[str]] = {
            "region": inventory.regions,
            "site": inventory.sites,
            "device": inventory.devices,
            "circuit": inventory.circuits,
            "service": inventory.services,
            "endpoint": inventory.endpoints,
            "poller": (poller,),
            "notifier": alerts.notifiers,
        }
        self._names = {kind: Names(known) for kind, known in self._kinds.items()}
        self._people = Names(alerts.people)
        self._cut: set[str] = set()
        self.findings: list[Finding] = []

    def actions(self, number: int, event: Event) -> Iterator[tuple[int, Action]]:
        path: tuple[str | int, ...] = ("events", number)
        if event.fail is not None:
            yield 0, Fail(tuple(self._expanded(event.fail, (*path, "fail"))))
        elif event.restore is not None:
            entities = tuple(self._expanded(event.restore, (*path, "restore")))
            yield 0, Restore(entities)
            for name in entities:
                if name in self._cut:
                    yield from ((0, tell) for tell in self._power_back(name.removeprefix("site/")))
        elif event.power_cut is not None:
            yield from self._power_cut(event.power_cut, (*path, "power_cut"))
        elif event.set is not None:
            yield from ((0, tell) for tell in self._tell(event.set, (*path, "set")))
        elif event.window is not None:
            self._entity(event.window.entity, (*path, "window", "entity"))
            yield 0, Plan(event.window)
        elif event.silent is not None or event.heard is not None:
            people: list[str] = []
            for index, name in enumerate(event.silent or event.heard or ()):
                people += self._called(name, (*path, event.kind, index))
            yield 0, Hush(tuple(dict.fromkeys(people)), event.silent is not None)
        else:
            yield 0, self._act(event, path)

    def check_expected(self, scenario: Scenario) -> None:
        """Look up the names of what is expected."""
        expect = scenario.expect
        if expect is None:
            return
        for index, call in enumerate(expect.calls):
            self._person(call.person, ("expect", "calls", index, "person"), level="error")
        for index, person in enumerate(expect.not_called or ()):
            self._person(person, ("expect", "not_called", index), level="error")
        for index, name in enumerate(expect.also or ()):
            self._entity(name, ("expect", "also", index))
        for index, service in enumerate(expect.services_up or ()):
            self._entity(service, ("expect", "services_up", index))

    def _act(self, event: Event, path: tuple[str | int, ...]) -> Act:
        whose = event.ack or event.resolve or ""
        if whose not in ("", ROOT, ALL) and "/" not in whose:
            message = f"'{whose}' is no incident; write {ROOT}, {ALL}, or the entity that it is of, site/nairobi"
            self.tell((*path, event.kind), message)
        if event.by is not None:
            self._person(event.by, (*path, "by"))
        return Act(event.kind, whose, event.by or "rehearsal", event.note or "")

    def _expanded(self, names: Iterable[str], path: tuple[str | int, ...]) -> Iterator[str]:
        for index, name in enumerate(names):
            if not self._entity(name, (*path, index)):
                continue
            service = self._inventory.services.get(name.removeprefix("service/")) if name[:8] == "service/" else None
            if service is None:
                yield name
                continue
            inputs = sorted(set(gate_of(service.whole, self._inventory).entities()))
            endpoints = [one for one in inputs if one.startswith("endpoint/")]
            yield from endpoints or [one for one in inputs if one]

    def _entity(self, name: str, path: tuple[str | int, ...]) -> bool:
        kind, _, key = name.partition("/")
        part = part_name(name)
        if part is not None:
            if part.kind != "interface":
                self.tell(path, f"'{name}' can't fail by itself here; fail an interface, a circuit or a device")
            elif part.device not in self._inventory.devices:
                self.tell(path, f"unknown device '{part.device}'{self._names['device'].hint(part.device)}")
            else:
                return True
            return False
        if kind not in self._kinds:
            hint = Names(self._kinds).hint(kind)
            known = ", ".join([*self._kinds, "interface"])
            self.tell(path, f"'{name}' is no entity{hint}; write KIND/NAME, of these kinds: {known}")
            return False
        if key not in self._kinds[kind]:
            self.tell(path, f"unknown {kind} '{key}'{self._names[kind].hint(key)}")
            return False
        return True

    def _called(self, name: str, path: tuple[str | int, ...]) -> Iterator[str]:
        """Yield the people that are called by a name: a person, `team/…`, `schedule/…` or `desk/…`."""
        kind, _, key = name.partition("/")
        alerts = self._alerts
        if kind == "desk" and key in alerts.desks:
            kind, key = "schedule", alerts.desks[key].schedule
        if kind == "team" and key in alerts.teams:
            yield from alerts.teams[key]
        elif kind == "schedule" and key in alerts.schedules:
            layers = alerts.schedules[key].layers
            yield from (person for layer in layers for turn in layer.people for person in turn)
        elif "/" in name:
            groups: dict[str, Collection[str]] = {
                "team": alerts.teams,
                "schedule": alerts.schedules,
                "desk": alerts.desks,
            }
            hint = Names([f"{group}/{one}" for group, found in groups.items() for one in found]).hint(name)
            self.tell(path, f"unknown {kind} '{key}'{hint}; write a person, team/…, schedule/… or desk/…")
        else:
            self._person(name, path)
            yield name

    def _person(self, name: str, path: tuple[str | int, ...], level: str = "warning") -> None:
        if name in self._people:
            return
        finding = self._places.place(*path).finding(f"unknown person '{name}'{self._people.hint(name)}")
        warning = Finding(finding.file, finding.line, finding.column, "warning", finding.message)
        self.findings.append(finding if level == "error" else warning)

    def _power_cut(self, cut: PowerCut, path: tuple[str | int, ...]) -> Iterator[tuple[int, Action]]:
        if cut.site not in self._inventory.sites:
            self.tell((*path, "site"), f"unknown site '{cut.site}'{self._names['site'].hint(cut.site)}")
            return
        self._cut.add(f"site/{cut.site}")
        battery_s = cut.battery.total_seconds()
        if battery_s:
            for name in self._ups(cut.site):
                yield 0, Tell(name, "noc_sensor", "value", 0.0, BATTERY, 1.0)
                yield 0, Tell(name, "noc_sensor", "value", 100.0, CHARGE, -100.0 / battery_s)
        yield length_ms(cut.battery), Fail((f"site/{cut.site}",))

    def _power_back(self, site: str) -> Iterator[Tell]:
        for name in self._ups(site):
            yield Tell(name, "noc_sensor", "value", 0.0, BATTERY)
            yield Tell(name, "noc_sensor", "value", 100.0, CHARGE)

    def _ups(self, site: str) -> list[str]:
        return [one.entity for one in self._inventory.devices_of(site) if one.device_class == "ups"]

    def _tell(self, wanted: SetMetric, path: tuple[str | int, ...]) -> Iterator[Tell]:
        device, tags = wanted.entity, dict(wanted.tags)
        if self._entity(wanted.entity, (*path, "entity")):
            part = part_name(wanted.entity)
            kind = wanted.entity.partition("/")[0]
            if part is not None:
                device, tags = part.owner, {"ifName": part.name, **tags}
            elif kind not in ("device", "endpoint", "service"):
                self.tell((*path, "entity"), f"a {kind} tells no numbers; name a device, an interface, an end point")
                return
            place = (*path, "metric")
            found = self._measurement(wanted.metric, kind if part is None else "device", part is not None, place)
            if found is not None:
                yield Tell(device, found, wanted.metric.rpartition(".")[2], wanted.value, tags)

    def _measurement(self, metric: str, kind: str, of_interface: bool, path: tuple[str | int, ...]) -> str | None:
        named, _, name = metric.rpartition(".")
        known = {key: one for key, one in MEASUREMENTS.items() if kind in one.of}
        if of_interface:
            known = {"interface": MEASUREMENTS["interface"]}
        found = [key for key, one in known.items() if name in one.fields and named in ("", key)]
        if len(found) == 1:
            return found[0]
        if found:
            self.tell(path, f"several measurements have '{name}'; write one of {_dotted(found, name)}")
            return None
        fields = {field for one in known.values() for field in one.fields}
        self.tell(path, f"unknown metric '{metric}' of a {kind}{Names(sorted(fields)).hint(name)}")
        return None

    def tell(self, path: tuple[str | int, ...], message: str) -> None:
        """Note what is wrong at a place."""
        self.findings.append(self._places.place(*path).finding(f"{_called(path)}: {message}"))


def _dotted(measurements: Iterable[str], name: str) -> str:
    return ", ".join(f"{one}.{name}" for one in measurements)


def _called(path: tuple[str | int, ...]) -> str:
    return ".".join(map(str, path))
