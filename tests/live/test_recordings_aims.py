"""What is read of all recordings, held against another product's reading of them, with the shares that are aimed at.

That reading is an opinion: where it is wrong, bench/opinions.py says why, and those differences don't count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from bench.librenms import Score, compare, expected
from bench.opinions import OPINIONS
from tests.live.conftest import RunningAgent
from tests.live.recorded import NAMES, RECORDINGS, need, poll
from tests.surroundings import LEFT_OUT

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]
"""The first test waits until all recordings are polled: 20 s of work, and much longer where the machine is busy."""

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

LEAST = {
    "router": 2000,
    "switch": 3500,
    "firewall": 2000,
    "satellite-modem": 150,
    "video": 150,
    "microwave": 400,
    "radio": 150,
    "ups": 200,
    "server": 800,
    "storage": 150,
    "tape-library": 80,
    "pabx": 60,
    "other": 300,  # power distribution, generators, environment
}
"""Class of device to how many things there must be to compare: an empty comparison proves nothing."""

FAMILIES = Path(__file__).parents[2] / "docs" / "recordings.md"


@pytest.fixture(scope="session")
def port(snmpsim: RunningAgent) -> int:
    """Where the recordings are served; a test that needs them all is skipped without them."""
    if RECORDINGS.root is None:
        LEFT_OUT["the aims over all recordings"] = "NOC_RECORDINGS is not set"
        pytest.skip("NOC_RECORDINGS is not set")
    return snmpsim.port


@pytest.fixture(scope="session")
def scores(port: int) -> Mapping[str, Mapping[str, Score]]:
    """What agrees, by noc's class of the device, then by part. All recordings are polled, once."""
    assert RECORDINGS.root is not None
    found: dict[str, dict[str, Score]] = {}
    for name in NAMES:
        tables = expected(RECORDINGS.root, name)
        if tables is not None:
            taken = poll(name, port).taken
            of_class = found.setdefault(taken.device.device_class or "other", {})
            for part, score in compare(name, taken, tables).items():
                of_class.setdefault(part, Score()).add(score)
    return found


@pytest.mark.parametrize("device_class", LEAST)
def test_what_is_aimed_at_is_read_of_each_class(device_class: str, scores: Mapping[str, Mapping[str, Score]]) -> None:
    parts = scores.get(device_class, {})
    short = [
        f"{device_class}: {part} {score.right} of {score.expected}, aim {AIMS[part]:.0%}: " + "; ".join(score.misses)
        for part, score in parts.items()
        if part in AIMS and score.right < AIMS[part] * score.expected
    ]
    assert short == [], "\n".join(short)
    assert sum(score.expected for score in parts.values()) >= LEAST[device_class]


def test_no_class_goes_without_an_aim(scores: Mapping[str, Mapping[str, Score]]) -> None:
    assert set(scores) == set(LEAST)


def test_the_families_that_are_said_to_be_proved_are_read_of_a_recording(port: int) -> None:
    table = FAMILIES.read_text().partition("## What is proved")[2]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| ")]
    proved = {name for row in rows for name in re.findall(r"`([\w-]+)`", row[2])}
    assert {poll(name, port).taken.device.profile for name in NAMES} - {"generic"} == proved


@pytest.mark.parametrize("name", sorted({name for name, _ in OPINIONS}))
def test_every_opinion_is_about_something_that_is_expected(name: str) -> None:
    need(name)
    if RECORDINGS.root is None:
        pytest.skip("NOC_RECORDINGS is not set")
    text = str(expected(RECORDINGS.root, name))
    for part in (part for recording, part in OPINIONS if recording == name):
        told = part.split()[-1]
        assert told in text or part in ("version", "serial", "model"), part
