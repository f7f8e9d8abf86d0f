"""Answers by mail: from the SMTP server that takes them to what people want done with an incident."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from alerts.answers import Answers
from alerts.dispatch import Dispatch
from alerts.policies import AlertSettings
from alerts.replies import Delivery, Nothing, Reply, read_mail
from noc.model.incident import Notice
from noc.state import outbox
from noc.state.database import Database, StateError

log = logging.getLogger(__name__)

DONE = "250 2.0.0"
LATER = "451 4.3.0 it can't be written down now"
NOT_TAKEN = "550 5.7.1"


@dataclass(frozen=True, slots=True)
class Mailing:
    """Takes mails. settings: people of now. ticket: takes a mail that a ticket system answers with, or says False."""

    database: Database
    answers: Answers
    dispatch: Dispatch
    settings: Callable[[], AlertSettings]
    ticket: Callable[[bytes], Awaitable[bool]]

    async def take(self, raw: bytes) -> str:
        """Do what a mail wants, and return what the SMTP server answers."""
        try:
            if await self.ticket(raw):
                return f"{DONE} noted"
        except StateError as error:
            log.error("an answer of a ticket system has to wait: %s", error)
            return LATER
        mail = read_mail(raw)
        if isinstance(mail, Nothing):
            log.info("a mail is left aside: %s", mail.why)
            return f"{DONE} left aside: {mail.why}"
        try:
            notice = await self._notice(mail.keys)
            if notice is None:
                return f"{NOT_TAKEN} it answers no message that this noc knows"
            if isinstance(mail, Delivery):
                await self.dispatch.reported(notice, mail.said, delivered=mail.delivered)
                return f"{DONE} noted"
            return await self._reply(mail, notice)
        except StateError as error:
            log.error("an answer by mail has to wait: %s", error)
            return LATER

    async def _reply(self, mail: Reply, notice: Notice) -> str:
        person = self.settings().people.get(notice.person)
        if person is None or person.email is None or person.email.casefold() != mail.sender:
            log.warning("incident %d: an answer of somebody else than %s is not taken", notice.incident, notice.person)
            return f"{NOT_TAKEN} only the person whom the message was for may answer it, from their own address"
        said = await self.answers.reply(notice, mail.verb, mail.text, "mail")
        log.info("answer by mail: %s", said)
        return f"{DONE} {said}".encode("ascii", "replace").decode()

    async def _notice(self, keys: tuple[str, ...]) -> Notice | None:
        async with self.database.read() as connection:
            for key in keys:
                found = await outbox.by_key(connection, key)
                if found is not None:
                    return found
        return None
