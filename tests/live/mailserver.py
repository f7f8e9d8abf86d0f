"""A real SMTP server (aiosmtpd) on a free loopback port, in the test's own event loop; it can fail on demand."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

ACCEPTED = "250 OK"


class MailServer:
    """Takes mail. refuse: gives the answer to a recipient. hear: is called with each mail before it is accepted."""

    def __init__(self, context: ssl.SSLContext | None = None, password: str | None = None) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse: Callable[[str], str] = lambda _: ACCEPTED
        self.hear: Callable[[EmailMessage], str] = lambda _: ACCEPTED
        self._context = context
        self._password = password
        self._server: asyncio.Server | None = None
        self._sessions: set[SMTP] = set()
        self.port = 0

    async def start(self) -> None:
        """Listen; after a stop on the same port again."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, "127.0.0.1", self.port, reuse_address=True)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more, and hang up on everybody."""
        if self._server is None:
            return
        self._server.close()
        self.hang_up()
        await self._server.wait_closed()
        self._server = None

    def hang_up(self) -> None:
        """Break all connections, in the middle of a word."""
        for session in self._sessions:
            if session.transport is not None:
                session.transport.abort()
        self._sessions.clear()

    def keys(self) -> list[str]:
        """Return the Message-IDs of what was accepted, in order."""
        return [str(mail["Message-ID"]) for mail in self.mails]

    def told(self) -> list[tuple[str, str]]:
        """Return kind and recipient of what was accepted, in order."""
        return [(str(mail["X-Noc-Kind"]), str(mail["To"])) for mail in self.mails]

    def _session(self) -> SMTP:
        session = SMTP(
            self,
            hostname="mail.test",
            ident="test",
            tls_context=self._context,
            require_starttls=self._context is not None,
            auth_required=self._password is not None,
            authenticator=self._authenticate if self._password is not None else None,
            loop=asyncio.get_running_loop(),
        )
        self._sessions.add(session)
        return session

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        known = isinstance(data, LoginPassword) and data.password.decode() == self._password
        return AuthResult(success=known, handled=False)

    async def handle_RCPT(  # noqa: N802 aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.refuse(address)
        if answer == ACCEPTED:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        answer = self.hear(mail)
        if answer == ACCEPTED:
            self.mails.append(mail)
        return answer


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Return a server's TLS context for localhost, and the file with its self-signed certificate."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    return context, cert
