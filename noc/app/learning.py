"""Learns from the store what rules compare numbers with: the same hour of the last weeks, and how series grow.

It reads in the background, off the way of samples: a rule that asks for what isn't learned yet is told so, and waits.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from alerts.rules.compiled import ExpressionRule, Rules
from alerts.rules.language.scene import Key, Question
from alerts.rules.learning import baseline, slope
from alerts.rules.measurements import ASKED, FOR_RULES
from noc.clock import Clock
from noc.model.errors import StoreError, UsageError
from noc.model.instants import from_ms, length_ms, to_ms
from noc.model.ports import SeriesReader
from noc.model.series import Series, SeriesQuery
from noc.service import Rounds

log = logging.getLogger(__name__)

FIRST_AFTER_S: Final = 90.0
LOOK_EVERY_S: Final = 300.0
RETRY_AFTER_S: Final = 900.0

WEEKS: Final = 4
LEAST_WEEKS: Final = 2
HOUR_MS: Final = 3_600_000
WEEK: Final = timedelta(days=7)
FINE: Final = timedelta(minutes=5)

GROWS_OVER: Final = timedelta(days=14)
COARSE: Final = timedelta(hours=12)
SLOPES_EVERY_MS: Final = 6 * HOUR_MS

Place = tuple[str, Key]
"""A series: its tag `device`, and the tags that tell it from others."""

What = Literal["baseline", "slope"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something to learn. where: tags that the series have."""

    what: What
    question: Question
    where: tuple[tuple[str, str], ...]


def wanted_by(rules: Rules) -> set[Wanted]:
    """Return what rules ask for, by the classes of devices that they are for."""
    found: set[Wanted] = set()
    for rule in rules.judged:
        if not isinstance(rule, ExpressionRule):
            continue
        for what, question in rule.program.learns:
            if question[0] in FOR_RULES:
                continue  # no store keeps them
            tags = rule.tags if question[0] == rule.measurement else ()
            classes: list[tuple[tuple[str, str], ...]]
            classes = [(("device_class", name),) for name in sorted(rule.selection.classes)]
            found |= {Wanted(what, question, tuple(sorted((*tags, *of)))) for of in classes or [()]}
    return found


class Learning:
    """A service, and what has been learned. store: of time series. rules: as of the last good reload.

    failing: one sentence for an operator; empty while all is well. series: of which something is known.
    """

    def __init__(self, store: SeriesReader, rules: Callable[[], Rules], clock: Clock) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock
        self._hours: dict[tuple[Question, int], dict[Place, tuple[float, float]]] = {}
        self._slopes: dict[Question, dict[Place, float]] = {}
        self._done: dict[tuple[Wanted, int], None] = {}
        self._begun = False
        self._rounds = Rounds(clock, "learning", self._round)
        self.failing = ""

    async def start(self) -> None:
        """Begin a while later: devices are polled first."""
        self._rounds.start()

    async def stop(self) -> None:
        """End."""
        await self._rounds.stop()

    @property
    def series(self) -> int:
        """Return of how many series something is known."""
        return sum(len(known) for known in self._hours.values()) + sum(len(known) for known in self._slopes.values())

    def baseline(self, question: Question, entity: str, key: Key, at_ms: int) -> tuple[float, float] | None:
        """Return median and spread of the same hour of the last weeks."""
        known = self._hours.get((question, at_ms // HOUR_MS))
        return None if known is None else known.get((entity, key))

    def slope(self, question: Question, entity: str, key: Key) -> float | None:
        """Return how much a series grew a second over the last two weeks."""
        known = self._slopes.get(question)
        return None if known is None else known.get((entity, key))

    async def learn(self) -> None:
        """Learn what is missing: of this hour and the next, and how series grow. Raises StoreError, UsageError."""
        now_ms = to_ms(self._clock.now())
        hour, turn = now_ms // HOUR_MS, now_ms // SLOPES_EVERY_MS
        wanted = wanted_by(self._rules())
        for one in sorted(wanted, key=repr):
            for step in (hour, hour + 1) if one.what == "baseline" else (turn,):
                if (one, step) not in self._done:
                    await self._learn(one, step, now_ms)
                    self._done[one, step] = None
        self._forget(wanted, hour, turn)

    def _forget(self, wanted: Iterable[Wanted], hour: int, turn: int) -> None:
        asked = {(one.what, one.question) for one in wanted}
        self._hours = {
            (question, step): known
            for (question, step), known in self._hours.items()
            if step >= hour and ("baseline", question) in asked
        }
        self._slopes = {question: known for question, known in self._slopes.items() if ("slope", question) in asked}
        for one, step in list(self._done):
            if one not in wanted or step < (hour if one.what == "baseline" else turn):
                del self._done[one, step]

    async def _learn(self, one: Wanted, step: int, now_ms: int) -> None:
        if one.what == "slope":
            series = await self._read(one, now_ms - length_ms(GROWS_OVER), now_ms, COARSE)
            known = await asyncio.to_thread(lambda: dict(_slopes(series)))
            self._slopes.setdefault(one.question, {}).update(known)
            return
        weeks = []
        for week in range(1, WEEKS + 1):
            begin_ms = step * HOUR_MS - week * length_ms(WEEK)
            weeks.append(await self._read(one, begin_ms, begin_ms + HOUR_MS, FINE))
        found = await asyncio.to_thread(lambda: dict(_baselines(weeks)))
        self._hours.setdefault((one.question, step), {}).update(found)

    async def _read(self, one: Wanted, begin_ms: int, end_ms: int, step: timedelta) -> tuple[Series, ...]:
        measurement, field = one.question
        start, stop = from_ms(begin_ms), from_ms(end_ms)
        answer = await self._store.read(SeriesQuery(measurement, (field,), dict(one.where), start, stop, step))
        return answer.series

    async def _round(self) -> float:
        if not self._begun:
            self._begun = True
            return FIRST_AFTER_S
        try:
            await self.learn()
        except (StoreError, UsageError) as error:
            if not self.failing:
                log.error("rules that compare with before must wait: %s", error)
            self.failing = str(error)
            return RETRY_AFTER_S
        if self.failing:
            log.warning("rules that compare with before go on")
        self.failing = ""
        return LOOK_EVERY_S


def _place(series: Series) -> Place:
    tags: Mapping[str, str] = series.tags
    return tags.get("device", ""), tuple(tags.get(tag, "") for tag in ASKED[series.measurement].key)


def _baselines(weeks: Iterable[Iterable[Series]]) -> Iterator[tuple[Place, tuple[float, float]]]:
    """Yield the baseline of each series that two weeks tell of."""
    known: dict[Place, list[tuple[float, ...]]] = {}
    for week in weeks:
        for series in week:
            if series.values:
                known.setdefault(_place(series), []).append(series.values)
    for place, parts in known.items():
        if len(parts) >= LEAST_WEEKS:
            yield place, baseline([value for part in parts for value in part])


def _slopes(found: Iterable[Series]) -> Iterator[tuple[Place, float]]:
    for series in found:
        grows = slope([at_ms / 1000 for at_ms in series.times_ms], series.values)
        if grows is not None:
            yield _place(series), grows
