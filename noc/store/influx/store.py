"""InfluxDB as a store: splits what is too much, finds the bad lines, says once that the server is away."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, TypeVar

from noc.clock import Clock
from noc.model.errors import StoreError
from noc.model.samples import Samples
from noc.model.series import (
    Latest,
    LatestQuery,
    Refusal,
    SeriesAnswer,
    SeriesName,
    SeriesQuery,
    TopAnswer,
    TopQuery,
)
from noc.store._answers import few_enough, latest_by_reading, stepped, top_by_reading
from noc.store._ports import Store, Surroundings
from noc.store._rows import asked_of_place
from noc.store._steps import steps_of
from noc.store.influx import influxql
from noc.store.influx.access import access
from noc.store.influx.answers import Unstored
from noc.store.influx.influxql import Row
from noc.store.influx.server import MAX_CONNECTIONS, Server
from noc.store.influx.settings import Dialect, Settings
from noc.wire.bodies import LINES, encode_lines, packed, unpacked
from noc.wire.http import HttpClient, Tls
from noc.wire.lineprotocol import kept, values_in

log = logging.getLogger(__name__)

START_PROBE_S: Final = 3.0
"""How long the start of the daemon waits to tell what is wrong with the server."""

RECENT: Final[Mapping[Dialect, timedelta]] = {
    "v1": timedelta(days=30),
    "v2": timedelta(days=30),
    "v3": timedelta(days=3),
}
"""Where series are looked for first. 3 Core opens so many files at most, and has no list of older series."""

_MEASUREMENT: Final = re.compile(r"(?:\\.|[^\\, ])*")

T = TypeVar("T")


def build(settings: Settings, surroundings: Surroundings) -> Store:
    """Return the store; nothing is connected. Raises SecretError, and UsageError for `ca_file`."""
    ca_file = None if settings.ca_file is None else surroundings.folder / settings.ca_file
    way = access(settings, surroundings.folder)
    tls = Tls(ca_file, settings.verify_tls).context()
    client = HttpClient(tls, settings.timeout / timedelta(seconds=1), MAX_CONNECTIONS)
    return InfluxStore(settings.dialect, client, Server(way, client, surroundings.clock), surroundings.clock)


class InfluxStore:
    """A database of an InfluxDB server. Writing and reading fail and recover each for itself in the log."""

    def __init__(self, dialect: Dialect, client: HttpClient, server: Server, clock: Clock) -> None:
        self._dialect = dialect
        self._client = client
        self._server = server
        self._clock = clock
        self._failing: dict[str, bool] = {}

    async def start(self) -> None:
        """Ask once whether the server is there and lets us in: if not the log tells, and the daemon runs on."""
        await self._client.start()
        try:
            await self._told("reading", self._server.query(influxql.SHOW_SOMETHING, START_PROBE_S))
        except StoreError:
            return
        except asyncio.CancelledError:
            await self._client.stop()
            raise
        log.info("%s: is there", self._server.name)

    async def stop(self) -> None:
        """Close the connections."""
        await self._client.stop()

    @property
    def form(self) -> str:
        """Return the form of its bodies."""
        return LINES

    def encode(self, batch: Sequence[Samples]) -> bytes:
        """Return a batch as a body of lines. Pure."""
        return encode_lines(batch)

    async def write(self, body: bytes) -> tuple[Refusal, ...]:
        """Store a body as it is; return the lines that the server will never take.

        Raises StoreError: refused where the log-in or the database is wrong; else it is to be tried again. Raises
        BodyError.
        """
        return tuple(await self._told("writing", self._store(body)))

    async def read(self, query: SeriesQuery) -> SeriesAnswer:
        """Return what a query finds. Raises StoreError, TooManySeriesError, UsageError."""
        steps = steps_of(query)
        if steps is not None and not influxql.has_words(query):
            stored = await self.read(replace(query, step=None))
            return SeriesAnswer(stepped(query, steps, stored.series), "raw", query.step)
        fields = [name for name in dict.fromkeys(kept(name) for name in query.fields) if name not in ("", "time")]
        statement = influxql.select(query, fields)
        if statement is None:
            return SeriesAnswer((), "raw", query.step)
        rows = await self._told("reading", self._server.query(statement))
        few_enough(len(rows) * len(fields), query.at_most)
        try:
            found = await asyncio.to_thread(lambda: list(influxql.series_of(rows, query, fields)))
        except ValueError as error:
            raise StoreError(f"{self._server.name}: answers something else than was asked: {error}") from error
        ordered = sorted(found, key=lambda series: (sorted(series.tags.items()), series.field))
        return SeriesAnswer(tuple(ordered), "raw", query.step)

    async def names(self, where: Mapping[str, str]) -> tuple[SeriesName, ...]:
        """Return the series that carry these tags, of 3 Core only those with a number in the last three days."""
        asked_of_place(where)
        condition = influxql.carries(where)
        if condition is None:
            return ()
        rows = await self._told("reading", self._last(condition))
        try:
            found = list(influxql.names_of(rows))
        except ValueError as error:
            raise StoreError(f"{self._server.name}: answers something else than was asked: {error}") from error
        return tuple(sorted(found, key=lambda name: (name.measurement, sorted(name.tags.items()))))

    async def top(self, query: TopQuery) -> TopAnswer:
        """Return the series with the highest numbers. Raises StoreError, UsageError."""
        return await top_by_reading(self, query)

    async def latest(self, query: LatestQuery) -> tuple[Latest, ...]:
        """Return last numbers. Raises StoreError, UsageError."""
        return await latest_by_reading(self, query)

    async def _last(self, condition: str) -> list[Row]:
        """Return the last values of each series: of the recent ones, of all where the server knows of more.

        Over two years of weekly shards it takes 3.5 s on InfluxDB 1.6, over the last month 0.2 s.
        """
        recent = await self._server.query(influxql.select_last(condition, self._clock.now() - RECENT[self._dialect]))
        if self._dialect == "v3":
            return recent
        known = await self._server.query(influxql.show_series(condition))
        if sum(len(row.values) for row in known) <= len(recent):
            return recent
        return await self._server.query(influxql.select_last(condition, None))

    async def _store(self, body: bytes) -> list[Refusal]:
        """Write a body; where something of it is refused, halve down to the bad lines.

        The good lines are written again on the way, although the server may have kept them: to write them twice
        changes nothing, and only an answer without a fault says that they are stored.
        """
        unstored = await self._server.write(body)
        if unstored is None:
            return []
        # What is wrong with a measurement is often wrong with all its lines: side by side.
        all_lines = sorted(await asyncio.to_thread(unpacked, body), key=_measurement)
        refusals: list[Refusal] = []
        waiting = _halves(all_lines, unstored, refusals)
        while waiting:
            part = waiting.pop()
            unstored = await self._server.write(await asyncio.to_thread(packed, part))
            if unstored is not None:
                waiting += _halves(part, unstored, refusals)
        return refusals

    async def _told(self, way: str, call: Awaitable[T]) -> T:
        """Await a call; tell the log when this way begins to fail, otherwise fails, and works again."""
        try:
            result = await call
        except StoreError as error:
            if self._failing.get(way) != error.refused:
                log.error("%s fails: %s", way, error)
            self._failing[way] = error.refused
            raise
        if self._failing.pop(way, None) is not None:
            log.warning("%s: %s works again", self._server.name, way)
        return result


def _halves(part: list[str], unstored: Unstored, refusals: list[Refusal]) -> list[list[str]]:
    """Return what to try of lines that were not all stored; lines that can be none of these go to the refusals."""
    if len(part) <= 1 or unstored.dropped == len(part):
        refusals.append(Refusal("\n".join(part), unstored.reason, sum(map(values_in, part))))
        return []
    half = len(part) // 2
    return [part[half:], part[:half]]


def _measurement(line: str) -> str:
    match = _MEASUREMENT.match(line)
    return match[0] if match else line

