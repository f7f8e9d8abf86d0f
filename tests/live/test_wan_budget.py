"""A poller whose line has a budget of octets comes back from a cut: what is new stays new, the backlog takes the rest.

nftables count all that crosses its end of the line: connection, plan, presences, frames, acknowledgements, headers.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

import pytest

from tests.live.test_wan import nothing_lost
from tests.live.test_wan_octets import Counter
from tests.live.wan import GROUP, Wan, wan

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(1200)]

RATE = 1_300
"""Octets a second; three devices asked each second take about 700 of them."""

BUCKET_S = 60
"""What wasn't used in the last minute may be used at once."""

CUT_S = 180
FRESH_S = 15.0
"""A device that fails is known to be down after three results, whatever waits."""

NEAR = 0.05


@dataclass(frozen=True)
class Seen:
    """At a moment: octets that had crossed, and frames that waited."""

    at_s: float
    octets: int
    waiting: float


def with_budget(network: Wan) -> None:
    path = network.folder / "centre" / "noc.yaml"
    group = GROUP.replace("scope: [region/west]", f"scope: [region/west], budget: {RATE * 3_600}")
    path.write_text(path.read_text().replace(GROUP, group))
    assert "budget" in path.read_text()


def known_after_s(network: Wan, up: int) -> float:
    """Return after how long the centre knows that so many devices are up."""
    begun_s = time.monotonic()
    network.until(lambda: network.up("centre") == up, f"{up} devices up", FRESH_S + 10)
    return time.monotonic() - begun_s


def drained(network: Wan, line: Counter) -> tuple[list[Seen], list[float]]:
    """Watch until the backlog is stored; return what was seen, and how soon news of a device were known meanwhile."""
    seen: list[Seen] = []
    news: list[float] = []
    until_s = time.monotonic() + 600
    while not seen or seen[-1].waiting > 2:
        assert time.monotonic() < until_s, f"the backlog doesn't end: {seen[-1]} {network.logs()}"
        network.wait(1)
        seen.append(Seen(time.monotonic(), line.octets(), network.waiting("a")))
        if len(news) < 2 and seen[-1].at_s - seen[0].at_s > 15:
            (network.device_on if news else network.device_off)("d2")
            news.append(known_after_s(network, 2 + len(news)))
            assert network.waiting("a") > 10, "nothing waits any more: more has to be cut off"
    return seen, news


def test_a_backlog_takes_what_the_budget_leaves_and_what_is_new_stays_new() -> None:
    with wan(("a",), 3) as network:
        with_budget(network)
        line = Counter(network, "a")
        network.broker.start()
        for name in ("centre", "a"):
            network.start(name)
        network.until(lambda: network.up("centre") == 3, "devices up", 300.0)
        told = network.metrics("a")["noc_poller_link_octets_total"]
        plan = network.folder / "a" / "state" / "plan.sealed"
        assert told > plan.stat().st_size
        network.cut("a")
        network.wait(CUT_S)
        network.heal("a")
        network.until(lambda: network.up("centre") == 3, "devices up", 120.0)
        seen, news = drained(network, line)
        nothing_lost(network, "a")
        crossed, told = line.octets(), network.metrics("a")["noc_poller_link_octets_total"]
    first = seen[0]
    paced = [one for one in seen if one.at_s - first.at_s > 10]
    took_s = paced[-1].at_s - paced[0].at_s
    rate = (paced[-1].octets - paced[0].octets) / took_s
    sys.stdout.write(
        f"\n{first.waiting:.0f} frames waited; for {took_s:.0f} s {rate:.0f} octets a second crossed of {RATE};"
        f" news were known after {', '.join(f'{one:.1f}' for one in news)} s;"
        f" {told:.0f} octets reckoned, {crossed} crossed: {told / crossed:.3f}\n"
    )
    for one in seen:
        sys.stdout.write(f"{one.at_s - first.at_s:.1f} s {one.octets - first.octets} {one.waiting:.0f}\n")
    assert max(news) < FRESH_S
    assert abs(rate / RATE - 1) < NEAR
    assert abs(told / crossed - 1) < 0.03
    for one in seen:
        assert one.octets - first.octets <= RATE * (BUCKET_S + one.at_s - first.at_s) * (1 + NEAR)
