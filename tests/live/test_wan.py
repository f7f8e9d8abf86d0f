"""Pollers across a line that fails, beside a twin that nothing keeps from looking: in the end both know the same.

The whole thing: the real daemon, real pollers, a real Mosquitto by `noc broker config`, network namespaces, devices
that answer ICMP and SNMP. Figures are printed (`pytest -s`).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from noc.availability.times import format_time
from noc.clock import SystemClock
from noc.model.instants import to_ms
from tests.live.wan import Wan, wan

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(900)]

CLOSE_S = 2.5
"""Between two results there is a second, and two who look don't look at the same moment; of an outage there are two."""

RESTATED_S = 240.0
"""Late evidence rests until nothing hangs together with it any more."""


def now() -> str:
    return format_time(to_ms(SystemClock().now()) // 1000 * 1000)


@contextmanager
def all_running(pollers: tuple[str, ...], devices: int, ahead_s: Mapping[str, float] | None = None) -> Iterator[Wan]:
    """Run everything until all devices are up, for the centre as for the twin. ahead_s: of clocks that are off."""
    with wan(pollers, devices) as network:
        network.ahead_s |= ahead_s or {}
        network.broker.start()
        for name in ("centre", "twin", *pollers):
            network.start(name)
        network.until(lambda: network.up("centre") == network.up("twin") == devices, "devices up", 300.0)
        yield network


def all_equal(
    network: Wan,
    begin: str,
    end: str,
    *,
    unknown_s: float = 0.0,
    outages: Mapping[str, int] | None = None,
    devices: Sequence[str] = (),
) -> None:
    """Wait until the centre knows what the twin knows, but for so many seconds that nobody saw.

    outages: of each device that had more than one. devices: that are asked after; none: all.
    """
    outages = outages or {}
    devices = devices or network.devices
    true = {one: network.seconds("twin", f"device/{one}", begin, end) for one in devices}
    known: dict[str, Mapping[str, float]] = {}

    def same() -> bool:
        for one in devices:
            known[one] = network.seconds("centre", f"device/{one}", begin, end)
        return all(_close(known[one], true[one], unknown_s, outages.get(one, 1)) for one in network.devices)

    network.until(same, lambda: f"equality of {known} and {true}", RESTATED_S)
    away_s = {one: round(known[one]["down"] - true[one]["down"], 3) for one in devices}
    sys.stdout.write(f"\nseconds down at the centre more than at the twin: {away_s}\n")


def _close(known: Mapping[str, float], true: Mapping[str, float], unknown_s: float, outages: int) -> bool:
    unseen = known["unknown"]
    near = all(abs(known[word] - true[word]) <= CLOSE_S * outages + unseen for word in ("up", "down"))
    return near and unseen <= unknown_s + CLOSE_S


def nothing_lost(network: Wan, poller: str, timeout_s: float = 120.0) -> None:
    """Wait until a poller's spool is empty; what was found and given was stored then, and nothing else became of it."""
    network.until(lambda: network.waiting(poller) <= 1, f"end of the backlog of {poller}", timeout_s)
    told = network.metrics(poller)
    count = {
        word: told[f'noc_poller_spool_entries{{what="{word}"}}']
        for word in ("found", "given", "stored", "shed", "dead", "queued")
    }
    assert count["found"] + count["given"] == count["stored"] + count["queued"], count
    assert count["shed"] == count["dead"] == 0


def incidents(network: Wan, name: str) -> set[tuple[str, str]]:
    told = json.loads(network.noc(name, "incident", "list", "--state", "all", "--json", codes=(0, 1)))
    return {(one["entity"], one["rule"]) for one in told}


def open_incidents(network: Wan, name: str) -> set[str]:
    told = json.loads(network.noc(name, "incident", "list", "--json", codes=(0, 1)))
    return {one["rule"] for one in told}


def test_a_line_that_is_cut_for_a_minute_costs_no_second() -> None:
    with all_running(("a",), 3) as network:
        begin = now()
        network.wait(5)
        network.cut("a")
        network.wait(10)
        network.device_off("d2")
        network.wait(25)
        network.device_on("d2")
        network.wait(25)
        assert network.pollers_now()["a"]["state"] == "gone"
        network.heal("a")
        healed = datetime.now(UTC)
        nothing_lost(network, "a")
        drained_s = (datetime.now(UTC) - healed).total_seconds()
        network.wait(5)
        end = now()
        all_equal(network, begin, end)
        # One incident about the poller, and none about what nobody saw; nobody is paged about what was long ago.
        assert incidents(network, "centre") == {("poller/a", "poller-blind")}
        assert incidents(network, "twin") == {("device/d2", "device-down")}
    sys.stdout.write(f"\na minute's backlog was stored {drained_s:.0f} s after the line was back\n")


def test_a_broker_that_is_killed_costs_no_second_and_calls_nobody() -> None:
    with all_running(("a",), 3) as network:
        begin = now()
        for _ in range(3):
            network.broker.kill()
            network.wait(3)
            network.broker.start()
            network.wait(12)
        nothing_lost(network, "a")
        end = now()
        all_equal(network, begin, end)
        assert incidents(network, "centre") == set()


def test_a_poller_that_is_killed_loses_only_what_it_could_not_see() -> None:
    with all_running(("a",), 3) as network:
        begin = now()
        network.cut("a")  # so that there is something on its disk
        network.wait(15)
        network.kill("a")
        network.wait(3)
        network.start("a")
        network.until(lambda: network.waiting("a") < 1e6, "poller again")
        network.heal("a")
        nothing_lost(network, "a")
        assert network.metrics("a")['noc_poller_spool_entries{what="found"}'] > 0
        network.wait(10)
        end = now()
        all_equal(network, begin, end, unknown_s=25.0)


def test_a_poller_that_is_killed_is_stood_in_for() -> None:
    with all_running(("a", "b"), 6) as network:
        network.until(lambda: _devices(network, "a") + _devices(network, "b") == 6, "shares")
        begin = now()
        network.wait(5)
        network.kill("a")
        died = datetime.now(UTC)
        network.until(lambda: _devices(network, "b") == 6, "takeover")
        took_s = (datetime.now(UTC) - died).total_seconds()
        network.wait(5)
        network.start("a")
        network.until(
            lambda: _devices(network, "a") + _devices(network, "b") == 6 and _devices(network, "a") > 0, "share"
        )
        network.wait(10)
        end = now()
        nothing_lost(network, "b")
        all_equal(network, begin, end)
        assert ("poller/b", "poller-blind") not in incidents(network, "centre")
    sys.stdout.write(f"\nanother had all devices {took_s:.1f} s after a poller was killed\n")


def test_a_thin_and_lossy_line_carries_it_all() -> None:
    with all_running(("a",), 3) as network:
        network.slow("a")
        network.lossy("a", 5)
        begin, octets, told = now(), network.octets("a"), network.metrics("a")
        network.wait(60)
        crossed = network.octets("a") - octets
        reckoned = network.metrics("a")["noc_poller_link_octets_total"] - told["noc_poller_link_octets_total"]
        nothing_lost(network, "a")
        end = now()
        all_equal(network, begin, end)
        assert 0.5 < reckoned / crossed < 2.0
        assert incidents(network, "centre") == set()
    sys.stdout.write(
        f"\n{crossed / 60:.0f} octets a second crossed for 3 devices, the poller reckoned {reckoned / 60:.0f}\n"
    )


def test_a_line_that_comes_back_thin_and_lossy_brings_what_waited() -> None:
    with all_running(("a",), 3) as network:
        begin = now()
        network.cut("a")
        network.wait(60)
        network.device_off("d2")
        network.wait(30)
        network.device_on("d2")
        network.wait(90)
        waiting, octets = network.waiting("a"), network.octets("a")
        network.slow("a")
        network.lossy("a", 5)
        healed = datetime.now(UTC)
        network.until(lambda: network.up("centre") == 3, "devices up again", 120.0)
        live_s = (datetime.now(UTC) - healed).total_seconds()
        nothing_lost(network, "a", 300.0)
        drained_s = (datetime.now(UTC) - healed).total_seconds()
        crossed = network.octets("a") - octets
        sys.stdout.write(
            f"\n{waiting:.0f} frames waited; by 64 kbit/s and a loss of 5 % all was known again after {live_s:.0f} s"
            f" and stored after {drained_s:.0f} s; {crossed} octets crossed\n"
        )
        network.wait(5)
        end = now()
        all_equal(network, begin, end)
        assert incidents(network, "centre") == {("poller/a", "poller-blind")}


def test_a_broker_that_is_away_is_told_once() -> None:
    with all_running(("a",), 2) as network:
        begin = now()
        ours = ("poller/centre", "pollers-unheard")
        network.broker.kill()
        network.until(lambda: ours in incidents(network, "centre"), "word that pollers aren't heard", 150.0)
        assert incidents(network, "centre") == {ours}  # and not one about what nobody hears of
        network.broker.start()
        network.until(lambda: network.pollers_now()["a"]["state"] == "here", "the poller again", 120.0)
        nothing_lost(network, "a")
        network.until(lambda: not open_incidents(network, "centre"), "the end of it", 120.0)
        end = now()
        all_equal(network, begin, end)
        assert incidents(network, "centre") == {ours}


@pytest.mark.parametrize("ahead_s", [90, -90])
def test_a_clock_that_is_off_is_put_right_and_told(ahead_s: int) -> None:
    with all_running(("a",), 2, {"a": ahead_s}) as network:
        begin = now()
        network.wait(5)
        network.device_off("d2")
        network.wait(20)
        network.device_on("d2")
        network.wait(10)
        network.cut("a")
        network.wait(20)
        network.heal("a")
        network.until(lambda: network.pollers_now()["a"]["state"] == "here", "the poller again", 120.0)
        nothing_lost(network, "a")
        end = now()
        all_equal(network, begin, end)
        assert incidents(network, "centre") == incidents(network, "twin") == {("device/d2", "device-down")}
        offset_ms = network.pollers_now()["a"]["offset_ms"]
        assert isinstance(offset_ms, int | float)
        assert abs(offset_ms - ahead_s * 1000) < 1000
        measured_s = network.metrics("centre")['noc_poller_clock_ahead_seconds{poller="a"}']
        assert abs(measured_s - ahead_s) < 1
        told = network.noc("centre", "explain", "device/d2", "--from", begin, "--to", end, "--json")
        said = [float(text) for text in re.findall(r"clock ([+-][0-9.]+) s, corrected", told)]
        assert said, told
        assert all(abs(one - ahead_s) < 1 for one in said), said
        logs = "".join(path.read_text() for path in (network.folder / "centre").glob("log-*"))
        assert "its clock is off by " in logs


def test_an_identity_from_before_is_worth_nothing() -> None:
    with all_running(("a",), 2) as network:
        old = (network.folder / "a" / "identity.json").read_bytes()
        network.enrol("a", "--force")
        network.broker.reread()
        network.kill("a")
        new = (network.folder / "a" / "identity.json").read_bytes()
        (network.folder / "a" / "identity.json").write_bytes(old)
        network.start("a")
        network.until(lambda: "not authorised" in network.logs().lower(), "refusal at the broker")
        network.kill("a")
        (network.folder / "a" / "identity.json").write_bytes(new)
        network.start("a")
        network.until(lambda: network.pollers_now()["a"]["state"] == "here", "poller by its new identity")
        network.until(lambda: network.up("centre") == 2, "devices up")


def test_two_machines_with_one_identity_are_silenced_and_told() -> None:
    with wan(("a", "b"), 2) as network:
        network.broker.start()
        network.start("centre")
        network.start("a")
        network.until(lambda: network.up("centre") == 2, "devices up", 300.0)
        (network.folder / "b" / "identity.json").write_bytes((network.folder / "a" / "identity.json").read_bytes())
        network.start("b")
        network.until(lambda: network.pollers_now()["a"]["state"] == "quarantined", "quarantine", 120.0)
        network.until(lambda: ("poller/a", "poller-cloned") in incidents(network, "centre"), "incident", 120.0)
        assert not {entity for entity, _ in incidents(network, "centre")} - {"poller/a"}
        network.kill("b")
        network.noc("centre", "pollers", "release", "a")
        network.until(lambda: network.pollers_now()["a"]["state"] == "here", "release", 120.0)
        network.until(lambda: network.up("centre") == 2, "devices up again", 120.0)


def _devices(network: Wan, poller: str) -> int:
    return int(network.metrics(poller).get("noc_poller_devices", 0))
