"""HTTP: what does a web server answer, how soon, and until when is its certificate valid?"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from collectors._endpoints import ProbeDoors, Prober, Question, reading_of
from noc.inventory.endpoints import HttpProbe
from noc.model.errors import UsageError
from noc.model.reading import FailureKind, Reading
from noc.model.replies import HttpReply, Reply
from noc.wire.errors import WireError
from noc.wire.http import Tls
from noc.wire.httpcheck import Page, fetch


def build(doors: ProbeDoors) -> Prober:
    """Return the collector."""
    return Http(doors)


@dataclass(frozen=True, slots=True)
class Http:
    """Asks for one page over a connection of its own, so that connecting is measured too."""

    doors: ProbeDoors

    async def probe(self, question: Question) -> Reading:
        """Ask; any status is an answer."""
        probe = question.endpoint.probe
        if not isinstance(probe, HttpProbe):
            raise TypeError(f"{question.endpoint.entity} is not asked by http")

        async def ask(timeout_s: float) -> Reply:
            page = Page(
                url=probe.url,
                method=probe.method,
                tls=_trust(question.folder, probe),
                follow=probe.follow,
                headers={name: secret.reveal() for name, secret in question.headers.items()},
                text=probe.text,
                regex=probe.regex,
            )
            return await fetch(page, self.doors.clock, timeout_s)

        def in_time(reply: Reply) -> bool:
            at_most = probe.within
            return not isinstance(reply, HttpReply) or at_most is None or reply.total_s <= at_most.total_seconds()

        return await reading_of(question, self.doors, ask, in_time)


def _trust(folder: Path, probe: HttpProbe) -> ssl.SSLContext:
    try:
        return Tls(None if probe.ca_file is None else folder / probe.ca_file, probe.verify).context()
    except UsageError as error:  # it was readable when the settings were checked
        raise WireError(FailureKind.PROTOCOL, str(error)) from error
