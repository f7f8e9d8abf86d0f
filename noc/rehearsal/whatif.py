"""What other rules would have done in a time that is past: the store and the ledger are played again, twice."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from alerts.rules.compiled import DownRule, Rule, Rules
from noc.app.check import CheckResult
from noc.app.learning import Learning, wanted_by
from noc.app.settings import RootSettings
from noc.clock import ManualClock
from noc.inventory.inventory import Inventory
from noc.model.errors import InputError, UsageError
from noc.model.event import Event
from noc.model.instants import from_ms
from noc.model.ports import SeriesReader
from noc.rehearsal.compared import Case, Compared, compare
from noc.rehearsal.past import History
from noc.rehearsal.pastnumbers import Numbers
from noc.rehearsal.pastworld import World
from noc.rehearsal.unplayed import Unplayed, raw_from, unplayed
from noc.state import events, past
from noc.state.database import Database

HOUR_MS: Final = 3_600_000
LEAD_MS: Final = 6 * HOUR_MS
"""So long before it is begun, so that what was going on is known."""

EVENTS_AT_ONCE: Final = 5_000

ALONE: Final = "of rules over numbers and events those that don't differ were left out, as asked"

Tell = Callable[[float], None]
"""Takes how far it is, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Change:
    """Which rules differ, by name."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """What one set of rules made of it. people: pages, escalations and reminders to each."""

    incidents: int
    symptoms: int
    calls: int
    people: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer. unplayed: what could not be played again, a sentence each."""

    start_ms: int
    end_ms: int
    change: Change
    found: Compared
    before: Side
    after: Side
    unplayed: tuple[str, ...]


def change_of(before: Rules, after: Rules) -> Change:
    """Return how two sets of rules differ."""
    old, new = ({one.name: one for one in rules.all} for rules in (before, after))
    changed = sorted(name for name in old.keys() & new.keys() if not alike(old[name], new[name]))
    return Change(tuple(sorted(new.keys() - old.keys())), tuple(sorted(old.keys() - new.keys())), tuple(changed))


def alike(one: Rule, other: Rule) -> bool:
    """Tell whether two rules say the same. Programs are compared by their text: closures are never equal."""
    return _plain(one) == _plain(other)


def _plain(rule: Rule) -> list[tuple[str, object]]:
    told = [(name, getattr(rule, name)) for name in rule.__dataclass_fields__]
    return [(name, getattr(value, "text", value)) for name, value in told]


async def what_if(
    checked: CheckResult,
    rules: Rules,
    state: Database,
    store: SeriesReader,
    period: tuple[int, int],
    tell: Tell = lambda _: None,
    *,
    changed_alone: bool = False,
) -> WhatIf:
    """Return what these rules would have done in a period instead of those of the configuration.

    state: the daemon's, started; it is only read. changed_alone: of rules over numbers and events, those that differ
    are played alone: what takes hours on a large network takes minutes. Raises InputError, StateError, StoreError.
    """
    if checked.settings is None or checked.inventory is None or not checked.ok:
        raise InputError(checked.findings)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="noc-what-if-")))
        both = checked.rules, rules
        played = both if not changed_alone else _narrowed(*both)
        replay = Replay(checked.settings, checked.inventory, played, state, store, period)
        await replay.load(folder, stack)
        await replay.run(tell)
        found = await replay.answer()
        return replace(found, unplayed=(ALONE, *found.unplayed)) if changed_alone else found


def _narrowed(before: Rules, after: Rules) -> tuple[Rules, Rules]:
    """Return the rules for outages, and of the others those that differ."""
    change = change_of(before, after)
    names = {*change.added, *change.removed, *change.changed}
    first, second = [
        Rules(one for one in rules.all if isinstance(one, DownRule) or one.name in names) for rules in (before, after)
    ]
    return first, second


class Replay:
    """Plays a period again under each of two sets of rules, in step."""

    def __init__(
        self,
        settings: RootSettings,
        inventory: Inventory,
        rules: tuple[Rules, Rules],
        state: Database,
        store: SeriesReader,
        period: tuple[int, int],
    ) -> None:
        self._settings = settings
        self._inventory = inventory
        self._rules = rules
        self._state = state
        self._store = store
        self._start_ms, self._end_ms = period
        self._begin_ms = (self._start_ms - LEAD_MS) // HOUR_MS * HOUR_MS
        self._history = History(state, self._begin_ms, self._end_ms)
        self._numbers = Numbers(store, inventory, rules)
        self._clock = ManualClock(from_ms(self._begin_ms))
        self._learning = self._learned()
        self._worlds: list[World] = []
        self._wrong = ""

    def _learned(self) -> tuple[Learning, ...]:
        """Return what learns for each; one for both where they ask for the same."""
        before, after = self._rules
        first = Learning(self._store, lambda: before, self._clock)
        same = wanted_by(before) == wanted_by(after)
        return first, first if same else Learning(self._store, lambda: after, self._clock)

    async def load(self, folder: Path, stack: AsyncExitStack) -> None:
        """Read how all stood at the beginning. stack: closes what is opened."""
        await self._history.load()
        async with self._state.read() as connection:
            plans = await past.plans(connection)
        for name, rules in zip(("before", "after"), self._rules, strict=True):
            (folder / name).mkdir()
            world = World(self._settings, self._inventory, rules, self._history, folder / name, self._begin_ms)
            stack.push_async_callback(world.stop)
            await world.start(plans)
            self._worlds.append(world)

    async def run(self, tell: Tell) -> None:
        """Play all of it, an hour at a time."""
        for at_ms in range(self._begin_ms, self._end_ms, HOUR_MS):
            tell((at_ms - self._begin_ms) / (self._end_ms - self._begin_ms))
            self._clock.stall((from_ms(at_ms) - self._clock.now()).total_seconds())
            await self._hour(at_ms, min(at_ms + HOUR_MS, self._end_ms))
        tell(1.0)

    async def _hour(self, start_ms: int, stop_ms: int) -> None:
        try:
            for learning in dict.fromkeys(self._learning):
                await learning.learn()
        except UsageError as error:  # too many series
            self._wrong = str(error)
        heard: set[str] = set()
        async for given in self._numbers.between(start_ms, stop_ms):
            heard.add(given[0][1])
            for world, learned in zip(self._worlds, self._learning, strict=True):
                world.judge(given, stop_ms, learned)
        changes = await self._history.until(stop_ms)
        async with self._state.read() as connection:
            deeds = await past.deeds(connection, start_ms, stop_ms)
        happened = await self._events_of(start_ms, stop_ms)
        for world in self._worlds:
            world.unheard(heard, stop_ms)
            await world.play(changes, happened, deeds, stop_ms)

    async def _events_of(self, start_ms: int, stop_ms: int) -> list[Event]:
        """Return the events of an hour, the oldest first."""
        if not any(rules.events for rules in self._rules):
            return []
        found: list[Event] = []
        place: events.Place | None = None
        while True:
            async with self._state.read() as connection:
                rows = await events.page(
                    connection, since_ms=start_ms, until_ms=stop_ms, before=place, limit=EVENTS_AT_ONCE
                )
            found += [row.event for row in rows if start_ms <= row.event.last_ms < stop_ms]
            if len(rows) < EVENTS_AT_ONCE:
                return found[::-1]
            place = events.Place(rows[-1].event.last_ms, rows[-1].id)

    async def answer(self) -> WhatIf:
        """Return how the two worlds differ, and what could not be played."""
        before, after = [await world.cases(self._start_ms, self._end_ms) for world in self._worlds]
        async with self._state.read() as connection:
            first_event = await past.first_event_ms(connection)
        told = Unplayed(
            start_ms=self._start_ms,
            rules=self._rules,
            inventory=self._inventory,
            found=self._numbers.found,
            refused=tuple(sorted(self._numbers.refused, key=repr)),
            ledger_ms=self._history.begins_ms,
            first_event_ms=first_event,
            wrong=self._wrong,
            learned=sum(one.series for one in self._learning),
            raw=await raw_from(self._store, self._numbers.asked, self._inventory, self._start_ms, self._end_ms),
        )
        return WhatIf(
            self._start_ms,
            self._end_ms,
            change_of(*self._rules),
            compare(before, after),
            _side(before),
            _side(after),
            tuple(unplayed(told)),
        )


def _side(cases: Sequence[Case]) -> Side:
    people: Counter[str] = Counter()
    for one in cases:
        people.update(one.calls)
    roots = sum(one.root is None for one in cases)
    return Side(roots, len(cases) - roots, people.total(), dict(sorted(people.items())))
