"""ICMP echo in bursts: loss, round-trip times, jitter. One packet is not a measurement."""

from __future__ import annotations

from dataclasses import dataclass

from collectors._ports import Collector, Doors, Target
from noc.model.reading import Failure, FailureKind, PingAnswer, Reading
from noc.wire.icmp import Burst

PACKETS = 5
GAP_S = 0.2


def build(doors: Doors) -> Collector:
    """Return the collector."""
    return Icmp(doors)


@dataclass(frozen=True, slots=True)
class Icmp:
    """Pings a device: reachable while one reply comes back."""

    doors: Doors

    async def collect(self, target: Target) -> Reading:
        """Send a burst; the whole of it fits into the check's deadline."""
        doors, address = self.doors, str(target.device.address)
        started_at, started = doors.clock.now(), doors.clock.monotonic()
        room_s = max(target.check.deadline_s - (PACKETS - 1) * GAP_S, 0.1)
        timeout_s = min(target.device.watch.timeout.total_seconds(), room_s)
        rtts = await doors.pinger.burst(Burst(address, PACKETS, GAP_S, timeout_s))
        answer = PingAnswer(rtts)
        failure = None
        if answer.received == 0:
            failure = Failure(FailureKind.TIMEOUT, f"{address}: no reply to {PACKETS} echo requests in {timeout_s:g} s")
        return Reading(
            check="icmp",
            address=address,
            poller=doors.poller,
            started_at=started_at,
            duration_s=doors.clock.monotonic() - started,
            failure=failure,
            ping=answer,
        )
