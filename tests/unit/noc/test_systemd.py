"""What systemd is told, on a real socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from noc.clock import ManualClock
from noc.systemd import Systemd, Watchdog

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


def heard(listener: socket.socket) -> list[str]:
    messages = []
    while True:
        try:
            messages.append(listener.recv(4096).decode())
        except BlockingIOError:
            return messages


def systemd(listener: socket.socket, **environment: str) -> Systemd:
    return Systemd({"NOTIFY_SOCKET": listener.getsockname(), **environment})


def test_words(listener: socket.socket) -> None:
    told = systemd(listener)
    told.ready("watching 3 devices\nEXTRA=1")
    told.reloading(12.5)
    told.status("well")
    told.stopping()
    assert heard(listener) == [
        "READY=1\nSTATUS=watching 3 devices EXTRA=1",
        "RELOADING=1\nMONOTONIC_USEC=12500000",
        "STATUS=well",
        "STOPPING=1",
    ]


def test_an_abstract_socket() -> None:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listening:
        listening.bind(f"\0noc-test-{os.getpid()}")
        listening.setblocking(False)
        Systemd({"NOTIFY_SOCKET": f"@noc-test-{os.getpid()}"}).stopping()
        assert heard(listening) == ["STOPPING=1"]


def test_without_systemd_nothing_happens() -> None:
    Systemd({}).ready("x")
    assert Systemd({}).watchdog_s is None


def test_a_socket_that_is_gone_is_no_reason_to_fall(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    Systemd({"NOTIFY_SOCKET": str(tmp_path / "none")}).ready("x")
    assert "systemd can't be told" in caplog.text


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_how_long_systemd_waits(environment: dict[str, str], expected: float | None) -> None:
    assert Systemd(environment).watchdog_s == expected


async def test_the_watchdog_is_fed_only_while_the_work_goes_on(
    listener: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    clock, wrong = ManualClock(NOW), list[str | None]([None])
    watchdog = Watchdog(systemd(listener, WATCHDOG_USEC="30000000"), clock, lambda: wrong[0])
    await watchdog.start()
    await clock.advance(30)
    assert heard(listener) == ["WATCHDOG=1"] * 4
    wrong[0] = "the scheduler is 61 s late"
    await clock.advance(30)
    assert heard(listener) == []
    assert caplog.text.count("61 s late") == 1
    wrong[0] = None
    await clock.advance(10)
    assert heard(listener) == ["WATCHDOG=1"]
    await watchdog.stop()
    await clock.advance(60)
    assert heard(listener) == []
