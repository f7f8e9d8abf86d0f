"""Sealing: at midnight UTC the ledger's last record is sealed, and the seal is told to the outside.

Whoever keeps yesterday's seal somewhere else can prove later that nobody changed what was written until then
(`noc ledger verify --seal`).
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

from alerts.tellingsettings import MqttSettings
from noc.app.settings import SealSettings
from noc.clock import Clock
from noc.model.errors import ReachError
from noc.model.instants import to_ms
from noc.model.seal import Seal
from noc.service import Rounds
from noc.state import sealing
from noc.state.database import Database, StateError
from noc.wire.http import HttpClient, HttpRequest, Tls, origin
from noc.wire.mqtt import Broker, publish

log = logging.getLogger(__name__)

TOPIC: Final = "noc/v1/state/ledger/seal"
AFTER_MIDNIGHT_S: Final = 1.0
RETRY_AT_MOST_S: Final = 3600.0
_FIRST_RETRY_S: Final = 30.0
_ASK_S: Final = 20.0
_GOOD: Final = range(200, 300)

Tell = Callable[[Seal], Awaitable[None]]
"""Tells the outside of a seal; more than once is once. Raises OSError, ReachError."""


def seal_text(seal: Seal) -> str:
    """Return a seal on one line, as `noc ledger verify --seal` takes it."""
    return f"{seal.day}:{seal.records}:{seal.hash}"


def seal_json(seal: Seal) -> bytes:
    """Return a seal as a JSON document."""
    document = {"day": seal.day, "record": seal.records, "hash": seal.hash, "poller": seal.entity}
    return json.dumps(document, separators=(",", ":")).encode()


def tellers(settings: SealSettings, folder: Path, poller: str) -> dict[str, Tell]:
    """Return who is told of seals, by what messages call them. Raises SecretError, and UsageError for a CA file."""
    found: dict[str, Tell] = {}
    if settings.file is not None:
        path = folder / settings.file
        found[str(path)] = lambda seal: asyncio.to_thread(_append, path, seal_text(seal))
    if settings.url is not None:
        found[origin(settings.url)] = _poster(settings.url)
    if settings.mqtt is not None:
        broker = _broker(settings.mqtt, folder, poller)
        found[f"mqtt://{broker.host}:{broker.port}"] = lambda seal: publish(broker, TOPIC, seal_json(seal), retain=True)
    return found


class Sealing:
    """A service that starts before anything new is written. poller: who seals. tellers: as the function gives them."""

    def __init__(self, database: Database, clock: Clock, poller: str, told: Mapping[str, Tell]) -> None:
        self._database = database
        self._clock = clock
        self._entity = f"poller/{poller}"
        self._tellers = told
        self._rounds = Rounds(clock, "sealing", self._round)
        self._untold: dict[str, Seal] = {}
        self._retry_s = _FIRST_RETRY_S

    async def start(self) -> None:
        """Tell the last seal again, which a crash may have kept from others; seal a day that ended meanwhile."""
        async with self._database.read() as connection:
            last = await sealing.newest(connection, self._entity)
        if last is not None:
            self._untold = dict.fromkeys(self._tellers, last)
        self._rounds.start()

    async def stop(self) -> None:
        """End; who was not told is told after the next start."""
        await self._rounds.stop()

    async def _round(self) -> float:
        now_ms = to_ms(self._clock.now())
        midnight_ms = sealing.last_midnight(now_ms)
        try:
            async with self._database.write() as connection:
                made = await sealing.seal(connection, self._entity, midnight_ms)
        except StateError as error:
            log.error("the ledger's seal of %s waits: %s", sealing.day_of(midnight_ms), error)
            return self._later()
        if made is not None:
            log.info("seal %s", seal_text(made))
            self._untold, self._retry_s = dict.fromkeys(self._tellers, made), _FIRST_RETRY_S
        for name in list(self._untold):
            await self._tell(name)
        until_next_s = (midnight_ms + sealing.DAY_MS - now_ms) / 1000 + AFTER_MIDNIGHT_S
        return min(self._later(), until_next_s) if self._untold else until_next_s

    async def _tell(self, name: str) -> None:
        try:
            await self._tellers[name](self._untold[name])
        except (OSError, ReachError) as error:
            log.error("the seal of %s was not told to %s, it is tried again: %s", self._untold[name].day, name, error)
        else:
            del self._untold[name]

    def _later(self) -> float:
        wait_s, self._retry_s = self._retry_s, min(2 * self._retry_s, RETRY_AT_MOST_S)
        return wait_s


def _append(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        file.seek(0)
        if line not in file.read().split("\n"):
            file.write(f"{line}\n")
            file.flush()
            os.fsync(file.fileno())


def _poster(url: str) -> Tell:
    client = HttpClient(Tls().context(), _ASK_S)

    async def post(seal: Seal) -> None:
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"seal-{seal.day}-{seal.records}"}
        await client.start()
        try:
            answer = await client.ask(HttpRequest("POST", url, headers=headers, body=seal_json(seal)))
        finally:
            await client.stop()
        if answer.status not in _GOOD:
            raise ReachError(f"{origin(url)} answered with status {answer.status}")

    return post


def _broker(settings: MqttSettings, folder: Path, poller: str) -> Broker:
    password = None if settings.password is None else settings.password.resolve(folder).reveal()
    tls = Tls(None if settings.ca_file is None else folder / settings.ca_file).context() if settings.tls else None
    port = settings.port or (8883 if settings.tls else 1883)
    return Broker(settings.host, port, f"noc-{poller}-seal", settings.username, password, tls)
