"""Watch: thresholds and expressions over the samples of every entity. Pure, and in memory.

Only series that are pending or raised are remembered: what is well costs a comparison for each number that a rule asks
for, and nothing where none does. Of what an expression asks for beside the newest table, that is kept. A rule is raised
for an entity while it is raised for any of its series.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple

from alerts.rules.compiled import ByMeasurement, ExpressionRule, Judged, Rules, ThresholdRule
from alerts.rules.evaluate import Memory
from alerts.rules.extent import entities_of, series_in
from alerts.rules.held import Held
from alerts.rules.language.scene import NOTHING, Learned
from alerts.rules.numbers import Key, Number, numbers
from alerts.rules.selection import Subject, subject_of
from alerts.rules.stage import Stage
from alerts.told import transition
from noc.clock import NO_STEPS, Steps
from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.model.incident import SEVERITIES, RuleTransition, Severity
from noc.model.instants import to_ms
from noc.model.samples import Samples

log = logging.getLogger(__name__)

Row = tuple[str | int | bool | None, ...]
"""Of a checkpoint: device, rule, question, entity, severity, raised, since, last, seen, and the key of the series;
last is None where it is only known that one of the entity's series is raised."""

LOGGED: Final = 20
"""Rows without sense that are told one by one."""

_FIXED: Final = 9  # parts of a Row before the key
PASTS_AT_MOST: Final = 5_000
"""Of so many series is kept over a restart what they were before, for `change` and `rate`; the others begin anew."""

_PAST: Final = "past:"
"""As the entity of a Row: no series that is pending or raised, but what one was before; the first part of its key."""

_SEEN: Final = "seen:"
"""As the entity of a Row: no series, but when a field that may be absent was told last."""


class Open(NamedTuple):
    """An open incident that a threshold raised."""

    rule: str
    entity: str
    severity: Severity
    since_ms: int


@dataclass(slots=True)
class WatchTally:
    """Tables that rules asked for. given = judged + late; shed: series that there was no room for."""

    given: int = 0
    judged: int = 0
    late: int = 0
    shed: int = 0


@dataclass(slots=True)
class _Watched:
    """A device, an end point, a service, or what is greater than these.

    last: time of the last table of each measurement that rules ask for. rows: how many it had. chosen: by rule, how
    many of them it looks at, where that isn't all. held: by rule. stages: of expressions that need more than the newest
    table. profile: that a device was found to have.
    """

    device: Subject
    asked: ByMeasurement
    last: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    chosen: dict[str, int] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    stages: dict[str, Stage] = field(default_factory=dict)
    profile: str | None = None


class Watch:
    """Watches what the rules ask for on an inventory. poller: who decides where no Reading does.

    learned: what the store says of series. far: gives the names of remote pollers.
    """

    def __init__(
        self,
        rules: Rules,
        inventory: Inventory,
        poller: str,
        learned: Learned = NOTHING,
        far: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._rules = rules
        self._inventory = inventory
        self._poller = poller
        self._far = far
        self._learned = learned
        self._profiles: dict[str, str] = {}
        self._watched: dict[str, _Watched] = {}
        self.steps = NO_STEPS
        self.tally = WatchTally()

    def follow(self, steps: Steps) -> None:
        """Go by a clock with these steps: what it leapt by has not passed for what was told before, or is told late."""
        known, self.steps = self.steps.known, steps
        by_ms = sum(by_ms for at_ms, by_ms in steps.known if (at_ms, by_ms) not in known)
        for watched in self._watched.values():
            for stage in watched.stages.values():
                stage.move(by_ms)

    def take(self, entity: str, samples: Sequence[Samples], poller: str) -> tuple[RuleTransition, ...]:
        """Take the samples of one Reading of a device; return what they raise and clear.

        poller: who read them. A table that is not later than the last one of its measurement is counted and left.
        """
        watched = self._watched.get(entity) or self._begin(entity)
        if watched is None or not watched.asked:
            return ()
        tables: dict[str, list[Samples]] = {}
        for table in samples:
            if table.measurement in watched.asked:
                tables.setdefault(table.measurement, []).append(table)
        found: list[RuleTransition] = []
        stages: dict[str, tuple[ExpressionRule, Stage, int]] = {}
        for measurement, parts in tables.items():
            time_ms = self.steps.here(to_ms(parts[0].time))
            self.tally.given += len(parts)
            if time_ms <= watched.last.get(measurement, time_ms - 1):
                self.tally.late += len(parts)
                continue
            self.tally.judged += len(parts)
            watched.last[measurement] = time_ms
            rows = len(parts[0].values) if len(parts) == 1 else sum(len(part.values) for part in parts)
            if rows != watched.rows.get(measurement):
                _count(watched, measurement, parts)
            for rule in watched.asked[measurement]:
                if isinstance(rule, ThresholdRule):
                    worst = numbers(rule, parts, whole=rule.name in watched.held)
                    if worst:
                        found += self._judge(watched, rule, worst, time_ms, poller)
                    continue
                _, stage, _ = stages.get(rule.name) or (rule, self._stage(watched, rule), 0)
                stage.put(measurement, parts, time_ms)
                stages[rule.name] = rule, stage, time_ms
        for name, (rule, stage, time_ms) in stages.items():
            met = stage.numbers(time_ms, whole=name in watched.held)
            if met:
                found += self._judge(watched, rule, met, time_ms, poller)
        return tuple(found)

    def tick(self, now_ms: int) -> tuple[RuleTransition, ...]:
        """Look at what may be absent: of that no Reading tells. Return what it raises and clears."""
        found: list[RuleTransition] = []
        for watched in self._watched.values():
            for name, stage in watched.stages.items():
                rule = self._rules.get(name)
                if stage.seen and isinstance(rule, ExpressionRule):
                    met = stage.numbers(now_ms, whole=name in watched.held)
                    found += self._judge(watched, rule, met, now_ms, self._poller) if met else ()
        return tuple(found)

    def extent(self) -> Mapping[str, int]:
        """Return for how many entities each rule holds, by name."""
        return entities_of(self._rules, self._inventory, self._profiles.get, self._pollers())

    def series(self) -> Mapping[str, int]:
        """Return how many series each rule over numbers looked at last, by name; a rule that saw none is not there."""
        counts: Counter[str] = Counter()
        for watched in self._watched.values():
            for measurement, rows in watched.rows.items():
                for rule in watched.asked.get(measurement, ()):
                    if (rule.measurement or rule.measurements[0]) == measurement:
                        whole = min(rows, 1) if not rule.measurement else rows
                        counts[rule.name] += watched.chosen.get(rule.name, whole)
        return counts

    def learn_profile(self, entity: str, profile: str, now_ms: int) -> tuple[RuleTransition, ...]:
        """Take the profile that a device was found to have; return what is cleared because its rules are others now."""
        if self._profiles.get(entity) == profile:
            return ()
        self._profiles[entity] = profile
        watched = self._watched.get(entity)
        if watched is None or not any(rule.selection.profiles for rule in self._rules.judged):
            return ()
        rows = [*_rows(watched), *_pasts(watched)]
        del self._watched[entity]
        return self.restore(rows, now_ms)

    def replace(self, rules: Rules, inventory: Inventory, now_ms: int) -> tuple[RuleTransition, ...]:
        """Go on with other rules, or another inventory; return what is cleared because nobody asks any more.

        A rule that still asks the same question of the same device keeps its memory.
        """
        remembered = self.memories()
        self._rules, self._inventory = rules, inventory
        self._watched.clear()
        return self.restore(remembered, now_ms)

    def forget(self, entity: str, now_ms: int) -> tuple[RuleTransition, ...]:
        """Drop a device that left; return what is cleared with it."""
        self._profiles.pop(entity, None)
        watched = self._watched.pop(entity, None)
        return () if watched is None else self._cleared(_rows(watched), "device", now_ms)

    def memories(self) -> list[Row]:
        """Return what must be remembered over a restart. It is written with the transitions, or after them."""
        found = [row for watched in self._watched.values() for row in _rows(watched)]
        pasts = (row for watched in self._watched.values() for row in _pasts(watched))
        return [*found, *islice(pasts, PASTS_AT_MOST)]

    def restore(self, rows: Iterable[Row], now_ms: int) -> tuple[RuleTransition, ...]:
        """Take up what was remembered; return what is cleared because its rule or its device is no more.

        A row that makes no sense is told and left out.
        """
        gone: list[Row] = []
        unasked: list[Row] = []
        left_out = 0
        for row in rows:
            wrong = _wrong(row, now_ms)
            try:
                if not wrong and not self._take_up(row):
                    there = self._inventory.entity(str(row[0])) is not None
                    (unasked if there else gone).append(row)
            except ValueError as error:
                wrong = str(error)
            if wrong:
                left_out += 1
                if left_out <= LOGGED:
                    log.error("a row of the checkpoint of rules is left out, %s: %.200r", wrong, row)
        if left_out > LOGGED:
            log.error("and %d more rows of it", left_out - LOGGED)
        return (*self._cleared(gone, "device", now_ms), *self._cleared(unasked, "rule", now_ms))

    def adopt(self, incidents: Iterable[Open], now_ms: int) -> tuple[RuleTransition, ...]:
        """After `restore`: take up open incidents of thresholds that the checkpoint didn't know of yet.

        Which series raised one is not known. So the next numbers of its entity tell: those that are not back are
        taken to be raised, and where all are back it is cleared. Returns what is cleared at once, as `restore` does.
        """
        rows: list[Row] = []
        for rule_name, entity, severity, since_ms in incidents:
            rule = self._rules.get(rule_name)
            if rule is not None and not isinstance(rule, ThresholdRule | ExpressionRule):
                continue
            kind, _, rest = entity.partition("/")
            device = f"device/{rest.partition('/')[0]}" if kind == "interface" else entity
            known = self._watched.get(device)
            if known is None or rule_name not in known.held or not known.held[rule_name].holds(entity):
                question = "" if rule is None else rule.question
                rows.append((device, rule_name, question, entity, severity, True, since_ms, None, since_ms))
        return self.restore(rows, now_ms)

    def _begin(self, entity: str) -> _Watched | None:
        found = subject_of(self._inventory, entity, self._pollers)
        if found is None:
            return None
        subject, site = found
        profile = self._profiles.get(entity) if isinstance(subject, Device) else None
        asked = self._rules.thresholds_for(subject, site, profile)
        watched = self._watched[entity] = _Watched(subject, asked, profile=profile)
        return watched

    def _pollers(self) -> Collection[str]:
        return (self._poller, *self._far())

    def _stage(self, watched: _Watched, rule: ExpressionRule) -> Stage:
        """Return where an expression is evaluated; it is remembered where it needs more than the newest table."""
        stage = watched.stages.get(rule.name)
        if stage is None:
            stage = Stage(rule, watched.device, self._learned)
            if rule.program.keeps:
                watched.stages[rule.name] = stage
        return stage

    def _judge(
        self, watched: _Watched, rule: Judged, worst: Mapping[Key, Number], time_ms: int, poller: str
    ) -> Iterator[RuleTransition]:
        held = watched.held.get(rule.name)
        if held is None:
            held = watched.held[rule.name] = Held(rule, watched.device)
        before = held.shed
        verdicts = held.take(worst, time_ms)
        self.tally.shed += held.shed - before
        if not held:
            del watched.held[rule.name]
        for verdict in verdicts:
            yield transition(rule, verdict, time_ms, poller)

    def _take_up(self, row: Row) -> bool:
        """Take up one row; False where nobody asks its question any more."""
        device, name, question, entity, _, raised, since, last, seen = row[:_FIXED]
        rule = self._rules.get(str(name))
        watched = self._watched.get(str(device)) or self._begin(str(device))
        if watched is None or not isinstance(rule, ThresholdRule | ExpressionRule) or rule.question != question:
            return False
        if not any(rule is asked for asked in watched.asked.get(rule.measurements[0], ())):
            return False
        if str(entity).startswith(_SEEN):
            measurement, _, name = str(entity).removeprefix(_SEEN).partition(".")
            if isinstance(rule, ExpressionRule) and isinstance(last, int):
                self._stage(watched, rule).see((measurement, name), last)
            return True
        if str(entity).startswith(_PAST):
            if isinstance(rule, ExpressionRule) and len(row) > _FIXED:
                written, *key_of_past = map(str, row[_FIXED:])
                self._stage(watched, rule).recall(str(entity).removeprefix(_PAST), tuple(key_of_past), written)
            return True
        held = watched.held.get(rule.name)
        if held is None:
            held = watched.held[rule.name] = Held(rule, watched.device)
        memory = Memory(None if last is None else int(last), int(since or 0), bool(raised))
        key: Key | None = None if last is None else tuple(map(str, row[_FIXED:]))
        held.restore(str(entity), key, memory, int(seen or 0))
        if not held:
            del watched.held[rule.name]  # pending, with a key that this version doesn't know
        return True

    def _cleared(self, rows: Iterable[Row], reason: str, now_ms: int) -> tuple[RuleTransition, ...]:
        """Return the clearing of what these rows say is raised, once for each rule and entity."""
        raised = {(str(row[1]), str(row[3])): row for row in rows if row[5]}
        return tuple(
            RuleTransition(name, entity, "cleared", _severity(row), now_ms, now_ms, self._poller, {"reason": reason})
            for (name, entity), row in raised.items()
        )


def _count(watched: _Watched, measurement: str, tables: Sequence[Samples]) -> None:
    """Remember how many rows there are, and how many of them those rules look at that don't look at all."""
    rows = watched.rows[measurement] = sum(len(table.values) for table in tables)
    for rule in watched.asked[measurement]:
        if rule.measurement == measurement:
            watched.chosen.pop(rule.name, None)
            if (chosen := series_in(rule, tables)) != rows:
                watched.chosen[rule.name] = chosen


def _rows(watched: _Watched) -> Iterator[Row]:
    for name, held in watched.held.items():
        device, question, severity = watched.device.entity, held.rule.question, held.rule.severity
        for entity, key, (last_ms, since_ms, raised), seen_ms in held.memories():
            yield (device, name, question, entity, severity, raised, since_ms, last_ms, seen_ms, *(key or ()))
    for name, stage in watched.stages.items():
        rule = stage.rule
        for (measurement, told), at_ms in stage.seen.items():
            entity = f"{_SEEN}{measurement}.{told}"
            yield (watched.device.entity, name, rule.question, entity, rule.severity, False, None, at_ms, at_ms)


def _pasts(watched: _Watched) -> Iterator[Row]:
    for name, stage in watched.stages.items():
        rule = stage.rule
        asked = (watched.device.entity, name, rule.question)
        for series, key, written in stage.pasts():
            yield (*asked, f"{_PAST}{series}", rule.severity, False, None, None, None, written, *key)


def _wrong(row: Row, now_ms: int) -> str:
    """Return why a row is none of ours; empty where it is one."""
    if len(row) < _FIXED:
        return f"it has {len(row)} parts instead of {_FIXED}"
    if not all(isinstance(part, str) for part in (*row[:4], *row[_FIXED:])):
        return "its names are no text"
    if row[4] not in SEVERITIES or not isinstance(row[5], bool):
        return "its severity or its state is an unknown word"
    for moment in row[6:_FIXED]:
        if moment is not None and (not isinstance(moment, int) or isinstance(moment, bool) or moment > now_ms):
            return "its times are no whole numbers, or lie ahead"
    return ""


def _severity(row: Row) -> Severity:
    return next(word for word in SEVERITIES if word == row[4])
