"""What is read of all recordings, held against another product's reading of them, with the shares that are aimed at.

That reading is an opinion: where it is wrong, bench/opinions.py says why, and those differences don't count.
"""

from __future__ import annotations

import pytest

from bench.librenms import Score, compare, expected
from bench.opinions import OPINIONS
from tests.live.conftest import RunningAgent
from tests.live.recorded import NAMES, RECORDINGS, need, poll
from tests.surroundings import LEFT_OUT

pytestmark = pytest.mark.live

AIMS = {
    "interfaces": 0.99,
    "names": 0.97,
    "states": 0.97,
    "counters": 0.97,
    "sensors": 0.90,
    "values": 0.95,
    "processors": 0.90,
    "usages": 0.95,
    "memory": 0.90,
    "bgp": 0.95,
    "version": 0.80,
    "serial": 0.80,
}
"""Part to the share of it that must agree."""

AT_LEAST = {"interfaces": 1000, "sensors": 1500, "processors": 150, "memory": 100, "bgp": 80, "serial": 30}
"""Part to how many things there must be to compare: an empty comparison proves nothing."""


def test_what_is_aimed_at_is_read(snmpsim: RunningAgent) -> None:
    if RECORDINGS.root is None:
        LEFT_OUT["the aims over all recordings"] = "NOC_RECORDINGS is not set"
        pytest.skip("NOC_RECORDINGS is not set")
    sums: dict[str, Score] = {}
    for name in NAMES:
        tables = expected(RECORDINGS.root, name)
        if tables is not None:
            for part, score in compare(name, poll(name, snmpsim.port).taken, tables).items():
                sums.setdefault(part, Score()).add(score)
    short = {
        part: (f"{sums[part].right} of {sums[part].expected}", sums[part].misses[:10])
        for part, aim in AIMS.items()
        if sums[part].right < aim * sums[part].expected
    }
    assert short == {}
    few = {part: sums[part].expected for part, least in AT_LEAST.items() if sums[part].expected < least}
    assert few == {}


@pytest.mark.parametrize("name", sorted({name for name, _ in OPINIONS}))
def test_every_opinion_is_about_something_that_is_expected(name: str) -> None:
    need(name)
    if RECORDINGS.root is None:
        pytest.skip("NOC_RECORDINGS is not set")
    text = str(expected(RECORDINGS.root, name))
    for part in (part for recording, part in OPINIONS if recording == name):
        told = part.split()[-1]
        assert told in text or part in ("version", "serial", "model"), part
