"""Mail by SMTP (RFC 5321, 5322): one message for one person."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path
from typing import Literal

from alerts.messages import clean
from alerts.notifiers._ports import Letter, Message, Notifier
from alerts.notifiers._smtp import Smtp, SmtpSettings
from noc.clock import Clock


class Settings(SmtpSettings):
    """How noc sends mail."""

    kind: Literal["email"] = "email"
    """The notifier's kind."""


def build(settings: Settings, folder: Path, clock: Clock) -> Notifier:
    """Return the notifier; nothing is connected yet.

    folder: where relative paths and `!secret file:` start from. Raises SecretError.
    """
    return Email(Smtp(settings, folder, clock))


class Email:
    """Sends mail."""

    def __init__(self, smtp: Smtp) -> None:
        self._smtp = smtp

    async def send(self, message: Message) -> None:
        """Hand a message to the server. Raises NotifyError."""
        await self._smtp.deliver(message.to, self.mime(message))

    async def post(self, letter: Letter) -> None:
        """Hand a letter with its files to the server. Raises NotifyError."""
        await self._smtp.deliver(letter.to, self.letter(letter))

    def mime(self, message: Message) -> EmailMessage:
        """Return the mail."""
        mail = self._smtp.envelope(message.to, message.subject, message.key)
        if message.thread != message.key:
            mail["In-Reply-To"] = self._smtp.id(message.thread)
            mail["References"] = self._smtp.id(message.thread)
        mail["X-Noc-Incident"] = str(message.incident.id)
        mail["X-Noc-Kind"] = message.kind
        # Quoted-printable: seven bits, whatever the servers on the way can do.
        mail.set_content(message.text, cte="quoted-printable")
        mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
        mail["Content-Language"] = message.language  # the last: setting content moves or drops such headers
        return mail

    def letter(self, letter: Letter) -> EmailMessage:
        """Return the mail of a letter."""
        mail = self._smtp.envelope(letter.to, letter.subject, letter.key)
        mail.set_content(letter.text, cte="quoted-printable")
        for one in letter.attachments:
            main, _, sub = one.media_type.partition("/")
            mail.add_attachment(one.body, maintype=main, subtype=sub, filename=clean(one.name))
        mail["Content-Language"] = letter.language
        return mail
