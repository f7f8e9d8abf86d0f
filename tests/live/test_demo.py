"""`noc demo` as somebody meets it who has just installed noc."""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from tests.live.conftest import find_program, wait_for

pytestmark = pytest.mark.live

PROGRAM = [sys.executable, "-c", "from noc.cli import main; main()", "demo", "--port", "0"]
# Nobody's rights: the demo needs none. A user of his own would not find the tests' Python.
WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.getuid() == 0 else []
WORLD = ["--sites", "12", "--devices", "60"]
SMALL = [*WORLD, "--quiet-world"]
STARTS_WITHIN_S = 90.0
"""A world, its month of ledger, two processes and a daemon: on a machine that is busy."""
CONFIG_CHANGED = "1.3.6.1.4.1.9.9.43.2.0.1"


@contextmanager
def demo(
    folder: Path, *arguments: str, until: str = "token=", world: Sequence[str] = SMALL, terminal: int | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Start a demo whose temporary files lie in `folder`, and wait until it says something.

    It is killed at the end if it is still there. terminal: that it is started from, none without.
    """
    log = folder / "demo.log"
    (folder / "tmp").mkdir(exist_ok=True)
    env = {**os.environ, "TMPDIR": str(folder / "tmp")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*(["setsid", "--ctty"] if terminal else []), *WITHOUT_RIGHTS, *PROGRAM, *world, *arguments],
            stdin=terminal,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=terminal is None,
        )
    try:
        wait_for(lambda: until in log.read_text(), process, "noc demo", log, STARTS_WITHIN_S)
        yield process, log
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def test_by_sighup_it_reads_its_settings_again_until_its_terminal_is_closed(tmp_path: Path) -> None:
    config = tmp_path / "state" / "noc.yaml"
    ours, its = os.openpty()
    with demo(tmp_path, "--state-dir", str(config.parent), terminal=its) as (process, log):
        os.close(its)
        written = config.read_text()
        config.write_text(f"{written}\nno_such_setting: 1\n")
        os.killpg(process.pid, signal.SIGHUP)
        wait_for(lambda: "no_such_setting" in get(log, "/system")[1], process, "noc demo", log)
        config.write_text(written)
        os.killpg(process.pid, signal.SIGHUP)
        wait_for(lambda: "no_such_setting" not in get(log, "/system")[1], process, "noc demo", log)
        os.close(ours)
        assert process.wait(30) == 0
        assert alive(process.pid) == []
    assert list((tmp_path / "tmp").iterdir()) == []
    assert "noc demo: stopping …" in log.read_text()
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_stopped_while_it_starts_it_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    with demo(tmp_path, until="writing the ledger") as (process, log):
        os.killpg(process.pid, number)
        assert process.wait(30) in (0, 130)  # it may just have been through with starting
        assert alive(process.pid) == []
    assert list((tmp_path / "tmp").iterdir()) == []
    assert "Traceback" not in log.read_text()


def get(log: Path, path: str) -> tuple[int, str]:
    found = re.search(r"(http://\S+?)/\?token=(\S+)", log.read_text())
    assert found is not None
    with closing(http.client.HTTPConnection(urlsplit(found[1]).netloc, timeout=20)) as connection:
        connection.request("GET", path, headers={"Authorization": f"Bearer {found[2]}"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def alive(group: int) -> list[int]:
    """Return the processes of a group that are there."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def test_it_shows_a_world_with_a_past_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with demo(tmp_path) as (process, log):
        status, page = get(log, "/problems")
        assert status == 200
        assert "SIMULATED" in page
        figures = json.loads(get(log, "/api/v1/availability?period=30d")[1])
        assert figures["target"]["target_pct"] == 99.8
        assert figures["coverage_pct"] > 99
        assert figures["up_s"] > 0
        records = json.loads(get(log, "/api/v1/ledger?limit=1000")[1])["items"]
        assert len(records) >= 60
        circuit = json.loads(get(log, "/api/v1/circuits?limit=1")[1])["items"][0]["entity"]
        of_one = json.loads(get(log, f"/api/v1/availability/entity?entity={quote(circuit)}&period=30d")[1])
        assert of_one["coverage_pct"] > 99
        wait_for(lambda: '"status":"up"' in get(log, "/api/v1/devices?limit=1")[1], process, "a device", log)
        wait_for(lambda: series(log) > 0, process, "numbers of a device", log)
        # Charts have a past, and so have the highest numbers and the list of circuits; the ledger has no more for it.
        wait_for(lambda: rates_of_an_hour(log) >= 28, process, "an hour of rates", log)
        wait_for(lambda: get(log, "/top")[1].count("/devices/") > 5, process, "the highest numbers", log)
        wait_for(
            lambda: 'data-label="In"><bdi' in get(log, "/circuits")[1],
            process,
            "how full circuits are",
            log,
        )
        # What the demo prints for another terminal works as it stands.
        assert printed(log, "incident list").stderr == "there are no such incidents\n"
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: to every process of the terminal
        assert process.wait(30) == 0
        assert alive(process.pid) == []
    assert list((tmp_path / "tmp").iterdir()) == []
    assert "Traceback" not in log.read_text()


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_its_devices_tell_by_themselves_and_their_configurations_are_copied_by_ssh(tmp_path: Path) -> None:
    with demo(tmp_path, world=WORLD) as (process, log):
        # A line is cut 35 s after the start, with these sites and this seed that of an office or a technology centre.
        wanted, until = {"BGP4-MIB::bgpBackwardTransNotification", "%BGP-5-ADJCHANGE"}, time.monotonic() + 90
        while not wanted <= {event["name"] for event in events(log)} and time.monotonic() < until:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
        told = {event["name"]: event for event in events(log)}
        assert set(told) >= wanted
        trap = told["BGP4-MIB::bgpBackwardTransNotification"]
        assert (trap["class"], trap["facts"]["state"]) == ("routing", "idle")
        router = trap["device"].removeprefix("device/")
        assert "BGP4-MIB::bgpBackwardTransNotification" in get(log, f"/devices/{router}")[1]
        assert json.loads(get(log, "/api/v1/unknown-senders")[1])["items"] == []
        (world,) = (tmp_path / "tmp").glob("**/simulator.json")
        to = f"127.0.0.1:{json.loads(world.read_text())['trap_port']}"
        source = f"--clientaddr={trap['source']}"
        command = [find_program("snmptrap", "snmp"), source, "-v2c", "-c", "public", to, "", CONFIG_CHANGED]
        subprocess.run(command, check=True, capture_output=True)
        wait_for(lambda: len(copies(log, router)) > 0, process, "the copy by SSH", log)
        assert copies(log, router)[0]["author"] in ("achieng", "luca", "duty")


def printed(log: Path, what: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command that the demo printed, which must go well. folder: where."""
    found = re.search(rf"^ +noc ({what} .*)$", log.read_text(), re.MULTILINE)
    assert found is not None
    command = [*PROGRAM[:-3], *shlex.split(found[1])]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, cwd=folder)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_tour_shows_all_that_it_promises_and_heals(tmp_path: Path) -> None:
    with demo(tmp_path, world=WORLD) as (process, log):
        seen: dict[str, dict[str, Any]] = {}

        def has(rule: str, **said: object) -> bool:
            items = json.loads(get(log, "/api/v1/incidents?limit=50")[1])["items"]
            found = [one for one in items if rule in ("", one["rule"]) and said.items() <= one.items()]
            if found:
                seen[rule] = found[0]
            return bool(found)

        def within(seconds: float, met: Callable[[], bool], what: str) -> None:
            until = time.monotonic() + seconds
            while not met():
                assert time.monotonic() < until, what
                assert process.poll() is None, log.read_text()
                time.sleep(1)

        within(120, lambda: has("transport-down"), "rain")
        number = seen["transport-down"]["id"]
        behind = f"/api/v1/incidents/{number}/symptoms"
        within(30, lambda: json.loads(get(log, behind)[1])["total"] > 0, "what is behind it")
        within(150, lambda: has("", entity="site/valencia", cause="data-centre"), "the data centre as one incident")
        served = {one["id"]: one for one in json.loads(get(log, "/api/v1/services")[1])["items"]}
        within(60, lambda: '"brindisi"' in get(log, "/api/v1/services/service-desk")[1], f"the move: {served}")
        within(60, lambda: "ESCALATED" in get(log, "/mailbox")[1] and "POST /chat" in get(log, "/mailbox")[1], "mail")
        assert printed(log, "incident ack 1").returncode == 0  # as somebody types it who sees the first one
        within(120, lambda: has("interface-down"), "the port that the wrong configuration shut")
        pushed = f"/api/v1/incidents/{seen['interface-down']['id']}/changes"

        def authors() -> dict[str, str]:
            return {one["kind"]: one["who"] for one in json.loads(get(log, pushed)[1])["items"] if one["who"]}

        within(60, lambda: authors().get("event") == "luca", "what changed before it")
        within(120, lambda: has("device-down", cause="flapping"), "what flaps")
        kept = json.loads(get(log, f"/api/v1/incidents/{seen['device-down']['id']}")[1])["notices"]
        assert len([one for one in kept if one["kind"] == "page"]) == 2  # a person by mail and a room by webhook, once
        silent = [one for one in json.loads(get(log, "/api/v1/windows")[1])["items"] if "new release" in str(one)]
        assert len(silent) == 1
        planned = str(silent[0]["entity"])
        within(30, lambda: has("device-down", entity=planned), "planned work")
        assert json.loads(get(log, f"/api/v1/incidents/{seen['device-down']['id']}")[1])["notices"] == []
        within(240, lambda: not has("interface-down", resolved=None), "that all heals")
        assert "SIMULATED" in printed(log, "report availability", tmp_path).stderr + str(list(tmp_path.iterdir()))


@pytest.mark.slow
def test_killed_it_leaves_no_process_and_the_next_one_clears_its_folder(tmp_path: Path) -> None:
    with demo(tmp_path) as (process, _):
        process.kill()
        process.wait(10)
        until = time.monotonic() + 30
        while alive(process.pid) and time.monotonic() < until:
            time.sleep(0.1)
        assert alive(process.pid) == []
    left = list((tmp_path / "tmp").iterdir())
    assert len(left) == 1
    with demo(tmp_path):
        assert left[0] not in list((tmp_path / "tmp").iterdir())


def events(log: Path) -> list[dict[str, Any]]:
    return list(json.loads(get(log, "/api/v1/events?limit=200")[1])["items"])


def copies(log: Path, device: str) -> list[dict[str, Any]]:
    return list(json.loads(get(log, f"/api/v1/devices/{device}/configurations")[1])["items"])


def series(log: Path) -> int:
    """Return how many series the store has of the first device."""
    (first,) = json.loads(get(log, "/api/v1/devices?limit=1")[1])["items"]
    assert get(log, f"/devices/{first['id']}")[0] == 200  # who looks at a device that wasn't read yet has it read
    return len(json.loads(get(log, f"/api/v1/series/names?device={first['id']}")[1])["items"])


def rates_of_an_hour(log: Path) -> int:
    """Return how many rates the store has of the last hour of a router, none twice."""
    asked = "/api/v1/series?device=brindisi-rtr-1&measurement=interface&field=in_bps&tag.ifName=GigabitEthernet0/0/0"
    since, until = (datetime.now(UTC) - timedelta(hours=back) for back in (1, 0))
    items = json.loads(get(log, f"{asked}&from={since:%Y-%m-%dT%H:%M:%SZ}&to={until:%Y-%m-%dT%H:%M:%SZ}")[1])["items"]
    times = [time_ms for one in items for time_ms in one["times_ms"]]
    assert len(set(times)) == len(times)
    return len(times)


@pytest.mark.slow
def test_it_goes_on_from_a_folder_and_refuses_another_world_there(tmp_path: Path) -> None:
    state = tmp_path / "state"
    for is_first in (True, False):
        with demo(tmp_path, "--state-dir", str(state)) as (process, log):
            assert get(log, "/sites")[0] == 200
            if not is_first:  # that one was ended before its charts had a past
                wait_for(lambda: rates_of_an_hour(log) >= 28, process, "an hour of rates", log)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        assert not json.loads((state / "past.json").read_text())["through"]
    other = subprocess.run(
        [*PROGRAM, *SMALL, "--seed", "2", "--state-dir", str(state)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert other.returncode == 2
    assert "was begun with" in other.stderr


def test_a_folder_that_cannot_be_is_named() -> None:
    done = subprocess.run(
        [*PROGRAM, *SMALL, "--state-dir", "/proc/demo"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "--state-dir /proc/demo: no such file or directory" in done.stderr
    assert "or name another folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    with demo(tmp_path) as (_, log):
        port = urlsplit(re.findall(r"http://\S+?/", log.read_text())[0]).port
        second = tmp_path / "second"
        second.mkdir()
        done = subprocess.run(
            [*PROGRAM[:-1], str(port), *SMALL],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "TMPDIR": str(second)},
        )
        assert done.returncode != 0
        assert str(port) in done.stderr
        assert "Traceback" not in done.stderr
        assert list(second.iterdir()) == []
