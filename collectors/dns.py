"""DNS: what does a name server answer, how soon, and does DNSSEC vouch for it?"""

from __future__ import annotations

from dataclasses import dataclass

from collectors import _endpoints as endpoints
from noc.inventory.endpoints import DnsProbe
from noc.model.reading import Reading
from noc.model.replies import Reply
from noc.wire.dns import Question, ask


def build(doors: endpoints.ProbeDoors) -> endpoints.Prober:
    """Return the collector."""
    return Dns(doors)


@dataclass(frozen=True, slots=True)
class Dns:
    """Asks one server one question."""

    doors: endpoints.ProbeDoors

    async def probe(self, question: endpoints.Question) -> Reading:
        """Ask; an error that the server tells is an answer."""
        probe = question.endpoint.probe
        if not isinstance(probe, DnsProbe):
            raise TypeError(f"{question.endpoint.entity} is not asked by dns")
        asked = Question(probe.server, probe.port, probe.name, probe.type, probe.authenticated or probe.signed)

        async def once(timeout_s: float) -> Reply:
            return await ask(asked, self.doors.clock, timeout_s)

        return await endpoints.reading_of(question, self.doors, once)
