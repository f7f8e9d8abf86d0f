"""One database of one InfluxDB server: bodies of lines in, rows of InfluxQL out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from pydantic import ValidationError

from noc.clock import Clock
from noc.model.errors import StoreError
from noc.store.influx import influxql
from noc.store.influx.access import Access, Place
from noc.store.influx.answers import Unstored, failure, failure_of_query, of_write
from noc.store.influx.influxql import Answer, Row, joined
from noc.store.influx.zeros import signed
from noc.wire.errors import WireError
from noc.wire.http import BodyTooLargeError, HttpAnswer, HttpClient, HttpRequest

MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024
"""Of a query: about two million numbers."""

MAX_CONNECTIONS: Final = 8
MAX_QUERIES: Final = 6
"""At once; more wait, and never take the last connections from the writing."""

_IN_A_THREAD_BYTES: Final = 256 * 1024

T = TypeVar("T")


class Server:
    """Talks; keeps nothing but connections."""

    def __init__(self, access: Access, client: HttpClient, clock: Clock) -> None:
        self.access = access
        self._client = client
        self._clock = clock
        self._queries = asyncio.Semaphore(MAX_QUERIES)
        self.name = access.server
        self.is_away = False
        """Whether the last write found nobody who answers: that is told by whoever drains the spool, once."""

    async def write(self, body: bytes, place: Place | None = None) -> Unstored | None:
        """Send a body of lines; None where all were stored. place: of raw numbers by default. Raises StoreError."""
        access = self.access
        headers = {**access.headers, "Content-Encoding": "gzip", "Content-Type": "text/plain; charset=utf-8"}
        params = (place or access.raw).write_params
        request = HttpRequest("POST", f"{access.url}{access.write_path}", params, headers, body)
        return of_write(await self._ask(request, None), access, self._clock.now())

    async def query(self, statement: str, timeout_s: float | None = None, place: Place | None = None) -> list[Row]:
        """Return the rows of a statement of InfluxQL; of several statements those of all. Raises StoreError."""
        # Whole, InfluxDB 1.x cuts answers at max-row-limit, and before 1.7.9 it calls those partial that are not.
        params = {**(place or self.access.raw).query_params, "chunked": "true", "q": statement}
        answer = await self.get("/query", params, timeout_s)
        return await self.parsed(answer.body, self._rows)

    async def probe(self, timeout_s: float) -> None:
        """Ask for the cheapest thing that needs the database and the right to read it. Raises StoreError."""
        if self.access.dialect == "victoria":
            await self.get("/api/v1/query", {"query": "1"}, timeout_s)
        else:
            await self.query(influxql.SHOW_SOMETHING, timeout_s)

    async def ping(self) -> HttpAnswer:
        """Return what the server says of itself. Raises StoreError."""
        answer = await self._ask(HttpRequest("GET", f"{self.access.url}/ping", {}, self.access.headers), None)
        if not 200 <= answer.status < 300:
            raise failure(answer, self.access, self._clock.now())
        return answer

    async def tell(self, statement: str) -> list[Row]:
        """Send a statement that changes something, in no database; return its rows. Raises StoreError."""
        answer = await self.post("/query", {"q": statement, "epoch": "ms"})
        if answer.status != 200:
            raise failure(answer, self.access, self._clock.now())
        return self._rows(answer.body)

    async def post(self, path: str, params: Mapping[str, str], body: bytes | None = None) -> HttpAnswer:
        """Send a request of an administrator, a body as JSON; return the answer, whatever its status.

        Raises StoreError where there is none.
        """
        headers = {**self.access.headers, "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return await self._ask(HttpRequest("POST", f"{self.access.url}{path}", params, headers, body), None)

    async def get(self, path: str, params: Mapping[str, str], timeout_s: float | None = None) -> HttpAnswer:
        """Ask for something; the answer has status 200. Raises StoreError."""
        headers = {**self.access.headers, "Accept": "application/json"}
        async with self._queries:
            answer = await self._ask(HttpRequest("GET", f"{self.access.url}{path}", params, headers), timeout_s)
        if answer.status != 200:
            raise failure(answer, self.access, self._clock.now())
        return answer

    async def parsed(self, body: bytes, parse: Callable[[bytes], T]) -> T:
        """Return what a parser makes of a body; in a thread where it is long."""
        return parse(body) if len(body) < _IN_A_THREAD_BYTES else await asyncio.to_thread(parse, body)

    async def understood(self, read: Callable[[], T]) -> T:
        """Return what is read out of rows, in a thread. Raises StoreError where they answer something else."""
        try:
            return await asyncio.to_thread(read)
        except ValueError as error:
            raise self.not_understood(error) from error

    def not_understood(self, error: ValueError) -> StoreError:
        """Return what to raise where rows are no answer to what was asked."""
        return StoreError(f"{self.name}: answers something else than was asked: {error}")

    async def _ask(self, request: HttpRequest, timeout_s: float | None) -> HttpAnswer:
        try:
            return await self._client.ask(request, MAX_ANSWER_BYTES, timeout_s)
        except BodyTooLargeError as error:
            raise StoreError(f"{self.access.product} {error.reason}; ask for a shorter period, or for steps") from None
        except WireError as error:
            raise StoreError(f"{self.access.product} {error.reason}") from None

    def _rows(self, body: bytes) -> list[Row]:
        try:
            answers = [Answer.model_validate_json(part) for part in signed(body).split(b"\n") if part.strip()]
        except ValidationError:
            raise StoreError(f"{self.name}: what /query answers is no answer to InfluxQL: check url") from None
        for answer in answers:
            for said in (answer.error, *(result.error for result in answer.results)):
                if said is not None:
                    raise failure_of_query(said, self.access)
        rows = joined(row for answer in answers for result in answer.results for row in result.series)
        if not answers or any(row.partial for row in rows) or any(result.partial for result in answers[-1].results):
            raise StoreError(
                f"{self.name}: the answer to a query is cut off: check max-row-limit, or a proxy before it"
            )
        return rows
