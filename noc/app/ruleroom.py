"""Rules as people look at them: those in use with their files and examples, and what a change would have done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alerts.rules.compiled import DownRule, Rule, Rules
from alerts.rules.eventrule import EventRule
from alerts.rules.load import EXAMPLES
from alerts.rules.made import MADE, Made
from alerts.rulestried import Outcome
from alerts.watch import Watch
from noc.app.paths import near
from noc.app.rulebook import page_of, rulebook_of
from noc.app.whatifs import WhatIfs
from noc.clock import Clock
from noc.http.ruleroom import RAISED_DAYS, MadeNow, Played, RuleNow, RuleShown
from noc.inventory.inventory import Inventory
from noc.inventory.shipped import shipped
from noc.model.errors import InputError
from noc.model.instants import to_ms
from noc.state import ruleincidents
from noc.state.database import Database
from noc.state.ruleincidents import Raised

DAY_MS: Final = 86_400_000
_NEVER: Final = Raised(0, 0, 0)

Files = Mapping[str, tuple[Path, str]]
"""By rule: the last of its files, and what stands in it."""


@dataclass(frozen=True, slots=True)
class _InUse:
    """Files as they were when rules came into use. examples: how many each rule has."""

    rules: Rules
    files: Files
    examples: Mapping[str, int]


class RulesInUse:
    """Answers what pages and API ask of rules. rules, watch: those in use. folders: of
    their files, the shipped one first. past: plays it again.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        rules: Callable[[], Rules],
        watch: Callable[[], Watch],
        inventory: Callable[[], Inventory],
        folders: Callable[[], Sequence[Path]],
        past: WhatIfs,
    ) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._watch = watch
        self._inventory = inventory
        self._folders_now = folders
        self._past = past
        self._counted: tuple[Rules, Inventory, Mapping[str, int]] | None = None
        self._in_use: _InUse | None = None

    async def all(self) -> tuple[RuleNow, ...]:
        """Return every rule in use, by name. Raises StateError."""
        rules, inventory = self._rules(), self._inventory()
        raised = await self._raised()
        series = self._watch().series()
        entities = await self._entities(rules, inventory)
        used = await self._used()
        first = self._folders()[0]
        found = []
        for rule in rules.all:
            path = used.files[rule.name][0] if rule.name in used.files else first
            is_shipped = path.parent == first
            one, times = _looks_at_series(rule), raised.get(rule.name, _NEVER)
            found.append(
                RuleNow(
                    rule=rule,
                    shipped=is_shipped,
                    replaces=not is_shipped and (first / path.name).is_file(),
                    examples=used.examples.get(rule.name, 0),
                    entities=entities.get(rule.name, 0),
                    series=series.get(rule.name, 0) if one else None,
                    raised=times.unresolved,
                    lately=times.lately,
                    last_ms=times.last_ms or None,
                )
            )
        return tuple(found)

    async def made(self) -> tuple[MadeNow, ...]:
        """Return every rule that noc makes itself. Raises StateError."""
        raised = await self._raised()
        times = ((one, raised.get(one.name, _NEVER)) for one in MADE.values())
        return tuple(MadeNow(one, told.unresolved, told.lately, told.last_ms or None) for one, told in times)

    def known(self, name: str) -> Rule | Made | None:
        """Return what a rule says of itself now; None where there is none of this name."""
        return self._rules().get(name) or MADE.get(name)

    async def off(self) -> tuple[str, ...]:
        """Return the names of rules that have a file and aren't in use."""
        used = await self._used()
        return tuple(sorted(name for name in used.files if self._rules().get(name) is None))

    async def one(self, name: str) -> RuleShown:
        """Return a rule with its file, as it is written now. Raises LookupError, StateError."""
        now = next((one for one in await self.all() if one.rule.name == name), None)
        if now is None:
            raise LookupError(name)
        used = (await self._used()).files.get(name)
        written = (await asyncio.to_thread(self._read)).get(name, used)
        if written is None:
            return RuleShown(now, "", "", changed=False, tried=())
        path, text = written
        tried = await asyncio.to_thread(_tried, path, now.rule)
        return RuleShown(now, str(path), text, changed=used is not None and used[1] != text, tried=tried)

    def play(self, name: str, text: str, days: int) -> Played:
        """Begin to tell what a change would have done. Raises ConflictError, UsageError."""
        return self._past.begin(name, text, days)

    def played(self, number: int) -> Played | None:
        """Return what came of it, or how far it is."""
        return self._past.get(number)

    async def _raised(self) -> Mapping[str, Raised]:
        since_ms = to_ms(self._clock.now()) - RAISED_DAYS * DAY_MS
        async with self._database.read() as connection:
            return await ruleincidents.by_rule(connection, since_ms)

    async def _entities(self, rules: Rules, inventory: Inventory) -> Mapping[str, int]:
        known = self._counted
        if known is None or known[0] is not rules or known[1] is not inventory:
            counts = await asyncio.to_thread(self._watch().extent)
            self._counted = known = (rules, inventory, counts)
        return known[2]

    async def _used(self) -> _InUse:
        rules = self._rules()
        if self._in_use is None or self._in_use.rules is not rules:
            self._in_use = await asyncio.to_thread(self._look, rules)
        return self._in_use

    def _look(self, rules: Rules) -> _InUse:
        try:
            examples = rulebook_of(self._folders()).examples
        except InputError:
            examples = {}  # a file is wrong since the last reload, which tells so
        return _InUse(rules, self._read(), {name: len(several) for name, several in examples.items()})

    def _folders(self) -> Sequence[Path]:
        try:
            return self._folders_now()
        except InputError:
            return [near(shipped("rules"))]  # the settings are being written

    def _read(self) -> dict[str, tuple[Path, str]]:
        """Return what stands in the files of the rules: of one's own it is what counts."""
        found: dict[str, tuple[Path, str]] = {}
        for folder in self._folders():
            for path in sorted(folder.glob("*.yaml")):
                if not path.name.endswith(EXAMPLES):
                    found[path.stem] = (path, path.read_text(errors="replace"))
        return found


def _looks_at_series(rule: Rule) -> bool:
    return not isinstance(rule, DownRule | EventRule)


def _tried(path: Path, rule: Rule) -> tuple[Outcome, ...]:
    """Return what comes of the examples in a file, tried on the rule as it is written there."""
    try:
        book = page_of(path)
    except InputError as error:
        return (Outcome(rule.name, "", (), tuple(str(finding) for finding in error.findings)),)
    return book.tried(book.rules.get(rule.name, rule))
