"""noc's own sign of life: given only while people would be told, so that whoever misses it calls them instead."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alerts.tellingsettings import PLAIN_PORT, TLS_PORT, HeartbeatSettings, MqttSettings
from noc.availability.times import format_time
from noc.clock import Clock
from noc.model.errors import ReachError
from noc.model.instants import to_ms
from noc.service import Rounds
from noc.wire.http import HttpClient, HttpRequest, Tls, origin
from noc.wire.mqtt import Broker, publish

log = logging.getLogger(__name__)

ASK_S: Final = 10.0
JSON: Final = {"Content-Type": "application/json"}
_GOOD: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life. number: since the start."""

    poller: str
    number: int
    at_ms: int

    def json(self) -> bytes:
        """Return it as a document."""
        document = {"poller": self.poller, "beat": self.number, "at": format_time(self.at_ms)}
        return json.dumps(document, separators=(",", ":")).encode()


Tell = Callable[[Beat], Awaitable[None]]
"""Gives a sign of life. Raises OSError, ReachError."""


def tellers(settings: HeartbeatSettings | None, folder: Path, poller: str) -> dict[str, Tell]:
    """Return who is given signs of life, by what messages call them. Raises SecretError, UsageError for a CA file."""
    found: dict[str, Tell] = {}
    if settings is None:
        return found
    if settings.file is not None:
        path = folder / settings.file
        found[str(path)] = lambda beat: asyncio.to_thread(_write, path, beat)
    if settings.url is not None:
        found[origin(settings.url)] = _poster(settings.url)
    if settings.mqtt is not None:
        broker, topic = _broker(settings.mqtt, folder, poller), f"noc/v1/poller/{poller}/heartbeat"
        found[f"mqtt://{broker.host}:{broker.port}"] = lambda beat: publish(broker, topic, beat.json(), retain=False)
    return found


class Heartbeat:
    """A service. alive: says what keeps people from being told; empty while nothing does.

    beats, missed: how often a sign was given, and how often it was not because noc was not well.
    """

    def __init__(self, clock: Clock, poller: str, alive: Callable[[], Awaitable[str]]) -> None:
        self._clock = clock
        self._poller = poller
        self._alive = alive
        self._every_s = 0.0
        self._tellers: Mapping[str, Tell] = {}
        self._rounds = Rounds(clock, "heartbeat", self._round)
        self._said = ""
        self._untold: set[str] = set()
        self.beats = 0
        self.missed = 0

    def use(self, every_s: float, told: Mapping[str, Tell]) -> None:
        """Give signs of life in this rhythm, to these; with none nothing is given."""
        self._every_s, self._tellers = every_s, told
        self._rounds.wake()

    async def start(self) -> None:
        """Begin."""
        self._rounds.start()

    async def stop(self) -> None:
        """End: whoever waits for the next sign will miss it."""
        await self._rounds.stop()

    async def _round(self) -> float:
        if not self._tellers:
            return 60.0
        try:
            why = await self._alive()
        except Exception:  # the guard: who can't tell whether all is well is not
            log.exception("whether noc is well can't be told")
            why = "a fault in noc, see the log"
        if why:
            self.missed += 1
            if why != self._said:
                log.error("no heartbeat is given: %s", why)
        else:
            self.beats += 1
            beat = Beat(self._poller, self.beats, to_ms(self._clock.now()))
            await asyncio.gather(*(self._tell(name, tell, beat) for name, tell in self._tellers.items()))
        self._said = why
        return self._every_s

    async def _tell(self, name: str, tell: Tell, beat: Beat) -> None:
        try:
            await tell(beat)
        except (OSError, ReachError) as error:
            if name not in self._untold:
                log.error("the heartbeat does not reach %s: %s", name, error)
            self._untold.add(name)
        else:
            if name in self._untold:
                log.warning("the heartbeat reaches %s again", name)
            self._untold.discard(name)


def _write(path: Path, beat: Beat) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(beat.json() + b"\n")
    part.replace(path)  # a reader sees a whole one only


def _poster(url: str) -> Tell:
    client = HttpClient(Tls().context(), ASK_S)

    async def post(beat: Beat) -> None:
        await client.start()
        try:
            answer = await client.ask(HttpRequest("POST", url, headers=JSON, body=beat.json()))
        finally:
            await client.stop()
        if answer.status not in _GOOD:
            raise ReachError(f"{origin(url)} answered with status {answer.status}")

    return post


def _broker(settings: MqttSettings, folder: Path, poller: str) -> Broker:
    password = None if settings.password is None else settings.password.resolve(folder).reveal()
    tls = Tls(None if settings.ca_file is None else folder / settings.ca_file).context() if settings.tls else None
    port = settings.port or (TLS_PORT if settings.tls else PLAIN_PORT)
    return Broker(settings.host, port, f"noc-{poller}-heartbeat", settings.username, password, tls)
