"""`noc run` for real: Debian's snmpd is watched, goes away and comes back; the daemon is killed, and reloads."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.live.house import House, noc

pytestmark = pytest.mark.live


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


def test_a_device_goes_down_and_comes_back_and_the_ledger_says_when(house: House) -> None:
    house.agent_on()
    house.start()
    house.until(lambda: house.statuses() == ["up"], "the device to be up")
    house.agent_off()
    house.until(lambda: house.statuses() == ["up", "down"], "the device to be down")
    house.agent_on()
    house.until(lambda: house.statuses() == ["up", "down", "up"], "the device to be up again")
    assert house.stop(signal.SIGTERM) == 0
    up, down, again = house.ledger()
    assert down.decided_ms - down.since_ms >= 2 * 400  # three failures, half a second apart, dated back to the first
    assert [ok for time, ok in down.results if time >= down.since_ms] == [False] * 3
    assert up.since_ms < down.since_ms < again.since_ms
    assert {change.poller for change in (up, down, again)} == {"test-poller"}
    assert {change.check for change in (up, down, again)} == {"uptime"}


def test_the_ledger_can_be_read_and_a_changed_record_is_named(house: House) -> None:
    house.agent_on()
    house.start()
    house.until(lambda: house.statuses() == ["up"], "the device to be up")
    assert house.stop(signal.SIGTERM) == 0
    listed = json.loads(noc(house, "ledger", "list", "--json").stdout)
    assert [(row["record"], row["entity"], row["status"]) for row in listed] == [(1, "device/agent", "up")]
    assert "device/agent" in noc(house, "ledger", "list").stdout
    whole = noc(house, "ledger", "verify", "--json")
    assert (whole.returncode, json.loads(whole.stdout)["whole"]) == (0, True)
    with sqlite3.connect(house.folder / "state" / "noc.db") as connection:
        connection.execute("DROP TRIGGER ledger_no_update")
        connection.execute("UPDATE ledger SET body = replace(body, '\"up\"', '\"down\"')")
    connection.close()
    broken = noc(house, "ledger", "verify")
    assert broken.returncode == 1
    assert "broken at record 1" in broken.stderr


def test_a_daemon_that_is_killed_goes_on_and_tells_nothing_twice(house: House) -> None:
    house.agent_on()
    house.start()
    house.until(lambda: house.statuses() == ["up"], "the device to be up")
    house.stop(signal.SIGKILL)
    house.start()
    house.until(lambda: house.said("watching 1 devices"), "the daemon to be back")
    house.agent_off()
    house.until(lambda: house.statuses()[-1] == "down", "the device to be down")
    assert house.stop(signal.SIGTERM) == 0
    statuses = house.statuses()
    # Between the kill and the restart nobody looked: that time may be unknown, it is never told as a second "up".
    assert statuses[0] == "up"
    assert [status for status in statuses if status != "unknown"] in (["up", "down"], ["up", "up", "down"])
    assert all(earlier != later for earlier, later in pairwise(statuses))


def test_a_reload_takes_up_new_devices_and_a_broken_file_changes_nothing(house: House) -> None:
    house.agent_on()
    house.start()
    house.until(lambda: house.statuses() == ["up"], "the device to be up")
    assert house.daemon is not None
    house.inventory("  broken: {site: nowhere, address: 127.0.0.3, class: server}\n")
    house.daemon.send_signal(signal.SIGHUP)
    house.until(lambda: house.said("nothing was changed"), "the broken file to be refused")
    assert house.said("unknown site 'nowhere'")
    house.inventory("  spare: {site: loopback, address: 127.0.0.4, class: server, liveness: tcp:1}\n")
    house.daemon.send_signal(signal.SIGHUP)
    house.until(lambda: house.said("reloaded: 1 devices are new"), "the reload")
    house.until(lambda: house.statuses("device/spare") == ["down"], "the new device to be judged")
    assert house.statuses() == ["up"]
    assert house.stop(signal.SIGINT) == 0


def test_a_daemon_that_can_not_start_says_why(house: House) -> None:
    (house.folder / "community").unlink()
    program = [sys.executable, "-c", "from noc.cli import main; main()", "run", "-c", str(house.folder / "noc.yaml")]
    done = subprocess.run(program, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "noc.yaml:3" in done.stderr
    assert "community" in done.stderr
