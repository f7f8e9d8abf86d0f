"""A server as a store: writing, reading and roll-ups fail and recover each for itself, and the log says so once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from datetime import timedelta
from importlib import import_module
from typing import Final, TypeVar

from noc.model.errors import StoreError
from noc.model.ports import SeriesSource
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
from noc.settings.secrets import Secret
from noc.store._looks import Look
from noc.store._ports import Store, Surroundings
from noc.store.influx.access import access
from noc.store.influx.care import Care
from noc.store.influx.choice import RolledRange, made_of
from noc.store.influx.reader import InfluxReader
from noc.store.influx.roller import Roller
from noc.store.influx.server import MAX_CONNECTIONS, Server
from noc.store.influx.settings import Settings
from noc.store.influx.victoria import VictoriaReader
from noc.store.influx.writer import Carrier, store_all
from noc.wire.bodies import LINES, encode_lines
from noc.wire.http import HttpClient, Tls

log = logging.getLogger(__name__)

START_PROBE_S: Final = 3.0
"""How long the start of the daemon waits to tell what is wrong with the server."""


T = TypeVar("T")


def build(settings: Settings, surroundings: Surroundings) -> Store:
    """Return the store; nothing is connected. Raises SecretError, and UsageError for `ca_file`."""
    ca_file = None if settings.ca_file is None else surroundings.folder / settings.ca_file
    way = access(settings, surroundings.folder)
    tls = Tls(ca_file, settings.verify_tls).context()
    client = HttpClient(tls, settings.timeout / timedelta(seconds=1), MAX_CONNECTIONS)
    clock = surroundings.clock
    server = Server(way, client, clock)
    carrier: Carrier = server
    if settings.writer == "influxdb-client":
        # Loaded by name: influxdb-client takes a quarter of a second to import, and most people don't use it.
        official = import_module("noc.store.influx.official")
        carrier = official.OfficialCarrier(way, settings, ca_file, clock)
    roller = None
    if way.rolled and made_of(settings.retention):
        roller = Roller(server, clock, settings.retention, surroundings.state_dir, serves=surroundings.serves)
    reader: SeriesSource = VictoriaReader(server, clock)
    if settings.dialect != "victoria":
        reader = InfluxReader(server, clock, settings.retention, roller.range if roller else RolledRange)
    return InfluxStore(client, server, reader, roller, Care(settings, way, client, carrier, reader, clock, ca_file))


class InfluxStore:
    """A database of a server. roller: makes roll-ups, none where none are made."""

    def __init__(
        self, client: HttpClient, server: Server, reader: SeriesSource, roller: Roller | None, care: Care
    ) -> None:
        self._client = client
        self._server = server
        self._carrier = care.carrier
        self._reader = reader
        self._roller = roller
        self._care = care
        self._failing: dict[str, bool] = {}

    async def start(self) -> None:
        """Ask once whether the server is there and lets us in: if not the log tells, and the daemon runs on."""
        await self._client.start()
        try:
            await self._told("reading", self._server.probe(START_PROBE_S))
        except StoreError:
            pass
        except asyncio.CancelledError:
            await self._client.stop()
            raise
        else:
            log.info("%s: is there", self._server.name)
        if self._roller is not None:
            await self._roller.start()

    async def stop(self) -> None:
        """Close the connections."""
        if self._roller is not None:
            await self._roller.stop()
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
        refusals = await self._told("writing", store_all(self._carrier, body))
        if self._roller is not None:
            await self._roller.note(body)
        return tuple(refusals)

    async def read(self, query: SeriesQuery) -> SeriesAnswer:
        """Return what a query finds. Raises StoreError, TooManySeriesError, UsageError."""
        return await self._told("reading", self._reader.read(query))

    async def names(self, where: Mapping[str, str]) -> tuple[SeriesName, ...]:
        """Return the series that carry these tags, of 3 Core only those with a number in the last three days."""
        return await self._told("reading", self._reader.names(where))

    async def top(self, query: TopQuery) -> TopAnswer:
        """Return the series with the highest numbers. Raises StoreError, UsageError."""
        return await self._told("reading", self._reader.top(query))

    async def latest(self, query: LatestQuery) -> tuple[Latest, ...]:
        """Return last numbers. Raises StoreError, TooManySeriesError, UsageError."""
        return await self._told("reading", self._reader.latest(query))

    def check(self) -> AsyncIterator[Look]:
        """Yield what was looked at: the server, its clock, each place by a number there and back, how long it keeps."""
        return self._care.check(self._server)

    def prepare(self, admin: Secret | None) -> AsyncIterator[Look]:
        """Make the databases that are missing, and yield what was made. Raises StoreError."""
        return self._care.prepare(admin)

    async def make_token(self, admin: Secret | None) -> Secret:
        """Return a new token of 2.x for our buckets. Raises StoreError, UsageError."""
        return await self._care.make_token(admin)

    async def _told(self, way: str, call: Awaitable[T]) -> T:
        """Await a call; tell the log when this way begins to fail, otherwise fails, and works again."""
        try:
            result = await call
        except StoreError as error:
            if self._failing.get(way) != error.refused:
                # Of a server that is away the drain of the spool tells: once is enough.
                log.log(logging.ERROR if error.refused else logging.INFO, "%s fails: %s", way, error)
            self._failing[way] = error.refused
            self._server.is_away = self._failing.get("writing") is False
            raise
        was_refused = self._failing.pop(way, None)
        self._server.is_away = self._failing.get("writing") is False
        if was_refused is not None:
            log.log(logging.WARNING if was_refused else logging.INFO, "%s: %s works again", self._server.name, way)
        return result
