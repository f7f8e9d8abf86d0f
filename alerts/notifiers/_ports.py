"""What a notifier is given and what it owes. Notifiers don't know each other.

A notifier is a file of this folder with `Settings` and `build(settings, folder, clock) -> Notifier`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from noc.model.errors import NocError
from noc.model.incident import Incident, NoticeKind


@dataclass(frozen=True, slots=True)
class Message:
    """One message for one person, in words.

    key: the same for every attempt to send this message; hand it on, so that a receiver can tell a repetition. thread:
    the key of the first message of this incident to this person; equal to `key` for the first one. to: the person's
    address for this kind of notifier. subject, text, html, short: free of control characters, whatever a device said;
    html is a whole document; short fits into one SMS (160 characters of GSM 7 bit, or 70 of UCS-2) and names the
    incident. language: of all of them, a tag. url: the incident's page. ack_url: a link for this person alone, with
    which they acknowledge without logging in; it shows a page with a button. Both None where noc doesn't know its own
    address; ack_url also where there is nothing to acknowledge. incident, kind: for receivers that are programs.
    """

    key: str
    thread: str
    to: str
    name: str
    subject: str
    text: str
    html: str
    kind: NoticeKind
    incident: Incident
    short: str = ""
    language: str = "en"
    url: str | None = None
    ack_url: str | None = None


class NotifyError(NocError):
    """A message was not taken. permanent: nor will it be, for this person; else it is tried again.

    unknown: it may have been taken all the same, such as when the answer was lost. The text is for the timeline and the
    log: who said what, without secrets.
    """

    def __init__(self, message: str, *, permanent: bool = False, unknown: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.unknown = unknown


class Notifier(Protocol):
    """Tells people. Its constructor is inert; it keeps no queue and tries once: the outbox does the rest."""

    async def send(self, message: Message) -> None:
        """Hand a message over; when this returns, somebody else has it safe.

        Raises NotifyError. May be cancelled at any moment, when it takes too long.
        """
        ...


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a Letter. media_type: `application/pdf`."""

    name: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """Something for one person that is no incident, such as a report.

    key: the same for every attempt to send it. to: the person's address. subject, text: free of control characters.
    language: of the text, a tag. short: the same, fit for one SMS, with the link in it; empty where a letter has no
    short form. url: the page that it is about. name: of the person.
    """

    key: str
    to: str
    subject: str
    text: str
    language: str
    attachments: tuple[Attachment, ...] = ()
    short: str = ""
    url: str | None = None
    name: str = ""


@runtime_checkable
class Postman(Protocol):
    """A Notifier that can carry files too."""

    async def post(self, letter: Letter) -> None:
        """Hand a letter over, as `send` does a message. Raises NotifyError; may be cancelled at any moment."""
        ...


@runtime_checkable
class Announcer(Protocol):
    """A Notifier that carries no letters, but can tell somebody in short that there is something for them."""

    async def announce(self, letter: Letter) -> None:
        """Hand over what a letter says in short, as `send` does a message. Raises NotifyError; may be cancelled."""
        ...


@dataclass(frozen=True, slots=True)
class TicketNow:
    """How an incident stands in another system. reference: its number there. state: a word, 40 characters at most."""

    reference: str
    state: str
    url: str | None = None


@runtime_checkable
class TicketSystem(Protocol):
    """A Notifier that can be asked how incidents stand at the other end."""

    async def tickets(self, incidents: Sequence[Incident]) -> Mapping[int, TicketNow]:
        """Return what is known of incidents there, by their number; who has no ticket is left out.

        Is given 50 at most. Raises NotifyError; may be cancelled at any moment.
        """
        ...


@runtime_checkable
class AnswersByMail(Protocol):
    """A Notifier to which the other end answers by mail."""

    def answer(self, sender: str, subject: str, text: str) -> tuple[str, TicketNow] | None:
        """Return the key of the incident that a mail is about, and how it stands there; None: it is none of its own.

        sender: its address, of which somebody else made sure.
        """
        ...
