"""The pinger process, on loopback and into a network namespace where hosts fall silent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator

import pytest

from noc.wire.icmp import Burst, Pinger, PingerError
from tests.live.conftest import find_program
from tests.surroundings import leave_out

pytestmark = pytest.mark.live

HERE, THERE = "10.213.0.1", "10.213.0.2"


@pytest.fixture
async def pinger() -> AsyncIterator[Pinger]:
    pinger = Pinger()
    try:
        await pinger.start()
    except PingerError as error:
        leave_out("icmp", str(error))
    yield pinger
    await pinger.stop()


@pytest.fixture
def namespace() -> Iterator[str]:
    """A host of our own behind a virtual cable."""
    if os.geteuid() != 0:
        leave_out("network namespaces", "only root can make them")
    ip = find_program("ip", "iproute2")
    name = f"noc-test-{os.getpid()}"
    commands = [
        [ip, "netns", "add", name],
        [ip, "link", "add", "noctest0", "type", "veth", "peer", "name", "eth0", "netns", name],
        [ip, "addr", "add", f"{HERE}/30", "dev", "noctest0"],
        [ip, "link", "set", "noctest0", "up"],
        [ip, "-n", name, "addr", "add", f"{THERE}/30", "dev", "eth0"],
        [ip, "-n", name, "link", "set", "eth0", "up"],
    ]
    try:
        for command in commands:
            subprocess.run(command, check=True, capture_output=True)
        yield name
    finally:
        subprocess.run([ip, "link", "del", "noctest0"], check=False, capture_output=True)
        subprocess.run([ip, "netns", "del", name], check=False, capture_output=True)


def silence(name: str, silent: bool) -> None:
    setting = f"net.ipv4.icmp_echo_ignore_all={int(silent)}"
    subprocess.run(["ip", "netns", "exec", name, "sysctl", "-qw", setting], check=True, capture_output=True)


async def test_a_burst_tells_each_round_trip(pinger: Pinger) -> None:
    rtts = await pinger.burst(Burst("127.0.0.1", count=5, gap_s=0.01, timeout_s=1.0))
    assert len(rtts) == 5
    assert all(rtt is not None and 0.0 < rtt < 1.0 for rtt in rtts)


async def test_ipv6_answers_too(pinger: Pinger) -> None:
    assert None not in await pinger.burst(Burst("::1", count=2, gap_s=0.01, timeout_s=1.0))


async def test_many_devices_at_once_lose_nothing(pinger: Pinger) -> None:
    bursts = [
        pinger.burst(Burst(f"127.1.{number // 250}.{number % 250 + 1}", count=3, gap_s=0.05, timeout_s=2.0))
        for number in range(1000)
    ]
    answers = await asyncio.gather(*bursts)
    assert sum(rtt is None for rtts in answers for rtt in rtts) == 0


async def test_a_host_that_falls_silent_and_comes_back(pinger: Pinger, namespace: str) -> None:
    burst = Burst(THERE, count=3, gap_s=0.01, timeout_s=2.0)
    assert None not in await pinger.burst(burst)
    silence(namespace, True)
    assert await pinger.burst(burst) == (None, None, None)
    silence(namespace, False)
    assert None not in await pinger.burst(burst)


async def test_what_is_no_address_is_named(pinger: Pinger) -> None:
    with pytest.raises(PingerError, match="not-an-address"):
        await pinger.burst(Burst("not-an-address"))


async def test_a_pinger_that_is_killed_fails_its_bursts_and_comes_back(pinger: Pinger) -> None:
    process = pinger._process
    assert process is not None
    waiting = asyncio.create_task(pinger.burst(Burst("127.0.0.1", count=50, gap_s=0.2, timeout_s=1.0)))
    await asyncio.sleep(0)
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(PingerError):
        await waiting
    async with asyncio.timeout(30):
        while pinger._process is None or pinger._process is process:
            await asyncio.sleep(0.05)
    assert None not in await pinger.burst(Burst("127.0.0.1", count=1, timeout_s=1.0))


async def test_stop_leaves_no_process(pinger: Pinger) -> None:
    process = pinger._process
    assert process is not None
    await pinger.stop()
    assert process.returncode is not None
    with pytest.raises(PingerError, match="not running"):
        await pinger.burst(Burst("127.0.0.1"))


async def test_a_pinger_that_nobody_wants_has_no_process_until_somebody_does(pinger: Pinger) -> None:
    unwanted = Pinger(wanted=False)
    with pytest.raises(PingerError, match="not running"):
        await unwanted.burst(Burst("127.0.0.1", count=1))
    await unwanted.start()
    assert unwanted._process is None
    first, second = await asyncio.gather(*(unwanted.burst(Burst("127.0.0.1", count=1)) for _ in range(2)))
    assert first[0] is not None
    assert second[0] is not None
    await unwanted.stop()
