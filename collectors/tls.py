"""TLS: which certificate does a server show, who signed it, and until when is it valid?"""

from __future__ import annotations

from dataclasses import dataclass

from collectors._endpoints import ProbeDoors, Prober, Question, reading_of
from noc.inventory.endpoints import TlsProbe
from noc.model.errors import UsageError
from noc.model.reading import FailureKind, Reading
from noc.model.replies import Reply
from noc.wire.errors import WireError
from noc.wire.tls import Handshake, shake_hands


def build(doors: ProbeDoors) -> Prober:
    """Return the collector."""
    return TlsHandshake(doors)


@dataclass(frozen=True, slots=True)
class TlsHandshake:
    """Shakes hands and hangs up; nothing else is said."""

    doors: ProbeDoors

    async def probe(self, question: Question) -> Reading:
        """Shake hands; a certificate that is not trusted is an answer."""
        probe = question.endpoint.probe
        if not isinstance(probe, TlsProbe):
            raise TypeError(f"{question.endpoint.entity} is not asked by tls")
        ca_file = None if probe.ca_file is None else question.folder / probe.ca_file
        asked = Handshake(probe.host, probe.port, probe.server_name or probe.host, ca_file)

        async def ask(timeout_s: float) -> Reply:
            try:
                return await shake_hands(asked, self.doors.clock, timeout_s)
            except UsageError as error:  # it was readable when the settings were checked
                raise WireError(FailureKind.PROTOCOL, str(error)) from error

        return await reading_of(question, self.doors, ask)
