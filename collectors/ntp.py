"""NTP: how far is a time server's clock from ours, and what does it go by?"""

from __future__ import annotations

from dataclasses import dataclass

from collectors._endpoints import ProbeDoors, Prober, Question, reading_of
from noc.inventory.endpoints import NtpProbe
from noc.model.reading import Reading
from noc.model.replies import NtpReply, Reply
from noc.wire.ntp import ask


def build(doors: ProbeDoors) -> Prober:
    """Return the collector."""
    return Ntp(doors)


@dataclass(frozen=True, slots=True)
class Ntp:
    """Asks for the time, once."""

    doors: ProbeDoors

    async def probe(self, question: Question) -> Reading:
        """Ask."""
        probe = question.endpoint.probe
        if not isinstance(probe, NtpProbe):
            raise TypeError(f"{question.endpoint.entity} is not asked by ntp")

        async def once(timeout_s: float) -> Reply:
            return await ask(probe.host, probe.port, self.doors.clock, timeout_s)

        def in_time(reply: Reply) -> bool:
            at_most = probe.max_offset
            return not isinstance(reply, NtpReply) or at_most is None or abs(reply.offset_s) <= at_most.total_seconds()

        return await reading_of(question, self.doors, once, in_time)
