"""Late evidence: results that a cut-off poller kept, or that a file holds, restate what the ledger says.

Nothing of it reaches statuses in memory, or the pager: the past is put right for figures, nobody is called for it.
What was decided so shortly ago that the daemon may still date a change back to it is left for the next time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from noc.app.storebeside import StoreSettings
from noc.availability.evidence import Result
from noc.availability.policy import Policy
from noc.availability.spans import contains
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.instants import from_ms
from noc.model.part import owner_of
from noc.model.ports import SeriesReader
from noc.model.restatement import Restatement
from noc.model.series import SeriesQuery
from noc.pipeline.liveness import ENTITY, FIELD, MEASUREMENT
from noc.pipeline.policy import availability_policy
from noc.pipeline.restate import Evidence, Outcome, context_ms, restate
from noc.pipeline.restateservices import restate_service, standing_on
from noc.service import running
from noc.state import restating
from noc.state.database import Database, Transaction
from noc.state.timelines import restated
from noc.store import embedded
from noc.store._evidence import EvidenceWriter
from noc.store.embedded.origin import export
from noc.store.embedded.view import Selection, View, opened

AT_ONCE: Final = 200
"""Entities of one transaction."""

LAG_MS: Final = 60_000
"""So long a result may be on its way into the time series."""

_SLICE_MS: Final = 6 * 3_600_000
"""So much is asked of a store at once."""

GOOD: Final = 0.5
"""Results are kept as 1 and 0."""

Known = Callable[[str, int, int], Awaitable[Sequence[Result]]]
"""Gives the results of an entity in `[start, stop)`, milliseconds, that the ledger was made from, in order of time."""


@dataclass(slots=True)
class Restated:
    """What late evidence made.

    outcomes: of each entity that is judged. unjudged: entities that the inventory doesn't have, or parts of devices.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)


async def restate_late(
    database: Database,
    inventory: Inventory,
    late: Mapping[str, Sequence[Result]],
    known: Known,
    *,
    poller: str,
    now_ms: int,
    write: bool,
) -> Restated:
    """Restate the ledger by late evidence; with `write`, into the chain.

    late: results of each entity in order of time. poller: who saw them. Some hundred entities a transaction: what was
    written stays if a later one fails, and the same evidence a second time changes nothing. Raises StateError, and what
    `known` raises.
    """
    policy = availability_policy(inventory)
    done = Restated(unjudged=sorted(entity for entity in late if entity not in policy.probes))
    names = iter(sorted(entity for entity, results in late.items() if entity in policy.probes and results))
    while some := list(islice(names, AT_ONCE)):
        starts = {entity: late[entity][0][0] - context_ms(policy.probe_of(entity)) for entity in some}
        at_hand = {entity: await known(entity, starts[entity], now_ms + 1) for entity in some}
        evidence = [
            Evidence(entity, at_hand[entity], late[entity], _check(inventory, entity), poller) for entity in some
        ]
        start_ms = min(starts.values())
        async with database.write() if write else database.read() as connection:
            said = await restating.said_of(connection, some, start_ms)
            outcomes = await asyncio.to_thread(_judge, evidence, said, policy, now_ms)
            if write:
                await restating.write(connection, _found(outcomes))
            unwritten = [] if write else _found([*done.outcomes, *outcomes])
            services = await _services(connection, inventory, outcomes, unwritten, now_ms)
            if write:
                await restating.write(connection, _found(services))
        done.outcomes += [*outcomes, *services]
    return done


def _found(outcomes: Iterable[Outcome]) -> list[Restatement]:
    return [one.restatement for one in outcomes if one.restatement is not None]


async def _services(
    connection: Transaction,
    inventory: Inventory,
    outcomes: Sequence[Outcome],
    unwritten: Sequence[Restatement],
    now_ms: int,
) -> list[Outcome]:
    """Return what becomes of services whose inputs are restated. unwritten: restatements that are only shown."""
    changed = {one.entity: one for one in outcomes if one.restatement is not None}
    found = []
    for name, gate in standing_on(inventory, changed).items():
        of_it = {entity: changed[entity] for entity in gate.entities() if entity in changed}
        names, start_ms = {name, *gate.entities()}, min(one.since_ms for one in _found(of_it.values()))
        said = await restating.said_of(connection, names, start_ms)
        now = {entity: one.timeline for entity, one in said.items()}
        now = restated(now, (one for one in unwritten if one.entity in names))
        found.append(restate_service(name, gate, of_it, now, now_ms))
    return found


def _judge(
    evidence: Sequence[Evidence], said: Mapping[str, restating.Said], policy: Policy, now_ms: int
) -> list[Outcome]:
    outcomes = []
    for one in evidence:
        probe, ledger = policy.probe_of(one.entity), said.get(one.entity, restating.Said())
        late = [result for result in one.late if not contains(ledger.withdrawn, result[0])]
        expected = Evidence(one.entity, one.known, late, one.check, one.poller)
        end = now_ms - context_ms(probe) - LAG_MS
        outcomes.append(restate(expected, probe, ledger.timeline, end, now_ms))
    return outcomes


@asynccontextmanager
async def known_in_store(found: StoreSettings, clock: Clock) -> AsyncIterator[Known]:
    """Give what reads known results from the store of the settings. Raises StoreError, UsageError."""
    if isinstance(found.settings, embedded.Settings):
        with opened(found.state_dir / found.settings.path, found.settings.retention) as view:

            async def from_files(entity: str, start: int, stop: int) -> Sequence[Result]:
                return await asyncio.to_thread(_from_view, view, entity, start, stop)

            yield from_files
        return
    store = found.build(clock)
    async with running([store]):
        yield known_from(store)


def known_from(source: SeriesReader) -> Known:
    """Return what reads known results from a store. Roll-ups are no evidence: of such times there is none."""

    async def known(entity: str, start: int, stop: int) -> Sequence[Result]:
        tags = {"device": _device(entity), ENTITY: entity}
        results: dict[int, bool] = {}
        for since in range(start, stop, _SLICE_MS):
            until = min(since + _SLICE_MS, stop)
            answer = await source.read(SeriesQuery(MEASUREMENT, (FIELD,), tags, from_ms(since), from_ms(until)))
            for series in answer.series if answer.resolution == "raw" else ():
                results.update(zip(series.times_ms, (value >= GOOD for value in series.values), strict=True))
        return sorted(results.items())

    return known


def _from_view(view: View, entity: str, start: int, stop: int) -> Sequence[Result]:
    results: dict[int, bool] = {}

    def take(name: str, times: list[int], oks: list[bool]) -> None:
        if name == entity:
            results.update(zip(times, oks, strict=True))

    writer = EvidenceWriter(take, ENTITY)
    for _ in export(view, Selection(_device(entity), "", MEASUREMENT, start, stop), writer):
        pass
    return sorted(results.items())


def _device(entity: str) -> str:
    """Return the tag `device` of the results of an entity."""
    return (owner_of(entity) or entity).removeprefix("device/")


def _check(inventory: Inventory, entity: str) -> str:
    """Return the liveness check of an entity, as records of the ledger name it."""
    key = entity.partition("/")[2]
    device, endpoint = inventory.devices.get(key), inventory.endpoints.get(key)
    if entity.startswith("device/") and device is not None:
        return device.watch.liveness.check
    return endpoint.kind if entity.startswith("endpoint/") and endpoint is not None else "snmp"
