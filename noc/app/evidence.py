"""Evidence of a period out of the time series, in the form that `noc availability replay` takes.

The figures of a period stand on more than its own results: on what each entity was when it began, on how long an outage
was that was under way then, and on results behind its end that confirm what began in it. So of each entity evidence
begins a day before the period, or at the beginning of the outage that was under way then, and ends a day after it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, TextIO

from noc.app.storebeside import StoreSettings
from noc.availability.policy import Period, Policy
from noc.availability.policytext import policy_text
from noc.availability.times import format_time
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.maintenance.occurrences import occurrences
from noc.model.errors import UsageError
from noc.model.instants import from_ms
from noc.model.part import owner_of
from noc.model.series import SeriesQuery
from noc.pipeline.liveness import ENTITY, FIELD, MEASUREMENT
from noc.pipeline.policy import availability_policy
from noc.service import running
from noc.state import downs, windows
from noc.state.database import Transaction
from noc.state.looked import looked_until
from noc.store import embedded
from noc.store._evidence import EvidenceWriter, Take
from noc.store.embedded.origin import export
from noc.store.embedded.view import Selection, View, opened

DAY_MS: Final = 86_400_000
_SLICE: Final = timedelta(hours=6)
"""So much is asked of a server at once, for one site."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is exported. end: until when, in milliseconds. down: who was down when the period began, since when."""

    period: Period
    end: int
    down: Mapping[str, int]
    parts: bool = False

    @property
    def start(self) -> int:
        """Return from when on all evidence is taken."""
        return self.period.start - DAY_MS

    def takes(self, entity: str) -> bool:
        """Return whether an entity's evidence is wanted."""
        return bool(entity) and (self.parts or owner_of(entity) is None)


@dataclass(slots=True)
class Exported:
    """What was written. first: the time of the first result, in milliseconds; None where there is none."""

    results: int = 0
    entities: int = 0
    first: int | None = None


async def wanted_of(connection: Transaction, period: Period, now_ms: int, *, parts: bool) -> Wanted:
    """Return what has to be exported for a period."""
    down = await downs.down_at(connection, period.start)
    return Wanted(period, min(await looked_until(connection, now_ms), period.end + DAY_MS), down, parts)


async def policy_for(connection: Transaction, inventory: Inventory, wanted: Wanted) -> str:
    """Return the policy file for a replay: today's inventory, all windows, and until when evidence was gathered."""
    first = min((wanted.start, *wanted.down.values()))
    plans = await windows.approved(connection)
    planned = [one for plan in plans for one in occurrences(plan, first, max(wanted.end, wanted.period.end))]
    policy: Policy = replace(availability_policy(inventory), windows=planned, end=wanted.end)
    # Services have no results of their own: they are worked out from what they stand on.
    return policy_text(replace(policy, named=frozenset()))


class Export:
    """Writes events. stream: where to. tell: is given the number of results now and then."""

    def __init__(self, stream: TextIO, wanted: Wanted, tell: Callable[[int], None] = lambda _: None) -> None:
        self._stream = stream
        self._wanted = wanted
        self._tell = tell
        self._seen: set[str] = set()
        self.done = Exported()

    def take(self, entity: str, times: list[int], oks: list[bool]) -> None:
        """Write results of an entity."""
        if not times or not self._wanted.takes(entity):
            return
        end, name, lines = self._wanted.end, json.dumps(entity, ensure_ascii=False), []
        for time, ok in zip(times, oks, strict=True):
            if time <= end:
                word = "true" if ok else "false"
                lines.append(f'{{"time":"{format_time(time)}","entity":{name},"ok":{word}}}\n')
        self._stream.writelines(lines)
        self._seen.add(entity)
        done = self.done
        done.results, done.entities = done.results + len(lines), len(self._seen)
        if lines:
            done.first = min(times) if done.first is None else min(done.first, *times)
        self._tell(done.results)


async def write_evidence(found: StoreSettings, inventory: Inventory, clock: Clock, wanted: Wanted, take: Take) -> None:
    """Hand on all results that are wanted, of the store of the settings. Raises StoreError, UsageError."""
    if isinstance(found.settings, embedded.Settings):
        with opened(found.state_dir / found.settings.path, found.settings.retention) as view:
            _from_view(view, wanted, take)
        return
    store = found.build(clock)
    async with running([store]):
        for query in _queries(inventory, wanted):
            answer = await store.read(query)
            if answer.resolution != "raw":
                raise UsageError(
                    f"of {format_time(wanted.start)} the store holds roll-ups alone; results are kept as long as its "
                    "raw numbers"
                )
            for series in answer.series:
                take(series.tags.get(ENTITY, ""), list(series.times_ms), [value >= 0.5 for value in series.values])


def _from_view(view: View, wanted: Wanted, take: Take) -> None:
    writer = EvidenceWriter(take, ENTITY)
    for _ in export(view, Selection("", "", MEASUREMENT, wanted.start, wanted.end + 1), writer):
        pass
    for entity, since in _earlier(wanted):
        own = EvidenceWriter(_only(entity, take), ENTITY)
        for _ in export(view, Selection(_device(entity), "", MEASUREMENT, since, wanted.start), own):
            pass


def _queries(inventory: Inventory, wanted: Wanted) -> Iterator[SeriesQuery]:
    """Yield questions for a server: site by site, and hours by hours."""

    def asked(where: Mapping[str, str], start: int, stop: int) -> Iterator[SeriesQuery]:
        at, last = from_ms(start), from_ms(stop)
        while at < last:
            until = min(at + _SLICE, last)
            yield SeriesQuery(MEASUREMENT, (FIELD,), where, at, until)
            at = until

    for site in sorted(inventory.sites):
        yield from asked({"site": site}, wanted.start, wanted.end + 1)
    for entity, since in _earlier(wanted):
        yield from asked({"device": _device(entity), ENTITY: entity}, since, wanted.start)


def _earlier(wanted: Wanted) -> Iterator[tuple[str, int]]:
    """Yield whose evidence begins sooner than that of all."""
    for entity, since in sorted(wanted.down.items()):
        if since < wanted.start and wanted.takes(entity):
            yield entity, since


def _only(entity: str, take: Take) -> Take:
    def own(name: str, times: list[int], oks: list[bool]) -> None:
        if name == entity:
            take(name, times, oks)

    return own


def _device(entity: str) -> str:
    return (owner_of(entity) or entity).removeprefix("device/")
