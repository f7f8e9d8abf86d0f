"""The long line itself: it takes its time, carries so much, and loses what it is told to."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from bench.polling_relay import Line
from tests.live.conftest import find_program
from tests.live.delay_line import DelayLine, Way, delay_line

pytestmark = pytest.mark.live

HERE, THERE, PORT = "198.18.250.1", "198.18.250.2", 7007
PACKET = b"x" * 972
ON_LINE = 1_000  # with IP and UDP
NAMES = ("nocdelay-a", "nocdelay-b")
BOTH_WAYS_S = 0.6


@contextmanager
def ends(line: Line) -> Iterator[DelayLine]:
    """Lay a line from here to a second address that is here too, by a rule of routing for what comes from there."""
    ip = find_program("ip", "iproute2")
    with delay_line(NAMES, line) as laid:
        subprocess.run([ip, "netns", "add", NAMES[1]], check=True)
        try:
            for command in (
                f"link set {NAMES[1]} netns {NAMES[1]}",
                f"addr add {HERE}/30 dev {NAMES[0]}",
                f"link set {NAMES[0]} up",
                f"-n {NAMES[1]} addr add {THERE}/30 dev {NAMES[1]}",
                f"-n {NAMES[1]} link set {NAMES[1]} up",
            ):
                subprocess.run([ip, *command.split()], check=True)
            yield laid
        finally:
            subprocess.run([ip, "netns", "del", NAMES[1]], check=False)


def refused_after_s() -> float:
    """Return after how long the other end says that nobody listens there."""
    begun_s = time.monotonic()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((THERE, PORT), timeout=20)
    return time.monotonic() - begun_s


def test_a_long_line_takes_its_time_both_ways_and_carries_so_much() -> None:
    with ends(Line()) as laid, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        assert refused_after_s() < BOTH_WAYS_S
        thin = Line(BOTH_WAYS_S, bits_s=64_000, queue_s=2.0)
        laid.become(thin)
        took_s = min(refused_after_s() for _ in range(2))
        assert BOTH_WAYS_S <= took_s < BOTH_WAYS_S + 0.3
        before = laid.counts()
        for _ in range(60):
            out.sendto(PACKET, (THERE, PORT))
        assert refused_after_s() > BOTH_WAYS_S + 1.5  # behind two seconds of them
        after = laid.counts()
        carried = (after["carried"][0] - before["carried"][0]) // ON_LINE
        assert 16 <= carried <= 24  # a queue of two seconds, the one that makes it full, and what goes meanwhile
        assert after["full"][0] >= 60 - carried
        laid.become(replace(thin, loss=1.0))
        out.sendto(PACKET, (THERE, PORT))
        with pytest.raises(TimeoutError):
            socket.create_connection((THERE, PORT), timeout=1.5)
        assert laid.counts()["lost"][0] >= 2


def test_a_way_keeps_order_and_loses_by_its_dice() -> None:
    line = Line(1.0, loss=0.25, seed=7, bits_s=80_000, queue_s=100.0)
    ways = [Way(line, 0), Way(line, 0), Way(line, 1)]
    packets = [bytes([number]) * 100 for number in range(200)]  # of 10 ms each
    for way in ways:
        for packet in packets:
            way.give(packet, 50.0)
    assert list(ways[0].arrived(50.5)) == []  # the last octet goes 10 ms later
    found = [list(way.arrived(60.0)) for way in ways]
    assert found[0] == found[1] != found[2]
    assert found[0] == sorted(found[0])
    assert 0.15 < ways[0].lost / len(packets) < 0.35
    assert len(found[0]) + ways[0].lost == len(packets)
    first = Way(line, 1)
    first.give(packets[0], 0.0)
    at_s = first.next_s()
    assert at_s is None or at_s == pytest.approx(0.51)
