"""A site behind a satellite: 600 ms of round trip, 64 kbit/s each way, 5 % of packets lost on each way.

Once with a poller there, whose line is cut and comes back, and once without, polled over the line from the centre.
Real daemons, Mosquitto with TLS, Debian's snmpd. Figures are printed (`pytest -s`).
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from urllib.parse import urlencode

import pytest

from bench.polling_relay import Line
from tests.live.test_wan import incidents, nothing_lost, now
from tests.live.wan import Wan, wan

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(1200)]

SATELLITE = Line(0.6, loss=0.05, seed=1, bits_s=64_000)
DEVICES = 30
USUAL = "interval: 1s, stale_after: 15s, poll_interval: 5s"
CUT_S = 180
KNOWN_AFTER_S = 30.0
"""What is new is known again so soon after a line is back."""

FRESH_S = 25.0
"""A device that fails is known to be down: three results, five seconds apart, and their way."""

FAR_DEVICES = 10
WATCHED_S = 120
LIVENESS_S = 15
POLL_S = 60


def with_rhythm(network: Wan, wanted: str) -> None:
    for name in ("centre", "twin"):
        config = network.folder / name / "noc.yaml"
        text = config.read_text()
        assert USUAL in text
        config.write_text(text.replace(USUAL, wanted))


def known_after_s(network: Wan, up: int, timeout_s: float) -> float:
    """Return after how long the centre knows that so many devices are up."""
    begun_s = time.monotonic()
    network.until(lambda: network.up("centre") == up, f"{up} devices up", timeout_s)
    return time.monotonic() - begun_s


def numbers(network: Wan, token: str, measurement: str, field: str, begin: str, end: str) -> dict[str, list[float]]:
    """Return the numbers of each device that the centre has of a time."""
    found = {}
    for device in network.devices:
        asked = urlencode({"device": device, "measurement": measurement, "field": field, "from": begin, "to": end})
        url = f"http://127.0.0.1:8080/api/v1/series?{asked}"
        script = (
            "import urllib.request as r;"
            f"print(r.urlopen(r.Request('{url}', headers=dict(Authorization='Bearer {token}'))).read().decode())"
        )
        command = [*network.inside("centre"), sys.executable, "-c", script]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        found[device] = [value for one in json.loads(done.stdout)["items"] for value in one["values"]]
    return found


def test_a_poller_behind_a_satellite_is_heard_and_all_is_known_again_soon_after_a_cut() -> None:
    with wan(("a",), DEVICES, SATELLITE) as network:
        with_rhythm(network, "interval: 5s, stale_after: 40s, poll_interval: 60s")
        network.broker.start()
        for name in ("centre", "a"):
            network.start(name)
        network.until(lambda: network.up("centre") == DEVICES, "devices up", 300.0)
        network.wait(60)
        assert incidents(network, "centre") == set()
        network.cut("a")
        network.wait(CUT_S)
        waited, before = network.waiting("a"), network.lines["a"].counts()
        assert network.up("centre") == 0
        network.heal("a")
        healed_s = time.monotonic()
        live_s = known_after_s(network, DEVICES, KNOWN_AFTER_S)
        left = network.waiting("a")
        network.device_off("d3")  # whatever waits: what is new is known soon
        down_s = known_after_s(network, DEVICES - 1, FRESH_S + 10)
        network.device_on("d3")
        nothing_lost(network, "a", 300.0)
        drained_s = time.monotonic() - healed_s
        after = network.lines["a"].counts()
        carried = [late - early for early, late in zip(before["carried"], after["carried"], strict=True)]
        sys.stdout.write(
            f"\n{waited:.0f} frames waited; all was known after {live_s:.1f} s, when {left:.0f} still waited; a failure"
            f" was known after {down_s:.1f} s; all was stored after {drained_s:.0f} s; {carried} octets crossed\n"
        )
        assert left > waited / 2  # what is new went first
        assert down_s < FRESH_S


def test_the_centre_polls_over_a_satellite_and_misses_nothing() -> None:
    with wan((), FAR_DEVICES, SATELLITE) as network:
        with_rhythm(network, f"interval: {LIVENESS_S}s, stale_after: 90s, poll_interval: {POLL_S}s")
        config = network.folder / "centre" / "noc.yaml"
        config.write_text(config.read_text().replace("timeout: 300ms, retries: 1", "timeout: 2s, retries: 2"))
        network.start("centre")
        network.until(lambda: network.up("centre") == FAR_DEVICES, "devices up", 300.0)
        token = json.loads(network.noc("centre", "token", "add", "test", "--json"))["token"]
        begin, before = now(), network.lines["centre"].counts()["carried"]
        network.wait(WATCHED_S)
        after, end = network.lines["centre"].counts()["carried"], now()
        for one in network.devices[:3]:
            known = network.seconds("centre", f"device/{one}", begin, end)
            assert known["down"] == known["unreachable"] == known["unknown"] == 0.0, (one, known)
        assert incidents(network, "centre") == set()
        pings, polls, results = (
            numbers(network, token, measurement, field, begin, end)
            for measurement, field in (
                ("ping", "average_response_ms"),
                ("snmp", "uptime_s"),
                ("noc_poll", "result_code"),
            )
        )
    octets = [late - early for early, late in zip(before, after, strict=True)]
    sys.stdout.write(
        f"\n{octets} octets crossed in {WATCHED_S} s; {[len(one) for one in pings.values()]} pings of"
        f" {min(map(min, pings.values())):.0f} to {max(map(max, pings.values())):.0f} ms;"
        f" {[len(one) for one in polls.values()]} polls; results {results}\n"
    )
    for device in network.devices:
        assert len(pings[device]) >= WATCHED_S // LIVENESS_S - 1
        assert len(polls[device]) >= WATCHED_S // POLL_S - 1
        assert min(pings[device]) >= SATELLITE.round_trip_s * 1000
        assert not any(results[device])
