"""What people answer to messages: by the link in them, or by a reply. The notice says whose answer it is.

Who says yes to an incident that another one took over since owns that one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Literal

from alerts import desk, linkpage
from alerts.acklinks import AckLinks, read
from alerts.composing import Telling
from alerts.linkpage import LinkPage
from alerts.messages import Reader
from alerts.scene import scene_of
from alerts.takeover import root_of
from noc.clock import Clock
from noc.model.errors import ConflictError
from noc.model.incident import Entry, Incident, Notice
from noc.model.instants import to_ms
from noc.state import accounts, auditlog, incidents, outbox
from noc.state.auditlog import Done
from noc.state.database import Database, Transaction

log = logging.getLogger(__name__)

Verb = Literal["acknowledge", "resolve", "note"]
OK: Final = int(HTTPStatus.OK)
WRONG: Final = int(HTTPStatus.NOT_FOUND)


@dataclass(frozen=True, slots=True)
class Shown:
    """A page to show. incident: its number, where the link is good. http_status: 404 where it is none of ours."""

    page: LinkPage
    incident: int | None = None
    http_status: int = OK


class Answers:
    """Takes answers. telling: people and places of now. changed: is given the number of an incident that changed."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        links: AckLinks,
        telling: Callable[[], Telling],
        changed: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._links = links
        self._telling = telling
        self._changed = changed

    async def look(self, text: str, tag: str = "en") -> Shown:
        """Return what the page behind a link shows. Nothing is changed: programs that look at links change nothing.

        text: the last part of the path. tag: the language of who asks, for links that are nobody's. Raises StateError.
        """
        async with self._database.read() as connection:
            notice, incident = await self._of_link(connection, text)
            name = "" if notice is None else await self._called(connection, notice.person)
        return self._shown(notice, incident, tag, name)

    async def own(self, text: str, tag: str = "en") -> Shown:
        """Acknowledge by a link, and return what to show then. Raises StateError."""
        now_ms = to_ms(self._clock.now())
        async with self._database.write() as connection:
            notice, incident = await self._of_link(connection, text)
            if notice is None or incident is None or not _is_free(notice, incident):
                return self._shown(notice, incident, tag)
            await desk.acknowledge(connection, incident.id, now_ms, await self._called(connection, notice.person))
            await _acted(connection, notice, now_ms, "link", f"incident {incident.id}: acknowledge")
        self._changed(incident.id)
        scene = scene_of(incident.entity, self._telling().inventory())
        log.info("incident %d: %s owns it, by a link", incident.id, notice.person)
        return Shown(linkpage.owned(incident, scene, self._reader(notice)), incident.id)

    async def reply(self, notice: Notice, verb: Verb, text: str, way: str) -> str:
        """Do what somebody replied to a message; return what became of it, in a sentence. Raises StateError."""
        now_ms = to_ms(self._clock.now())
        number = notice.incident
        try:
            async with self._database.write() as connection:
                person = await self._called(connection, notice.person)
                incident = await incidents.get(connection, number)
                if verb == "acknowledge" and incident is not None:
                    number = (await root_of(connection, incident)).id
                if verb == "acknowledge" and not await desk.acknowledge(connection, number, now_ms, person, text):
                    owner = await incidents.get(connection, number)
                    return f"incident {number} is {owner.acknowledged_by if owner else 'somebody'}'s already"
                if verb == "resolve":
                    await desk.resolve(connection, number, now_ms, person, text)
                if verb == "note":
                    await desk.note(connection, number, now_ms, person, text)
                await _acted(connection, notice, now_ms, way, f"incident {number}: {verb}")
        except (LookupError, ConflictError) as error:
            return str(error)
        self._changed(number)
        return f"incident {number}: {verb} by {person}"

    async def _of_link(self, connection: Transaction, text: str) -> tuple[Notice | None, Incident | None]:
        token = read(text)
        notice = None if token is None else await outbox.get(connection, token.notice)
        if token is None or notice is None or not self._links.is_good(token, notice, to_ms(self._clock.now())):
            return None, None
        incident = await incidents.get(connection, notice.incident)
        return notice, None if incident is None else await root_of(connection, incident)

    async def _called(self, connection: Transaction, key: str) -> str:
        """Return how timelines call a person: as their account, found by its address, so that both are one."""
        settings = self._telling().settings
        person = settings.people.get(key)
        address = None if person is None else person.email
        account = None if address is None else await accounts.by_email(connection, str(address))
        return settings.name_of(key) if account is None else account.person

    def _shown(self, notice: Notice | None, incident: Incident | None, tag: str, name: str = "") -> Shown:
        if notice is None or incident is None:
            return Shown(linkpage.wrong(tag), None, WRONG)
        telling, reader = self._telling(), self._reader(notice)
        if notice.acted_ms is not None and incident.acknowledged_ms is None and incident.resolved_ms is None:
            return Shown(linkpage.used(reader.tag), incident.id)
        scene = scene_of(incident.entity, telling.inventory())
        return Shown(linkpage.asking(incident, scene, name, reader), incident.id)

    def _reader(self, notice: Notice) -> Reader:
        person = self._telling().settings.people.get(notice.person)
        return Reader() if person is None else Reader(person.language, person.time_zone)


def _is_free(notice: Notice, incident: Incident) -> bool:
    """Tell whether a link may still acknowledge: it was not used, and there is something to own."""
    return notice.acted_ms is None and incident.acknowledged_ms is None and incident.resolved_ms is None


async def _acted(connection: Transaction, notice: Notice, now_ms: int, way: str, what: str) -> None:
    """Write down that somebody did something by an answer: in the notice, the timeline, and the audit."""
    await outbox.mark_acted(connection, notice.id, now_ms)
    await outbox.mark_read(connection, notice.id, now_ms)
    facts = {"person": notice.person, "channel": notice.channel, "way": way}
    await incidents.record(connection, [Entry(notice.incident, now_ms, "acted", None, facts)])
    detail: dict[str, str | int | None] = {"notice": notice.id, "channel": notice.channel}
    await auditlog.append(connection, Done(now_ms, notice.person, "", way, what, detail=detail))
