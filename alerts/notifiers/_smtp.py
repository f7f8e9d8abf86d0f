"""SMTP (RFC 5321): one mail for one recipient, over a connection of its own. Not a notifier itself.

What the server says decides what comes next: a recipient or a message that it refuses for good (5xx) is not tried
again; everything else, also a wrong password of ours, is (people will mend it, and then want their pages).
"""

from __future__ import annotations

import re
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self

import aiosmtplib
from aiosmtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from pydantic import AfterValidator, Field, model_validator

from alerts.messages import clean
from alerts.notifiers._ports import NotifyError
from alerts.policies import Mailbox
from noc.clock import Clock
from noc.inventory.values import Port
from noc.model.errors import UsageError
from noc.settings.schema import Duration, parse_duration
from noc.settings.schema import Settings as BaseSettings
from noc.settings.secrets import SecretReference
from noc.wire.http import Tls

PORTS = {"starttls": 587, "tls": 465, "none": 25}
PERMANENT = 500
FAREWELL_S = 2.0
SAID_AT_MOST = 300

_HOST = re.compile(r"[A-Za-z0-9.:_-]{1,253}\Z")


def _host(text: str) -> str:
    if _HOST.match(text) is None:
        raise ValueError(f"'{text[:60]}' is no name or address of a server; write mail.example.org")
    return text


class SmtpSettings(BaseSettings):
    """The server that takes mail."""

    host: Annotated[str, Field(min_length=1), AfterValidator(_host)]
    """Name or address of the SMTP server."""
    port: Port | None = None
    """TCP port. Default: 587 for starttls, 465 for tls, 25 for none."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """starttls: the connection is encrypted before anything is said, or nothing is. tls: from the first byte. none: not
    at all."""
    ca: Path | None = None
    """File with the certificates (PEM) that the server's is checked against. Default: the system's."""
    user: Annotated[str, Field(min_length=1)] | None = None
    """Name to log in with. Default: no log-in."""
    password: SecretReference | None = None
    """The password to it."""
    sender: Mailbox = Field(alias="from")
    """Address that messages come from."""
    reply_to: Mailbox | None = None
    """Address that answers go to; its mail server hands them to `receivers.mail`. Default: answers are not taken."""
    timeout: Duration = parse_duration("15s")
    """How long each step of the conversation with the server may take."""

    @model_validator(mode="after")
    def _log_in_is_whole_and_private(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password are given together, or neither")
        if self.user is not None and self.security == "none" and not _is_here(self.host):
            raise ValueError("a password is not sent over a connection that isn't encrypted: security: starttls or tls")
        if self.ca is not None and self.security == "none":
            raise ValueError("ca is for connections that are encrypted: security: starttls or tls")
        return self


class Smtp:
    """Hands mail to a server. folder: where relative paths and `!secret file:` start from. Raises SecretError."""

    def __init__(self, settings: SmtpSettings, folder: Path, clock: Clock) -> None:
        self._settings = settings
        self._tls = Tls(None if settings.ca is None else folder / settings.ca)
        self._password = None if settings.password is None else settings.password.resolve(folder)
        self._clock = clock

    async def deliver(self, to: str, mail: EmailMessage) -> None:
        """Hand a mail to the server. Raises NotifyError."""
        has_begun = False
        try:
            client = self._client()
            try:
                await client.connect()
                has_begun = True
                await client.sendmail(self._settings.sender, [to], mail.as_bytes(policy=WIRE))
                # It is theirs from here on: a farewell that fails must not have it sent twice.
                with suppress(SMTPException, OSError):
                    await client.quit(timeout=FAREWELL_S)
            finally:
                client.close()
        except SMTPRecipientsRefused as error:
            refused = error.recipients[0]
            raise NotifyError(self._said(refused.code, refused.message), permanent=refused.code >= PERMANENT) from error
        except SMTPDataError as error:
            raise NotifyError(self._said(error.code, error.message), permanent=error.code >= PERMANENT) from error
        except SMTPResponseException as error:
            raise NotifyError(self._said(error.code, error.message)) from error
        except (SMTPException, OSError, ValueError, UsageError) as error:
            reason = clean(str(error) or type(error).__name__, SAID_AT_MOST)
            # Cut off in the middle of handing it over: the server may have it.
            raise NotifyError(f"mail server {self._server()}: {reason}", unknown=has_begun) from error

    def _client(self) -> aiosmtplib.SMTP:
        settings = self._settings
        return aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port or PORTS[settings.security],
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=None if settings.security == "none" else self._tls.context(),
            username=settings.user,
            password=None if self._password is None else self._password.reveal(),
            local_hostname=settings.sender.partition("@")[2],
            timeout=settings.timeout.total_seconds(),
        )

    def envelope(self, to: str, subject: str, key: str) -> EmailMessage:
        """Return a mail without its body. The Message-ID is made of the key: a repetition carries the same."""
        mail = EmailMessage()
        mail["From"] = self._settings.sender
        mail["To"] = to
        if self._settings.reply_to is not None:
            mail["Reply-To"] = self._settings.reply_to
        mail["Subject"] = clean(subject)
        mail["Date"] = format_datetime(self._clock.now())
        mail["Message-ID"] = self.id(key)
        # RFC 3834: no holiday notice comes back.
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        return mail

    def id(self, key: str) -> str:
        """Return the Message-ID of a key."""
        return f"<{key}@{self._settings.sender.partition('@')[2]}>"

    def _said(self, code: int, message: str) -> str:
        return f"mail server {self._server()} said: {code} {clean(message, SAID_AT_MOST)}"

    def _server(self) -> str:
        return f"{self._settings.host}:{self._settings.port or PORTS[self._settings.security]}"


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
