"""Tickets by mail: for systems that make a ticket of a mail, and of the next mail with the same key an addition.

The key stands in the subject, `[NOC-6f1d…]`, the same from the page to the end, and every mail answers the first one
(In-Reply-To), so it is found by either. What the system answers, with its number and state, is read by `answer`.
"""

from __future__ import annotations

import re
from email.message import EmailMessage
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from alerts.messages import clean
from alerts.notifiers._facts import Plain, incident_data, is_over, key_of
from alerts.notifiers._ports import Message, Notifier, NotifyError, TicketNow
from alerts.notifiers._smtp import Smtp, SmtpSettings
from alerts.notifiers._templates import TemplateWrongError, known, render, tried
from alerts.policies import Mailbox
from noc.clock import Clock

TITLE_AT_MOST: Final = 160
STATE_AT_MOST: Final = 40
READ_AT_MOST: Final = 64 * 1024

_KEY: Final = re.compile(r"\[NOC-([0-9a-f]{16}|noc-[0-9]{1,15})\]")
_STATE: Final = re.compile(r"(?:status|state|new status|current status)[ \t]*[:=][ \t]*(\S.{0,80})\Z", re.IGNORECASE)

Label = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9 _-]{0,40}$")]
Prefix = Annotated[str, Field(pattern=r"^[A-Za-z#-]{1,10}$")]


class Settings(SmtpSettings):
    """How tickets are mailed. A person's address for ticketmail is the mailbox of the system."""

    kind: Literal["ticketmail"] = "ticketmail"
    """The notifier's kind."""
    fields: dict[Label, str] = Field(default_factory=dict)
    """More lines `Label: text` at the beginning of a mail, such as {Category: Network}. Texts are templates."""
    answers_from: tuple[Mailbox, ...] = ()
    """Addresses that the system answers from; of others nothing is believed."""
    numbers: tuple[Prefix, ...] = ("INC", "REQ", "RITM", "SR", "#")
    """What the numbers of tickets begin with."""

    @model_validator(mode="after")
    def _fields_can_be_made(self) -> Self:
        tried({}, lambda data: [render(text, data) for text in self.fields.values()])
        return self


def build(settings: Settings, folder: Path, clock: Clock) -> Notifier:
    """Return the notifier; nothing is connected yet. Raises SecretError."""
    return TicketMail(settings, Smtp(settings, folder, clock))


class TicketMail:
    """Mails tickets."""

    def __init__(self, settings: Settings, smtp: Smtp) -> None:
        self._settings = settings
        self._smtp = smtp
        prefixes = "|".join(re.escape(prefix) for prefix in settings.numbers)
        self._number = re.compile(rf"(?<![A-Za-z0-9])(?:{prefixes})[-#]?[0-9]{{2,15}}(?![0-9])")

    async def send(self, message: Message) -> None:
        """Hand a mail to the server. Raises NotifyError."""
        await self._smtp.deliver(message.to, self.mime(message))

    def mime(self, message: Message) -> EmailMessage:
        """Return the mail. Raises NotifyError where a template fails."""
        key = key_of(message.incident)
        mail = self._smtp.envelope(message.to, f"[NOC-{key}] {clean(message.subject, TITLE_AT_MOST)}", message.key)
        if message.thread != message.key:
            mail["In-Reply-To"] = self._smtp.id(message.thread)
            mail["References"] = self._smtp.id(message.thread)
        mail["X-Noc-Incident"] = str(message.incident.id)
        mail["X-Noc-Kind"] = message.kind
        mail.set_content(self._body(message, key), cte="quoted-printable")
        return mail

    def _body(self, message: Message, key: str) -> str:
        data = incident_data(message.incident)
        action = "resolve" if is_over(message) else "open" if message.thread == message.key else "update"
        lines: dict[str, Plain] = {
            "Action": action,
            "Key": key,
            "Incident": message.incident.id,
            "Entity": message.incident.entity,
            **{name.capitalize(): data[name] for name in ("severity", "priority", "impact", "urgency", "since")},
            "Link": message.url,
        }
        try:
            own = {label: render(text, known(message, {})) for label, text in self._settings.fields.items()}
        except TemplateWrongError as error:
            raise NotifyError(f"ticketmail: template of fields: {clean(str(error))}") from None
        written = [f"{label}: {clean(str(value))}" for label, value in {**lines, **own}.items() if value is not None]
        return "\n".join([*written, "", message.text])

    def answer(self, sender: str, subject: str, text: str) -> tuple[str, TicketNow] | None:
        """Return the key of the incident that an answer is about, and the ticket; None where it is none."""
        if sender.lower() not in {address.lower() for address in self._settings.answers_from}:
            return None
        written = f"{subject}\n{text[:READ_AT_MOST]}"
        key, number = _KEY.search(written), self._number.search(written)
        if key is None or number is None:
            return None
        states = (_STATE.match(line.strip()[:200]) for line in written.splitlines())
        state = next((found[1] for found in states if found is not None), "open")
        return key[1], TicketNow(number[0], clean(state.strip().lower(), STATE_AT_MOST))
