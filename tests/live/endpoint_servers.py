"""What tests of end points share: a certificate authority, servers that talk as a test wants, and a way to ask."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collectors._endpoints import Question
from noc import plugins
from noc.clock import Clock, SystemClock
from noc.inventory.endpoints import (
    DnsProbe,
    Endpoint,
    HttpProbe,
    NtpProbe,
    Probe,
    SmtpProbe,
    TcpProbe,
    TlsProbe,
)
from noc.model.check import Check
from noc.model.reading import Reading
from noc.pipeline.endpoints import faults
from noc.settings.secrets import Secret
from tests.things import watch

NOW = datetime.now(UTC)
KINDS = {HttpProbe: "http", TlsProbe: "tls", DnsProbe: "dns", TcpProbe: "tcp", NtpProbe: "ntp", SmtpProbe: "smtp"}
ZONE = "example.test"


@dataclass(frozen=True)
class Doors:
    clock: Clock = field(default_factory=SystemClock)
    poller: str = "test"


def endpoint(probe: Probe, timeout_s: float = 3.0, retries: int = 0) -> Endpoint:
    watched = watch(timeout=timedelta(seconds=timeout_s), retries=retries)
    return Endpoint("e", "e", "s", None, KINDS[type(probe)], probe, watched, (), ())


async def ask(
    probe: Probe, folder: Path = Path("/"), headers: dict[str, str] | None = None, timeout_s: float = 3.0
) -> tuple[Reading, tuple[str, ...]]:
    """Return what a collector read, and what is wrong by it."""
    asked = endpoint(probe, timeout_s)
    secrets = {name: Secret(value) for name, value in (headers or {}).items()}
    question = Question(Check(asked.entity, asked.kind, 60.0, 10.0, liveness=True), asked, folder, secrets)
    reading: Reading = await plugins.load("collectors", asked.kind).build(Doors()).probe(question)
    assert (reading.check, reading.poller) == (asked.kind, "test")
    assert reading.duration_s < timeout_s + 2.0
    return reading, faults(asked, reading)


class Authority:
    """A certificate authority of this test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
        self.certificate = self._signed(self._name, self._key.public_key(), [], 3650, is_authority=True)
        self.file = folder / "ca.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, names: list[str], days: float = 90) -> ssl.SSLContext:
        """Return the TLS settings of a server with a certificate for these names, valid for so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        signed = self._signed(name, key.public_key(), names, days, is_authority=False)
        path = self.folder / f"{names[0]}-{days}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(path)
        return context

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, names: list[str], days: float, *, is_authority: bool
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=100))
            .not_valid_after(NOW + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if names:
            general = [_general(name) for name in names]
            builder = builder.add_extension(x509.SubjectAlternativeName(general), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _general(name: str) -> x509.GeneralName:
    with contextlib.suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(name))
    return x509.DNSName(name)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[..., Awaitable[int]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start servers that talk as a test wants; they end with it."""
    async with AsyncExitStack() as stack:

        async def start(talk: Talk, tls: ssl.SSLContext | None = None) -> int:
            tasks: set[asyncio.Task[None]] = set()

            async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                task = asyncio.current_task()
                if task is not None:
                    tasks.add(task)
                with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                    await talk(reader, writer)
                writer.close()

            server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)

            def end() -> None:
                for task in tasks:
                    task.cancel()
                server.close()

            stack.callback(end)
            return int(server.sockets[0].getsockname()[1])

        yield start


async def garbage(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\xff\x1b[2J" * 100 + b"\r\n\r\n")
    await writer.drain()


async def quiet(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()
