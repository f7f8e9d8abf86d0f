"""Writing: one body at a time, halved down to the lines that the server will never take."""

from __future__ import annotations

import asyncio
import re
from typing import Final, Protocol

from noc.model.series import Refusal
from noc.store.influx.access import Place
from noc.store.influx.answers import Unstored
from noc.wire.bodies import packed, unpacked
from noc.wire.lineprotocol import values_in

_MEASUREMENT: Final = re.compile(r"(?:\\.|[^\\, ])*")


class Carrier(Protocol):
    """Takes a body to the server."""

    async def write(self, body: bytes, place: Place | None = None) -> Unstored | None:
        """Send a body of lines; None where all were stored. Raises StoreError."""
        ...


async def store_all(carrier: Carrier, body: bytes, place: Place | None = None) -> list[Refusal]:
    """Write a body; where something of it is refused, or it is too long, halve down to the bad lines.

    The good lines are written again on the way, although the server may have kept them: to write them twice changes
    nothing, and only an answer without a fault says that they are stored. Raises StoreError, BodyError.
    """
    unstored = await carrier.write(body, place)
    if unstored is None:
        return []
    # What is wrong with a measurement is often wrong with all its lines: side by side.
    all_lines = sorted(await asyncio.to_thread(unpacked, body), key=_measurement)
    refusals: list[Refusal] = []
    waiting = _halves(all_lines, unstored, refusals)
    while waiting:
        part = waiting.pop()
        unstored = await carrier.write(await asyncio.to_thread(packed, part), place)
        if unstored is not None:
            waiting += _halves(part, unstored, refusals)
    return refusals


def _halves(part: list[str], unstored: Unstored, refusals: list[Refusal]) -> list[list[str]]:
    """Return what to try of lines that were not all stored; lines that can be none of these go to the refusals."""
    if len(part) <= 1 or unstored.dropped == len(part):
        refusals.append(Refusal("\n".join(part), unstored.reason, sum(map(values_in, part))))
        return []
    half = len(part) // 2
    return [part[half:], part[:half]]


def _measurement(line: str) -> str:
    match = _MEASUREMENT.match(line)
    return match[0] if match else line
