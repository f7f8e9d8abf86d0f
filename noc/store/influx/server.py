"""One database of one InfluxDB server: bodies of lines in, rows of InfluxQL out."""

from __future__ import annotations

import asyncio
from typing import Final

from pydantic import ValidationError

from noc.clock import Clock
from noc.model.errors import StoreError
from noc.store.influx.access import Access
from noc.store.influx.answers import Unstored, failure, failure_of_query, of_write
from noc.store.influx.influxql import Answer, Row, joined
from noc.wire.errors import WireError
from noc.wire.http import BodyTooLargeError, HttpAnswer, HttpClient, HttpRequest, origin

MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024
"""Of a query: about two million numbers."""

MAX_CONNECTIONS: Final = 8
MAX_QUERIES: Final = 6
"""At once; more wait, and never take the last connections from the writing."""

_IN_A_THREAD_BYTES: Final = 256 * 1024


class Server:
    """Talks; keeps nothing but connections."""

    def __init__(self, access: Access, client: HttpClient, clock: Clock) -> None:
        self._access = access
        self._client = client
        self._clock = clock
        self._queries = asyncio.Semaphore(MAX_QUERIES)
        self.name = f"InfluxDB {origin(access.url)}"

    async def write(self, body: bytes) -> Unstored | None:
        """Send a body of lines; None where all were stored. Raises StoreError."""
        access = self._access
        headers = {**access.headers, "Content-Encoding": "gzip", "Content-Type": "text/plain; charset=utf-8"}
        request = HttpRequest("POST", f"{access.url}{access.write_path}", access.write_params, headers, body)
        return of_write(await self._ask(request, None), access, self._clock.now())

    async def query(self, statement: str, timeout_s: float | None = None) -> list[Row]:
        """Return the rows of one statement. Raises StoreError."""
        access = self._access
        # Whole, InfluxDB 1.x cuts answers at max-row-limit, and before 1.7.9 it calls those partial that are not.
        params = {**access.query_params, "chunked": "true", "q": statement}
        headers = {**access.headers, "Accept": "application/json"}
        async with self._queries:
            answer = await self._ask(HttpRequest("GET", f"{access.url}/query", params, headers), timeout_s)
        if answer.status != 200:
            raise failure(answer, access, self._clock.now())
        if len(answer.body) < _IN_A_THREAD_BYTES:
            return self._rows(answer.body)
        return await asyncio.to_thread(self._rows, answer.body)

    async def _ask(self, request: HttpRequest, timeout_s: float | None) -> HttpAnswer:
        try:
            return await self._client.ask(request, MAX_ANSWER_BYTES, timeout_s)
        except BodyTooLargeError as error:
            raise StoreError(f"InfluxDB {error.reason}; ask for a shorter period, or for steps") from None
        except WireError as error:
            raise StoreError(f"InfluxDB {error.reason}") from None

    def _rows(self, body: bytes) -> list[Row]:
        try:
            answers = [Answer.model_validate_json(part) for part in body.split(b"\n") if part.strip()]
        except ValidationError:
            raise StoreError(f"{self.name}: what /query answers is no answer to InfluxQL: check url") from None
        for answer in answers:
            for said in (answer.error, *(result.error for result in answer.results)):
                if said is not None:
                    raise failure_of_query(said, self._access)
        rows = joined(row for answer in answers for result in answer.results for row in result.series)
        if not answers or any(row.partial for row in rows) or any(result.partial for result in answers[-1].results):
            raise StoreError(
                f"{self.name}: the answer to a query is cut off: check max-row-limit, or a proxy before it"
            )
        return rows
