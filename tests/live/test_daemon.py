"""`noc run` for real: Debian's snmpd is watched, goes away and comes back; the daemon is killed, and reloads."""

from __future__ import annotations

import json
import re
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from tests.live.house import House, noc

pytestmark = pytest.mark.live

V3 = """{snmp: {version: 3, user: alice, auth: SHA-256, auth_key: !secret file:auth, \
priv: AES-128, priv_key: !secret file:priv}}"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


def test_a_device_goes_down_and_comes_back_and_the_ledger_says_when(house: House) -> None:
    house.agent_on()
    house.start()
    house.until(lambda: house.verdicts() == ["up"], "the device to be up")
    house.agent_off()
    house.until(lambda: house.verdicts() == ["up", "down"], "the device to be down")
    house.agent_on()
    house.until(lambda: house.verdicts() == ["up", "down", "up"], "the device to be up again")
    assert house.stop(signal.SIGTERM) == 0
    changes = [change for change in house.ledger() if change.status != "unknown"]
    number = [change.status for change in changes].index("down")
    up, down, again = changes[number - 1 : number + 2]
    assert down.decided_ms - down.since_ms >= 2 * 400  # three failures, half a second apart, dated back to the first
    assert [ok for time, ok in down.results if time >= down.since_ms] == [False] * 3
    assert up.since_ms < down.since_ms < again.since_ms
    assert {change.poller for change in (up, down, again)} == {"test-poller"}
    assert {change.check for change in (up, down, again)} == {"uptime"}


def test_the_ledger_can_be_read_and_a_changed_record_is_named(house: House) -> None:
    house.agent_on()
    house.start()
    house.until(lambda: house.verdicts() == ["up"], "the device to be up")
    assert house.stop(signal.SIGTERM) == 0
    listed = json.loads(noc(house, "ledger", "list", "--json").stdout)
    assert [(row["record"], row.get("kind", row.get("status"))) for row in listed[:2]] == [(1, "policy"), (2, "up")]
    assert "device/agent" in noc(house, "ledger", "list").stdout
    whole = noc(house, "ledger", "verify", "--json")
    assert (whole.returncode, json.loads(whole.stdout)["whole"]) == (0, True)
    with sqlite3.connect(house.folder / "state" / "noc.db") as connection:
        connection.execute("DROP TRIGGER ledger_no_update")
        connection.execute("UPDATE ledger SET body = replace(body, '\"up\"', '\"down\"') WHERE seq = 2")
    connection.close()
    broken = noc(house, "ledger", "verify")
    assert broken.returncode == 1
    assert "broken at record 2" in broken.stderr


def test_a_daemon_that_is_killed_goes_on_and_tells_nothing_twice(house: House) -> None:
    house.agent_on()
    house.start()
    house.until(lambda: house.verdicts() == ["up"], "the device to be up")
    house.stop(signal.SIGKILL)
    house.start()
    house.until(lambda: house.said("watching 1 device"), "the daemon to be back")
    house.agent_off()
    house.until(lambda: house.statuses()[-1] == "down", "the device to be down")
    assert house.stop(signal.SIGTERM) == 0
    statuses = house.statuses()
    # Between the kill and the restart nobody looked: that time may be unknown, it is never told as a second "up".
    assert house.verdicts() == ["up", "down"]
    assert all(earlier != later for earlier, later in pairwise(statuses))


def test_a_reload_takes_up_new_devices_and_a_broken_file_changes_nothing(house: House) -> None:
    house.agent_on()
    house.start()
    house.until(lambda: house.verdicts() == ["up"], "the device to be up")
    assert house.daemon is not None
    line = "  broken-{0}: {{site: nowhere, address: 127.0.2.{0}, class: server}}\n"
    house.inventory("".join(line.format(number) for number in range(1, 8)))
    house.daemon.send_signal(signal.SIGHUP)
    house.until(lambda: house.said("nothing was changed"), "the broken file to be refused")
    assert house.said("unknown site 'nowhere'")
    assert "noc_config_last_reload_successful 0.0" in house.metrics()
    page = house.page("/problems")
    assert "The last reload failed" in page
    assert page.count("unknown site &#39;nowhere&#39;") == 5
    assert "2 more: see the log of noc" in page
    house.inventory("  spare: {site: loopback, address: 127.0.0.4, class: server, liveness: tcp:1}\n")
    house.daemon.send_signal(signal.SIGHUP)
    house.until(lambda: house.said("reloaded: 1 device is new"), "the reload")
    assert "noc_config_last_reload_successful 1.0" in house.metrics()
    house.until(lambda: house.verdicts("device/spare") == ["down"], "the new device to be judged")
    assert house.verdicts() == ["up"]
    assert house.stop(signal.SIGINT) == 0


def test_a_reload_that_would_lose_most_devices_is_refused_and_shown(house: House) -> None:
    lines = (
        f"  spare-{i}: {{site: loopback, address: 127.0.1.{i}, class: server, liveness: tcp:1}}\n" for i in range(1, 13)
    )
    house.inventory("".join(lines))
    house.agent_on()
    house.start()
    assert house.daemon is not None
    house.inventory()
    house.daemon.send_signal(signal.SIGHUP)
    house.until(lambda: house.said("nothing was changed"), "the reload to be refused")
    assert house.said("would remove 12 of 13 devices (92.3 %), more than reload_max_removed: 20 allows")
    assert house.said("all.yaml: error: 12 of its 13 devices are gone (spare-1, spare-10, spare-11, …), it holds 1 now")
    assert "noc_config_last_reload_successful 0.0" in house.metrics()
    page = house.page("/problems")
    assert "The last reload failed" in page
    assert "reload_max_removed" in page
    assert house.ask("/devices/spare-12")
    with (house.folder / "noc.yaml").open("a") as settings:
        settings.write("reload_max_removed: 100\n")
    house.daemon.send_signal(signal.SIGHUP)
    house.until(lambda: house.said("12 gone"), "the reload that is meant")
    assert "noc_config_last_reload_successful 1.0" in house.metrics()
    assert house.stop(signal.SIGTERM) == 0


@pytest.mark.slow
def test_pages_that_are_open_to_others_are_told_in_the_log(tmp_path: Path) -> None:
    with closing(House(tmp_path)) as house:
        text = (tmp_path / "noc.yaml").read_text()
        (tmp_path / "noc.yaml").write_text(text.replace("http: {port: 0}", "http: {port: 0, listen: 127.0.0.1}"))
        house.start()
        assert not house.said("without encryption")
        assert house.stop(signal.SIGTERM) == 0
        (tmp_path / "noc.yaml").write_text(text.replace("http: {port: 0}", "http: {port: 0, listen: 0.0.0.0}"))
        house.start()
        assert house.said("warning: http.listen: other machines reach 0.0.0.0 without encryption")
        assert house.stop(signal.SIGTERM) == 0


def test_v3_with_sha_256_and_aes_128(tmp_path: Path) -> None:
    with closing(House(tmp_path, credentials=V3)) as house:
        (tmp_path / "auth").write_text("alice-auth-key\n")
        (tmp_path / "priv").write_text("alice-priv-key\n")
        house.agent_on()
        house.start()
        house.until(lambda: house.verdicts() == ["up"], "the device to be up")
        house.until(lambda: "net-snmp-linux" in str(house.ask("/devices/agent")["identity"]), "the device to be read")
        assert house.stop(signal.SIGTERM) == 0


def test_systemd_hears_how_it_is(house: House) -> None:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listener:
        listener.bind(str(house.folder / "notify"))
        listener.settimeout(20)
        house.agent_on()
        house.start({"NOTIFY_SOCKET": str(house.folder / "notify"), "WATCHDOG_USEC": "600000"})
        assert {b"READY=1\nSTATUS=watching 1 device at 1 site", b"WATCHDOG=1"} <= {
            listener.recv(1000) for _ in range(4)
        }
        assert house.daemon is not None
        house.daemon.send_signal(signal.SIGHUP)
        heard = [listener.recv(1000)]
        while not heard[-1].startswith(b"READY=1"):
            heard.append(listener.recv(1000))
        assert any(re.fullmatch(rb"RELOADING=1\nMONOTONIC_USEC=\d+", message) for message in heard)
        assert house.stop(signal.SIGTERM) == 0
        listener.setblocking(False)
        last = b""
        while b"STOPPING=1" not in last:
            last = listener.recv(1000)


def test_a_daemon_that_can_not_start_says_why(house: House) -> None:
    (house.folder / "community").unlink()
    done = noc(house, "run")
    assert done.returncode == 2
    assert "noc.yaml:3" in done.stderr
    assert "community" in done.stderr
