"""What a poller reckons of its line, beside what nftables counts: on a good line, a lossy one, and a quiet one."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.live.conftest import find_program
from tests.live.wan import Wan, wan

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(900)]

NEAR = 0.03
"""Of what crosses a line; a message or two is not weighed yet. What is lost on its way to the poller nobody at its end
sees: of one that loses packets it is some hundredths more."""

QUIET_S = 240
BUSY_S = 60
BUSY, QUIET = "interval: 1s, stale_after: 15s, poll_interval: 5s", "interval: 20s, stale_after: 90s, poll_interval: 60s"

COUNTER = """\
add table ip line
add chain ip line come { type filter hook prerouting priority -300; }
add chain ip line go { type filter hook postrouting priority 300; }
add rule ip line come iifname "wan" counter
add rule ip line go oifname "wan" counter
"""


class Counter:
    """Octets of IP that cross a poller's end of its line, both ways."""

    def __init__(self, network: Wan, poller: str) -> None:
        self._nft = [*network.inside(poller), find_program("nft", "nftables")]
        subprocess.run([*self._nft, "-f", "-"], input=COUNTER, text=True, check=True, timeout=30)

    def octets(self) -> int:
        text = subprocess.run([*self._nft, "-j", "list", "table", "ip", "line"], capture_output=True, check=True).stdout
        rules = [one["rule"] for one in json.loads(text)["nftables"] if "rule" in one]
        return sum(part["counter"]["bytes"] for rule in rules for part in rule["expr"] if "counter" in part)


@pytest.mark.parametrize(
    ("lost", "near", "rhythm", "watched_s"),
    [(0, NEAR, BUSY, BUSY_S), (5, NEAR + 0.05, BUSY, BUSY_S), (0, NEAR, QUIET, QUIET_S)],
    ids=["good", "lossy", "quiet"],
)
def test_a_poller_reckons_what_crosses_its_line(lost: int, near: float, rhythm: str, watched_s: int) -> None:
    with wan(("a",), 3) as network:
        config = network.folder / "centre" / "noc.yaml"
        assert BUSY in config.read_text()
        config.write_text(config.read_text().replace(BUSY, rhythm))
        line = Counter(network, "a")
        network.broker.start()
        for name in ("centre", "a"):
            network.start(name)
        network.until(lambda: network.up("centre") == 3, "devices up", 300.0)
        network.lossy("a", lost)
        begun, reckoned = line.octets(), network.metrics("a")["noc_poller_link_octets_total"]
        network.wait(watched_s)
        crossed = line.octets() - begun
        told = network.metrics("a")["noc_poller_link_octets_total"] - reckoned
        sys.stdout.write(f"\n{lost} % lost: {crossed} octets crossed, {told:.0f} reckoned: {told / crossed:.3f}\n")
        assert crossed > 10_000
        assert abs(told / crossed - 1) < near
