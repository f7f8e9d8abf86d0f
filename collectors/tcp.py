"""TCP: does the port accept a connection?"""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import dataclass

from collectors._endpoints import Question, reading_of
from collectors._lateness import Lateness
from collectors._ports import Doors, Target
from noc.inventory.endpoints import TcpProbe
from noc.model.reading import ConnectAnswer, Failure, FailureKind, Reading
from noc.model.replies import Reply, TcpReply
from noc.wire.errors import WireError, is_ours


def build(doors: Doors) -> Tcp:
    """Return the collector, of devices and of end points."""
    return Tcp(doors)


@dataclass(frozen=True, slots=True)
class Tcp:
    """Connects to a port and hangs up: that of a device's `liveness: tcp:PORT`, or that of an end point."""

    doors: Doors

    async def collect(self, target: Target) -> Reading:
        """Connect once more after each timeout, as often as the device's `retries` say. Raises NoEvidenceError."""
        clock, device = self.doors.clock, target.device
        address, port = str(device.address), device.watch.liveness.port
        if port is None:
            raise ValueError(f"device '{device.id}' has no TCP port to connect to")
        started_at, started = clock.now(), clock.monotonic()
        failure: Failure | None = None
        connect_s = 0.0
        with Lateness(clock) as lateness:
            for _ in range(device.watch.retries + 1):
                asked = clock.monotonic()
                failure = await _connect(address, port, device.watch.timeout.total_seconds())
                connect_s = clock.monotonic() - asked
                if failure is None or failure.kind is not FailureKind.TIMEOUT:
                    break
            else:
                lateness.own_up(f"{address}: TCP port {port}")
        return Reading(
            check="tcp",
            address=address,
            poller=self.doors.poller,
            started_at=started_at,
            duration_s=clock.monotonic() - started,
            failure=failure,
            connect=None if failure else ConnectAnswer(port, connect_s),
        )

    async def probe(self, question: Question) -> Reading:
        """Connect to an end point."""
        probe, clock = question.endpoint.probe, self.doors.clock
        if not isinstance(probe, TcpProbe):
            raise TypeError(f"{question.endpoint.entity} is not asked by tcp")

        async def once(timeout_s: float) -> Reply:
            asked = clock.monotonic()
            failure = await _connect(probe.host, probe.port, timeout_s)
            if failure is not None:
                raise WireError(failure.kind, failure.reason, ours=failure.ours)
            return TcpReply(clock.monotonic() - asked)

        return await reading_of(question, self.doors, once)


async def _connect(address: str, port: int, timeout_s: float) -> Failure | None:
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(address, port)
    except TimeoutError:
        return Failure(FailureKind.TIMEOUT, f"{address}: no answer from TCP port {port} in {timeout_s:g} s")
    except socket.gaierror:
        return Failure(FailureKind.REFUSED, f"{address}: the name can't be resolved")
    except OSError as error:
        # asyncio puts words of its own in the place of the system's.
        reason = (os.strerror(error.errno) if error.errno else str(error)).lower()
        return Failure(FailureKind.REFUSED, f"{address}: TCP port {port}: {reason}", is_ours(error))
    writer.transport.abort()  # a reset costs the device less than a close, and nothing was said
    return None
