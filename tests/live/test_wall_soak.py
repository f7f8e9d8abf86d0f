"""A night on the wall: eight hours pass on its clock, and the browser holds no more than after the first half hour."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import CDPSession, expect

from noc.state import incidents
from tests.live.walled import Wall, walled

pytestmark = [pytest.mark.live, pytest.mark.slow]

log = logging.getLogger(__name__)

STEP_MS: Final = 30_000
"""In each the wall looks once at least: a second look waits for the answer of the first."""

WARM_STEPS: Final = 60
NIGHT_STEPS: Final = 8 * 3_600_000 // STEP_MS
NEWS_EVERY: Final = 10
HEAP_MAY_GROW: Final = 400_000
"""Bytes; what the browser itself keeps moves by as much between two looks. A leak of 1 kB a look would be 1 MB."""

NODES_MAY_GROW: Final = 300


@dataclass(frozen=True)
class Held:
    """What the browser holds after a collection of garbage. heap: bytes."""

    heap: int
    nodes: int
    listeners: int
    documents: int


async def _held(tools: CDPSession) -> Held:
    for _ in range(3):
        await tools.send("HeapProfiler.collectGarbage")
    heap, dom = await tools.send("Runtime.getHeapUsage"), await tools.send("Memory.getDOMCounters")
    return Held(round(heap["usedSize"]), dom["nodes"], dom["jsEventListeners"], dom["documents"])


async def _night(wall: Wall, steps: int) -> int:
    """Let steps pass, with news now and then; return how often the wall looked."""
    looks = [0]
    wall.page.on("requestfinished", lambda request: looks.__setitem__(0, looks[0] + request.url.endswith("/wall")))
    for step in range(steps):
        if step % NEWS_EVERY == 0:
            now_ms = wall.house.now_ms()
            news = await wall.house.open_incident("device/bangkok-rtr-1", "device-down", "critical", now_ms)
        elif step % NEWS_EVERY == NEWS_EVERY // 2:
            async with wall.house.database.write() as connection:
                await incidents.resolve(connection, news.id, wall.house.now_ms(), None)
            wall.house.hub.publish("incidents", {"id": news.id})
        async with wall.page.expect_request_finished(lambda request: request.url.endswith("/wall")):
            await wall.passes(STEP_MS)
    return looks[0]


@pytest.mark.timeout(1_800)
async def test_a_night_costs_nothing(tmp_path: Path) -> None:
    async with walled(tmp_path) as wall:
        tools = await wall.page.context.new_cdp_session(wall.page)
        await wall.page.evaluate("window.same = true")
        await _night(wall, WARM_STEPS)
        first = await _held(tools)
        looks = await _night(wall, NIGHT_STEPS)
        last = await _held(tools)
        log.info("after half an hour: %s; after eight hours more, %d looks: %s", first, looks, last)
        await expect(wall.page.locator(".wall-tile")).to_have_count(5)
        assert looks >= NIGHT_STEPS
        assert last.heap - first.heap < HEAP_MAY_GROW
        assert last.nodes - first.nodes < NODES_MAY_GROW
        assert last.listeners <= first.listeners + 5
        assert last.documents <= first.documents + 2
        assert await wall.page.evaluate("window.same") is True  # it was never loaded anew
        assert wall.said == []
