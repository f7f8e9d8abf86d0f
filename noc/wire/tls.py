"""A TLS handshake for its own sake: the certificate of a server, whether it is trusted, and until when it is valid."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509

from noc.clock import Clock
from noc.model.reading import FailureKind
from noc.model.replies import Certificate, TlsReply
from noc.wire.errors import WireError
from noc.wire.http import Tls
from noc.wire.streams import broken

_NAME_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Handshake:
    """What is asked.

    server_name: for SNI, and what the certificate must name. ca_file: is trusted instead of the system's.
    """

    host: str
    port: int
    server_name: str
    ca_file: Path | None = None


async def shake_hands(asked: Handshake, clock: Clock, timeout_s: float) -> TlsReply:
    """Return what a server shows; a certificate that is not trusted is shown too, with the reason.

    timeout_s: for all. Raises WireError, and UsageError where the file of certificates can't be read.
    """
    where = f"{asked.host} port {asked.port}"
    trusting = Tls(asked.ca_file, names=False).context()  # the name is told apart from the chain
    try:
        async with asyncio.timeout(timeout_s):
            try:
                return await _shown(asked, trusting, clock, "")
            except ssl.SSLCertVerificationError as error:
                reason = error.verify_message or "it is not trusted"
                return await _shown(asked, Tls(verify=False).context(), clock, reason)
    except TimeoutError:
        raise WireError(FailureKind.TIMEOUT, f"{where}: no TLS handshake within {timeout_s:g} s") from None
    except ssl.SSLError as error:
        raise WireError(FailureKind.PROTOCOL, f"{where}: no TLS: {error.reason or 'the handshake failed'}") from None
    except ValueError:
        raise WireError(FailureKind.PROTOCOL, f"{where}: what it shows is no certificate") from None
    except OSError as error:
        raise broken(where, error) from None


async def _shown(asked: Handshake, context: ssl.SSLContext, clock: Clock, untrusted: str) -> TlsReply:
    begun = clock.monotonic()
    _, writer = await asyncio.open_connection(
        asked.host, asked.port, ssl=context, server_hostname=asked.server_name, limit=1024
    )
    took_s = clock.monotonic() - begun
    try:
        session: ssl.SSLObject = writer.get_extra_info("ssl_object")
        der, version = session.getpeercert(binary_form=True), session.version()
    finally:
        writer.transport.abort()
    read = x509.load_der_x509_certificate(der or b"")
    return TlsReply(_told(read), version or "", took_s, untrusted, asked.server_name in _Names(read))


def certificate_of(der: bytes) -> Certificate:
    """Return what a certificate says. Raises ValueError where it is none."""
    return _told(x509.load_der_x509_certificate(der))


def _told(read: x509.Certificate) -> Certificate:
    subject, issuer = (name.rfc4514_string()[:_NAME_CHARACTERS] for name in (read.subject, read.issuer))
    return Certificate(subject, issuer, read.not_valid_before_utc, read.not_valid_after_utc)


class _Names:
    """The names that a certificate is for (RFC 9525): host names, with `*` for a whole first label, and addresses."""

    def __init__(self, read: x509.Certificate) -> None:
        self._hosts: list[str] = []
        self._addresses: list[str] = []
        with suppress(x509.ExtensionNotFound):
            names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            self._hosts = [name.lower().rstrip(".") for name in names.get_values_for_type(x509.DNSName)]
            self._addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]

    def __contains__(self, name: str) -> bool:
        with suppress(ValueError):
            return str(ip_address(name)) in self._addresses
        wanted = name.lower().rstrip(".")
        first, _, rest = wanted.partition(".")
        return wanted in self._hosts or (bool(first and rest) and f"*.{rest}" in self._hosts)
