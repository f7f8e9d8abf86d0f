"""Tries a rule on its examples: the same watches as in the daemon, over a made-up device, in virtual time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_address
from typing import Final, Literal

from alerts.eventwatch import EventWatch
from alerts.incidents import Open, Resolve, of_status
from alerts.rules.compiled import DownRule, ExpressionRule, Judged, Rule, Rules, ThresholdRule
from alerts.rules.eventrule import EventRule
from alerts.rules.exampletext import ExampleText, SampleText, SentText
from alerts.rules.language.scene import Key, Question
from alerts.rules.measurements import ASKED
from alerts.rules.selection import NETWORK, Selection
from alerts.watch import Watch
from noc.availability.times import parse
from noc.inventory.endpoints import Endpoint, TcpProbe
from noc.inventory.entities import Circuit, CircuitEnd, Device, Region, Service, Site
from noc.inventory.formula import Formula
from noc.inventory.inventory import Inventory
from noc.inventory.layers import resolve
from noc.model.event import Event
from noc.model.incident import Incident, RuleTransition
from noc.model.instants import from_ms, length_ms
from noc.model.samples import Samples
from noc.model.transition import Status, Transition
from noc.settings.schema import format_duration

POLLER: Final = "example"
TICK_MS: Final = 60_000
"""How often is looked at what is absent or quiet."""

NAME: Final = "example"
MOST_DAYS: Final = 8

Happening = tuple[int, Literal["raised", "cleared"], str]
"""Milliseconds since the beginning, what happened, and the entity."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an example. wrong: what differs from what it says, a sentence each; empty where it holds."""

    rule: str
    example: str
    happened: tuple[Happening, ...]
    wrong: tuple[str, ...]


def tried(rule: Rule, example: ExampleText) -> Outcome:
    """Return what comes of an example."""
    begin_ms = parse(example.begin)
    if isinstance(rule, DownRule):
        found = list(_of_status(rule, example, begin_ms))
    elif isinstance(rule, EventRule):
        found = _of_events(rule, example, begin_ms)
    else:
        found = _of_samples(rule, example, begin_ms)
    happened = tuple(sorted(found))
    wrong = [sentence for word in ("raised", "cleared") for sentence in _differs(word, happened, example)]
    if not (example.samples or example.events or example.status):
        wrong.append("nothing comes in: give samples, events or status")
    return Outcome(rule.name, example.name, happened, tuple(wrong))


def _differs(word: str, happened: Iterable[Happening], example: ExampleText) -> Iterator[str]:
    wanted = sorted(length_ms(at) for at in (example.raised if word == "raised" else example.cleared))
    found = [at_ms for at_ms, what, _ in happened if what == word]
    if found != wanted:
        yield f"{word} {_listed(found)}, and should be {_listed(wanted)}"


def _listed(times: Sequence[int]) -> str:
    return "at " + ", ".join(format_duration(timedelta(milliseconds=at)) for at in times) if times else "never"


def _until_ms(example: ExampleText) -> int:
    """Return how long is looked, from the beginning."""
    last = [one.at for part in (example.samples, example.events, example.status) for one in part]
    until = example.until or max([*last, *example.raised, *example.cleared], default=timedelta(0))
    return min(length_ms(until), MOST_DAYS * 86_400_000)


def _of_samples(rule: Judged, example: ExampleText, begin_ms: int) -> list[Happening]:
    entity = _entity(rule)
    inventory = _inventory(rule)
    plain = replace(rule, selection=Selection())
    watch = Watch(Rules([plain]), inventory, POLLER, _History(example, entity))
    found: list[RuleTransition] = []
    waiting = sorted(example.samples, key=lambda one: one.at)
    until_ms = begin_ms + _until_ms(example)
    for now_ms in _moments(begin_ms, until_ms, [length_ms(one.at) for one in waiting]):
        due = [one for one in waiting if begin_ms + length_ms(one.at) == now_ms]
        tables = [_table(rule, one, entity, now_ms) for one in due]
        found += watch.take(entity, tables, POLLER)
        found += watch.tick(now_ms)
    return _happenings(found, begin_ms)


def _of_events(rule: EventRule, example: ExampleText, begin_ms: int) -> list[Happening]:
    named = {one.device or NAME for one in example.events}
    inventory = _inventory(rule, *sorted(named))
    windows = {begin_ms + length_ms(one.at) for one in example.events if one.window}
    plain = replace(rule, selection=Selection())
    watch = EventWatch(Rules([plain]), inventory, POLLER, lambda _, at_ms: at_ms in windows)
    found: list[RuleTransition] = []
    sent: dict[int, list[SentText]] = {}
    for one in example.events:
        for n in range(one.times):
            sent.setdefault(begin_ms + length_ms(one.at + n * one.every), []).append(one)
    until_ms = max(begin_ms + _until_ms(example), *sent) if sent else begin_ms
    for now_ms in _moments(begin_ms, until_ms, [at_ms - begin_ms for at_ms in sent]):
        found += watch.take([_event(one, now_ms) for one in sent.get(now_ms, ())])
        found += watch.tick(now_ms)
    return _happenings(found, begin_ms)


def _of_status(rule: DownRule, example: ExampleText, begin_ms: int) -> Iterator[Happening]:
    """Yield what comes of changes of status, each as the engine decides it."""
    kind = "device" if "device" in rule.of else min(rule.of)
    entity = f"{kind}/{NAME}"
    in_order = sorted(example.status, key=lambda one: one.at)
    changes = [_change(entity, one.status, begin_ms + length_ms(one.at)) for one in in_order]
    opened: list[Incident] = []
    until_ms = begin_ms + _until_ms(example)
    for change, following in zip(changes, (*changes[1:], None), strict=True):
        now_ms = change.since_ms + (rule.hold_ms if change.status == "down" and not opened else 0)
        if now_ms > until_ms:
            continue
        for action in of_status(change, rule, opened, following, now_ms):
            if isinstance(action, Open):
                one = Incident(1, entity, rule.name, rule.severity, "", change.since_ms, now_ms, {})
                opened = [one]
                yield now_ms - begin_ms, "raised", entity
            elif isinstance(action, Resolve):
                opened = []
                yield now_ms - begin_ms, "cleared", entity


def _change(entity: str, status: Status, at_ms: int) -> Transition:
    results = ((at_ms, status == "up"),)
    return Transition(entity, status, "unknown", at_ms, at_ms, "icmp", POLLER, "confirmed", results)


def _event(one: SentText, at_ms: int) -> Event:
    return Event(
        source="192.0.2.1",
        device=f"device/{one.device or NAME}",
        kind=one.kind,
        name=one.name,
        event_class=one.event_class,
        severity=one.severity,
        first_ms=at_ms,
        last_ms=at_ms,
        facts=one.facts,
        text=one.text,
    )


def _moments(begin_ms: int, until_ms: int, offsets: Iterable[int]) -> list[int]:
    """Return the times at which something is looked at: each minute, and when something comes in."""
    ticks = range(begin_ms, until_ms + 1, TICK_MS)
    return sorted({*ticks, *(begin_ms + offset for offset in offsets if begin_ms + offset <= until_ms)})


def _happenings(found: Iterable[RuleTransition], begin_ms: int) -> list[Happening]:
    return [(one.decided_ms - begin_ms, one.status, one.entity) for one in found]


class _History:
    """What the example says that the store would say."""

    def __init__(self, example: ExampleText, entity: str) -> None:
        self._known = {one.field: one for one in example.history}
        self._entity = entity.removeprefix("device/")

    def baseline(self, question: Question, entity: str, key: Key, at_ms: int) -> tuple[float, float] | None:
        """Return median and spread, for every series and hour."""
        del key, at_ms
        known = self._known.get(".".join(question)) if entity == self._entity else None
        return None if known is None or known.median is None else (known.median, known.spread)

    def slope(self, question: Question, entity: str, key: Key) -> float | None:
        """Return the growth of every series."""
        del key
        known = self._known.get(".".join(question)) if entity == self._entity else None
        return None if known is None or known.slope_a_day is None else known.slope_a_day / 86_400


def _table(rule: Judged, sample: SampleText, entity: str, now_ms: int) -> Samples:
    name = sample.measurement or rule.measurement or rule.measurements[0]
    measurement = ASKED.get(name)
    tags = ("device", *(() if measurement is None else measurement.tags))
    fields = tuple(sorted({key for row in sample.rows for key in row} - set(tags)))
    device = entity.removeprefix("device/")
    always = dict(rule.tags)
    return Samples(
        measurement=name,
        time=from_ms(now_ms),
        tag_keys=tags,
        field_keys=fields,
        tags=tuple((device, *(str(row.get(tag, always.get(tag, ""))) for tag in tags[1:])) for row in sample.rows),
        values=tuple(tuple(_number(row.get(key)) for key in fields) for row in sample.rows),
    )


def _number(value: str | float | None) -> float | None:
    return float(value) if isinstance(value, int | float) else None


_ORDER: Final = ("device", "endpoint", "service", "network", "region", "site", "circuit", "poller")


def _entity(rule: Judged) -> str:
    kind = next(kind for kind in _ORDER if kind in rule.of)
    return NETWORK if kind == NETWORK else f"{kind}/{NAME}"


def _inventory(rule: Rule, *devices: str) -> Inventory:
    """Return a world with one of everything, for which the rule is."""
    chosen, how = rule.selection, resolve([])
    word = min(chosen.classes, default="router")
    site = Site.model_validate(
        {"id": NAME, "name": NAME, "region": NAME, "class": min(chosen.site_classes, default="field")}
    )
    places = {
        name: Device(name, name, NAME, ip_address("192.0.2.1"), word, how, 161, (), (), ())  # type: ignore[arg-type]  # a class
        for name in devices or (NAME,)
    }
    probe = TcpProbe(host="192.0.2.2", port=443)
    end = CircuitEnd(device=min(places), interface="Gi0/1")
    return Inventory(
        regions={NAME: Region(id=NAME, name=NAME)},
        sites={NAME: site},
        devices=places,
        circuits={NAME: Circuit(id=NAME, name=NAME, kind="mpls", site=NAME, a=end)},
        services={NAME: Service(id=NAME, name=NAME, formula=Formula(any_of=(f"device/{NAME}",)))},
        endpoints={NAME: Endpoint(NAME, NAME, NAME, None, "tcp", probe, how, (), ())},
    )


def kind_of(rule: Rule) -> str:
    """Return the kind as it is written."""
    if isinstance(rule, ExpressionRule):
        return rule.kind
    return "down" if isinstance(rule, DownRule) else "threshold" if isinstance(rule, ThresholdRule) else "event"


def shown(rule: Rule) -> str:
    """Return what a rule looks for, in one line."""
    match rule:
        case ExpressionRule(program=program):
            return program.text
        case EventRule():
            many = (
                f"{rule.count} in {format_duration(timedelta(milliseconds=rule.within_ms))}"
                if rule.count > 1
                else "any"
            )
            return f"events, {many} of a {rule.per}"
        case DownRule():
            return f"down: {', '.join(sorted(rule.of))}"
    side = ">=" if rule.side == "above" else "<="
    asked, unit = rule.question.rpartition(" ")[0].replace("[]", ""), f" {rule.unit}" if rule.unit else ""
    return f"{asked} {side} {rule.raise_at:g}{unit}"
