"""A server that answers 400, 429, 503, late, half, or not at all: all arrives, and what is bad is a dead letter."""

from __future__ import annotations

import asyncio
import gzip
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from noc.clock import SystemClock
from noc.model.samples import Samples
from noc.service import running
from noc.spool import drain as drain_module
from noc.spool import spool as spool_module
from noc.spool.drain import Drain
from noc.spool.letters import Letters
from noc.spool.report import report
from noc.spool.spool import Spool, packer
from noc.store._ports import Store, Surroundings
from noc.store.influx import Settings, build
from tests.spools import conserved
from tests.spools import every_spool_adds_up as every_spool_adds_up  # noqa: PLC0414 a fixture

pytestmark = pytest.mark.live

NOW = SystemClock().now().replace(microsecond=0)
MOODS = (*["204"] * 40, "400", "429", "503", "500", "drop before", "drop after", "half an answer", "silent", "401")


@dataclass
class Server:
    """Takes what it is sent, as it likes: no line with `bad` ever. stored: by series and time, how often each value."""

    chance: random.Random
    moods: tuple[str, ...]
    stored: dict[str, Counter[str]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    calm: bool = False

    async def write(self, request: web.Request) -> web.StreamResponse:
        mood = "204" if self.calm else self.chance.choice(self.moods)
        self.asked[mood] += 1
        body = await request.read()
        lines = (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode().split("\n")
        match mood:
            case "429" | "503":
                return web.json_response({"error": "busy"}, status=int(mood), headers={"Retry-After": "0"})
            case "500" | "401":
                return web.json_response({"error": "not now"}, status=int(mood))
            case "drop before":
                return self._dropped(request)
            case "silent":
                await asyncio.sleep(0.4)  # longer than we wait
        bad = [line for line in lines if "bad" in line]
        for line in lines:
            if line not in bad:
                series, value, at = line.rsplit(" ", 2)
                self.stored.setdefault(f"{series} {at}", Counter())[value] += 1
        if mood == "drop after":
            return self._dropped(request)
        if mood == "half an answer":
            return await self._half(request)
        if bad or (mood == "400" and len(lines) > 1):  # a 400 that is no line's fault is found out by halving
            text = f"partial write: unable to parse '{(bad or lines)[0]}': bad dropped={len(bad)}"
            return web.json_response({"error": text}, status=400)
        return web.Response(status=204)

    async def query(self, _: web.Request) -> web.Response:
        return web.json_response({"results": [{"statement_id": 0}]})

    def _dropped(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response(status=204)

    async def _half(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(status=200, headers={"Content-Length": "100"})
        await answer.prepare(request)
        await answer.write(b"half")
        assert request.transport is not None
        request.transport.abort()
        return answer


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "COMMIT_EVERY_S", 0.005)
    monkeypatch.setattr(drain_module, "FIRST_WAIT_S", 0.005)
    monkeypatch.setattr(drain_module, "LONGEST_WAIT_S", 0.02)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Server:
    moods: tuple[str, ...] = getattr(request, "param", MOODS)
    return Server(random.Random(7), moods)  # noqa: S311 the same moods each time


@pytest.fixture
async def store(server: Server, tmp_path: Path) -> AsyncIterator[Store]:
    application = web.Application(client_max_size=100_000_000)
    application.router.add_post("/write", server.write)
    application.router.add_get("/query", server.query)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = runner.addresses[0]
    settings = {"url": f"http://127.0.0.1:{address[1]}", "dialect": "v1", "database": "noc", "timeout": "200ms"}
    built = build(Settings.model_validate(settings), Surroundings(tmp_path, tmp_path, SystemClock()))
    async with running([built]):
        yield built
    await runner.cleanup()


def batches(number: int, rows: int, bad_every: int) -> Iterator[list[Samples]]:
    """Yield batches of rows; some of them no server takes."""
    for batch in range(number):
        at = NOW - timedelta(seconds=number - batch)
        names = (("bad" if (batch * rows + row) % bad_every == 0 else f"r{row}") for row in range(rows))
        tags = tuple(("d", name, str(batch)) for name in names)
        values = tuple((float(batch * rows + row),) for row in range(rows))
        yield [Samples("m", at, ("device", "n", "b"), ("v",), tags, values)]


async def fed(store: Store, folder: Path, number: int, rows: int, bad_every: int) -> tuple[Spool, Letters]:
    """Feed the store; return the spool, stopped, when nothing waits."""
    spool = Spool(folder / "spool", SystemClock(), 10**9, pack=packer(store.form, store.encode))
    letters = Letters(spool.folder)
    async with running([spool, Drain(spool, store, SystemClock(), letters)]):
        for batch in batches(number, rows, bad_every):
            spool.take(batch)
            await asyncio.sleep(0)
        async with asyncio.timeout(100):
            while spool.queued:
                await asyncio.sleep(0.01)
        await conserved(spool)
    return spool, letters


@pytest.mark.parametrize(
    ("number", "rows"), [(150, 10), pytest.param(1500, 20, marks=(pytest.mark.slow, pytest.mark.timeout(600)))]
)
async def test_whatever_it_answers_everything_arrives(
    server: Server, store: Store, tmp_path: Path, number: int, rows: int
) -> None:
    spool, letters = await fed(store, tmp_path, number, rows, bad_every=97)
    bad = -(-number * rows // 97)
    assert set(server.asked) == set(server.moods)
    assert len(server.stored) == number * rows - bad
    assert all(len(values) == 1 for values in server.stored.values())  # sent twice it is the same
    refused = [line for letter in letters.read() for line in letter.rows.splitlines()]
    assert len(refused) == len(set(refused)) == bad
    assert all("bad" in line for line in refused)
    assert (spool.tally.stored.values, spool.tally.dead.values) == (number * rows - bad, bad)
    assert report(spool.folder, bodies=True).adds_up


@pytest.mark.parametrize("server", [("204",)], indirect=True)
async def test_one_bad_line_costs_its_4999_mates_nothing(server: Server, store: Store, tmp_path: Path) -> None:
    clock = SystemClock()
    began_s = clock.monotonic()
    spool, letters = await fed(store, tmp_path, 3, 5000, bad_every=5000)
    assert clock.monotonic() - began_s < 10
    assert len(server.stored) == 3 * 4999
    assert [len(letter.rows.splitlines()) for letter in letters.read()] == [1, 1, 1]
    assert (spool.tally.stored.values, spool.tally.dead.values) == (3 * 4999, 3)
