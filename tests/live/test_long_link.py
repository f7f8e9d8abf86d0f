"""A link to a broker over a round trip of 600 ms: few round trips until it is in use, and no waiting for a dead one."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.polling_relay import Line
from noc.bus import topics
from noc.bus.topics import OF_POLLERS
from noc.wire.errors import WireError
from noc.wire.mqtt import UNANSWERED_AT_MOST_S, Broker, Publication, linked
from tests.live.conftest import find_program
from tests.live.delay_line import DelayLine
from tests.live.mosquitto import OwnBroker
from tests.live.test_delay_line import BOTH_WAYS_S, NAMES, THERE, ends

pytestmark = pytest.mark.live

PORT = 8883
FAR = Line(BOTH_WAYS_S)
CUT = Line(BOTH_WAYS_S, loss=1.0)


@contextmanager
def far_broker() -> Iterator[tuple[DelayLine, Broker]]:
    """Run Mosquitto with TLS at the far end of a line, and yield how the centre would connect."""
    with ends(FAR) as laid, tempfile.TemporaryDirectory(prefix="nocfar", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        inside = [find_program("ip", "iproute2"), "netns", "exec", NAMES[1]]
        far = OwnBroker(Path(folder), (THERE,), PORT, inside)
        far.write()
        far.start()
        try:
            yield laid, far.centre()
        finally:
            far.stop()


async def test_a_link_with_many_filters_is_there_after_few_round_trips() -> None:
    filters = [topics.of_poller(name, word) for name in ("a", "b", "c") for word in OF_POLLERS]
    assert len(filters) > 8
    with far_broker() as (_, broker):
        begun_s = time.monotonic()
        async with linked(broker, filters) as link:
            took_s = time.monotonic() - begun_s
            await link.publish(Publication(filters[-1], b"heard"))
            async with asyncio.timeout(10):
                assert (await anext(link.heard())).body == b"heard"
    # TCP, TLS, CONNECT and SUBSCRIBE; one more round trip is room for a busy machine.
    assert 4 * BOTH_WAYS_S <= took_s < 7 * BOTH_WAYS_S


@pytest.mark.slow
async def test_a_link_whose_line_is_cut_ends_before_a_minute_has_passed() -> None:
    with far_broker() as (laid, broker):
        async with asyncio.timeout(100):
            async with linked(broker, [], keepalive_s=60) as link:
                await link.publish(Publication(topics.of_poller("a", "presence"), b"here"))
                laid.become(CUT)
                begun_s = time.monotonic()
                lost = asyncio.create_task(anext(link.heard()))
                waits = asyncio.create_task(link.publish(Publication(topics.of_poller("a", "presence"), b"here"), 40))
                with pytest.raises(WireError):
                    await lost
                took_s = time.monotonic() - begun_s
                with pytest.raises(WireError):
                    await waits
    assert took_s < UNANSWERED_AT_MOST_S + 10
