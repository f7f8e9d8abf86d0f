"""What systemd is told: ready, reloading, stopping, a line of status, and that the work goes on (sd_notify(3)).

Written out here because no library says RELOADING and MONOTONIC_USEC in one message, without which a reload hangs on
systemd 253 and later. Outside of systemd nothing is said.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Mapping
from typing import Final

from noc.clock import Clock, Timer

log = logging.getLogger(__name__)

FEEDS_PER_PERIOD: Final = 3
"""Signs of life within the time that systemd allows for one."""


class Systemd:
    """The socket that NOTIFY_SOCKET names; an environment without one makes every call do nothing."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # A leading @ is an abstract socket (unix(7)).
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog_s = _watchdog_s(environment)
        """How long systemd waits for a sign of life; None: it doesn't wait for any."""

    def ready(self, status: str) -> None:
        """Say that everything is started, also after a reload."""
        self._say("READY=1", f"STATUS={status}")

    def reloading(self, monotonic_s: float) -> None:
        """Say that a reload has begun; `ready` ends it."""
        self._say("RELOADING=1", f"MONOTONIC_USEC={int(monotonic_s * 1_000_000)}")

    def stopping(self) -> None:
        """Say that the end has begun."""
        self._say("STOPPING=1")

    def status(self, text: str) -> None:
        """Say what `systemctl status` shows."""
        self._say(f"STATUS={text}")

    def alive(self) -> None:
        """Feed the watchdog."""
        self._say("WATCHDOG=1")

    def _say(self, *lines: str) -> None:
        if not self._address:
            return
        message = "\n".join(line.replace("\n", " ") for line in lines).encode()
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)
                sender.sendto(message, self._address)
        except OSError as error:
            log.warning("systemd can't be told %r: %s", lines[0], error)


class Watchdog:
    """A service: feeds systemd's watchdog while `stuck` has nothing to say, and tells once when it has.

    stuck: what is wrong with the work, in one sentence; None while it goes on.
    """

    def __init__(self, systemd: Systemd, clock: Clock, stuck: Callable[[], str | None]) -> None:
        self._systemd = systemd
        self._clock = clock
        self._stuck = stuck
        self._told: str | None = None
        self._timer: Timer | None = None

    async def start(self) -> None:
        """Begin to feed it, where systemd has one."""
        if self._systemd.watchdog_s is not None:
            self._feed(self._systemd.watchdog_s / FEEDS_PER_PERIOD)

    async def stop(self) -> None:
        """Stop feeding it; systemd waits for the end by another clock."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _feed(self, every_s: float) -> None:
        wrong = self._stuck()
        if wrong is None:
            self._systemd.alive()
        elif wrong != self._told:
            log.critical("systemd gets no sign of life and will start noc again: %s", wrong)
        self._told = wrong
        self._timer = self._clock.call_later(every_s, lambda: self._feed(every_s))


def _watchdog_s(environment: Mapping[str, str]) -> float | None:
    period_us = environment.get("WATCHDOG_USEC", "")
    meant_for = environment.get("WATCHDOG_PID", str(os.getpid()))
    if not period_us.isdigit() or int(period_us) == 0 or meant_for != str(os.getpid()):
        return None
    return int(period_us) / 1_000_000


FIRST_HANDED: Final = 3
"""The first file descriptor that systemd hands over (sd_listen_fds(3))."""


def handed_sockets(environment: Mapping[str, str]) -> dict[str, list[socket.socket]]:
    """Return the sockets that systemd made for us, by the name that the socket unit gives them.

    Called once: the sockets are the caller's. Without socket activation there are none.
    """
    count, meant_for = environment.get("LISTEN_FDS", ""), environment.get("LISTEN_PID", "")
    if not count.isdigit() or meant_for != str(os.getpid()):
        return {}
    names = environment.get("LISTEN_FDNAMES", "").split(":")
    found: dict[str, list[socket.socket]] = {}
    for place in range(int(count)):
        number = FIRST_HANDED + place
        try:
            os.set_inheritable(number, False)
            handed = socket.socket(fileno=number)
        except OSError as error:
            log.warning("systemd handed over a descriptor that is no socket (%d): %s", number, error)
            continue
        found.setdefault(names[place] if place < len(names) else "", []).append(handed)
    return found
