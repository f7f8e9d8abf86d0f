"""Replies of end points: what a web server, a mail server, a name server said. Facts; what is right is judged later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

TEXT_CHARACTERS: Final = 64 * 1024
"""Of an answer's text, that are looked into."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of X.509. subject, issuer: as RFC 4514 writes them, 200 characters at most."""

    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class HttpReply:
    """The last answer of a web server, after redirects.

    url: without query. headers: by their names in lower case. text: its beginning. length: octets of the body, as they
    came; first_byte_s: from the beginning to the status line and headers of the last answer; total_s: to its end.
    text_found, regex_found: None where none is looked for; a regex that ran out of its time is not found.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    text: str
    length: int
    first_byte_s: float
    total_s: float
    redirects: int = 0
    text_found: bool | None = None
    regex_found: bool | None = None
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True)
class TlsReply:
    """A TLS handshake. version: such as TLSv1.3. untrusted: why its chain is not valid; empty where it is.

    name_matches: whether the certificate names the server.
    """

    certificate: Certificate
    version: str
    handshake_s: float
    untrusted: str = ""
    name_matches: bool = True


@dataclass(frozen=True, slots=True)
class DnsReply:
    """An answer of a name server. rcode: such as NOERROR. answers: records of the type asked for, as text.

    serial: of the SOA record in it. authenticated: the flag AD. signed: signatures came along.
    """

    rcode: str
    answers: tuple[str, ...]
    query_s: float
    serial: int | None = None
    authenticated: bool = False
    signed: bool = False


@dataclass(frozen=True, slots=True)
class TcpReply:
    """A TCP connection that was accepted. connect_s: the time until then."""

    connect_s: float


@dataclass(frozen=True, slots=True)
class NtpReply:
    """An answer of a time server (RFC 5905). offset_s: its clock minus noc's. leap: 3 is not synchronised.

    delay_s: of the round trip. reference: what it goes by: four letters (stratum 1), or an address.
    """

    offset_s: float
    delay_s: float
    stratum: int
    leap: int
    root_dispersion_s: float
    reference: str


@dataclass(frozen=True, slots=True)
class SmtpReply:
    """What a mail server said. code: of the greeting. extensions: what EHLO told, in capitals; None: not asked."""

    code: int
    banner: str
    response_s: float
    extensions: tuple[str, ...] | None = None

    @property
    def starttls(self) -> bool | None:
        """Return whether it offers STARTTLS; None where it was not asked."""
        return None if self.extensions is None else "STARTTLS" in self.extensions


Reply = HttpReply | TlsReply | DnsReply | TcpReply | NtpReply | SmtpReply
