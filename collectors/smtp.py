"""SMTP: does a mail server greet, and what does it offer? No mail is ever sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from collectors._endpoints import ProbeDoors, Prober, Question, reading_of
from noc.inventory.endpoints import SmtpProbe
from noc.model.reading import Reading
from noc.model.replies import Reply
from noc.wire.smtp import look

NAME: Final = "noc.invalid"
"""Who greets where nobody gave a name and STARTTLS is looked for; RFC 2606: it is nobody's."""


def build(doors: ProbeDoors) -> Prober:
    """Return the collector."""
    return Smtp(doors)


@dataclass(frozen=True, slots=True)
class Smtp:
    """Reads the greeting, says EHLO where it has to, and QUIT."""

    doors: ProbeDoors

    async def probe(self, question: Question) -> Reading:
        """Look."""
        probe = question.endpoint.probe
        if not isinstance(probe, SmtpProbe):
            raise TypeError(f"{question.endpoint.entity} is not asked by smtp")
        ehlo = probe.ehlo or (NAME if probe.starttls else None)

        async def once(timeout_s: float) -> Reply:
            return await look(probe.host, probe.port, ehlo, self.doors.clock, timeout_s)

        return await reading_of(question, self.doors, once)
