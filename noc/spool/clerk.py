"""The clerk: does what people ask of the spool, such as to feed the store again."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC

from noc.clock import Clock, Timer
from noc.model.instants import to_s
from noc.spool import requests
from noc.spool.letters import Letters
from noc.spool.requests import Answer, Replay, Request, Resend
from noc.spool.spool import Spool

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0


class Clerk:
    """A service: looks for requests, and answers them."""

    def __init__(self, spool: Spool, letters: Letters, clock: Clock) -> None:
        self._spool = spool
        self._letters = letters
        self._clock = clock
        self._timer: Timer | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look."""
        self._look()

    async def stop(self) -> None:
        """End after the request that is under way; at once where it waits for a disk that can't be written."""
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            if self._spool.failing is not None:
                self._task.cancel()
            await asyncio.wait([self._task])

    def _look(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work(), name="spool clerk")
        self._timer = self._clock.call_later(LOOK_EVERY_S, self._look)

    async def _work(self) -> None:
        now_s = to_s(self._clock.now())
        for path, request in await asyncio.to_thread(lambda: list(requests.asked(self._spool.folder, now_s))):
            said = Answer(wrong="it can't be read") if request is None else await self.carry_out(request)
            log.warning("asked for %s: %s", request, said.wrong or f"{said.batches} batches wait for the store again")
            try:
                await asyncio.to_thread(requests.answer, path, said)
            except OSError as error:
                log.error("%s: can't be answered: %s", path, error.strerror)

    async def carry_out(self, request: Request) -> Answer:
        """Do what was asked."""
        try:
            if isinstance(request, Replay):
                amount = await self._spool.replay(request.since_ms, request.until_ms)
                return Answer(amount.batches, amount.values)
            return await self._resend(request)
        except OSError as error:
            return Answer(wrong=f"{error.filename or self._spool.folder}: {error.strerror}")

    async def _resend(self, request: Resend) -> Answer:
        """Put letters into the spool as batches; they are noted when these are on disk. Raises OSError."""
        known = {letter.id: letter for letter in await asyncio.to_thread(self._letters.read)}
        missing = [name for name in request.ids if name not in known]
        if missing:
            return Answer(wrong=f"there is no dead letter {missing[0]}; see noc spool dead-letters")
        wanted = request.ids or tuple(name for name, letter in known.items() if not letter.sent_again)
        now = self._clock.now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        values = 0
        for name in wanted:
            try:
                batch = known[name].samples()
            except ValueError as error:
                return Answer(wrong=f"the dead letter {name} can't be read: {error}")
            before = self._spool.tally.given.values
            number = self._spool.take(batch)
            values += self._spool.tally.given.values - before
            await self._spool.durable(number)
            await asyncio.to_thread(self._letters.sent_again, known[name], now)
        return Answer(len(wanted), values)
