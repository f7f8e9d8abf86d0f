"""HTTP as a client over real sockets: deadlines, bounds, TLS, and servers that are none."""

from __future__ import annotations

import asyncio
import gzip
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from noc.model.reading import FailureKind
from noc.service import running
from noc.wire.errors import WireError
from noc.wire.http import BodyTooLargeError, HttpAnswer, HttpClient, HttpRequest, Tls
from tests.live.ssh_server import free_tcp_port

pytestmark = pytest.mark.live

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
SECRET = "Token hunter2"


@dataclass
class World:
    """Servers that talk as a test wants, and clients; all end with the test."""

    stack: AsyncExitStack
    folder: Path

    async def serve(self, talk: Talk, tls: ssl.SSLContext | None = None) -> str:
        """Return host and port of a server."""

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await talk(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                return
            finally:
                writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
        self.stack.push_async_callback(server.wait_closed)
        self.stack.callback(server.close)
        return f"127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def client(self, tls: Tls | None = None, timeout_s: float = 5.0) -> HttpClient:
        client = HttpClient((tls or Tls()).context(), timeout_s)
        await self.stack.enter_async_context(running([client]))
        return client


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        yield World(stack, tmp_path)


async def head_of(reader: asyncio.StreamReader) -> str:
    return (await reader.readuntil(b"\r\n\r\n")).decode()


def saying(answer: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        writer.write(answer)
        await writer.drain()

    return talk


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def get(server: str, scheme: str = "http") -> HttpRequest:
    return HttpRequest("GET", f"{scheme}://{server}/secret/path", {"q": "secret"}, {"Authorization": SECRET})


async def failure(client: HttpClient, request: HttpRequest, max_bytes: int = 1000) -> WireError:
    with pytest.raises(WireError) as raised:
        await client.ask(request, max_bytes)
    shown = f"{raised.value!r} {raised.value.__cause__!r}"
    assert "hunter2" not in shown
    assert "secret" not in shown
    return raised.value


async def test_what_is_asked_arrives_as_it_was_given(world: World) -> None:
    seen: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await head_of(reader))
        seen.append((await reader.readexactly(3)).decode())
        writer.write(http(b"done", "201 Created", "X-Said: yes"))
        await writer.drain()

    server = await world.serve(talk)
    client = await world.client()
    hostile = "a b&c=d;e+f%20\"'#/日"
    request = HttpRequest("POST", f"http://{server}/write", {"q": hostile}, {"X-Ours": "1"}, b"abc")
    answer = await client.ask(request)
    assert (answer.status, answer.headers["x-said"], answer.body) == (201, "yes", b"done")
    line, *headers = seen[0].split("\r\n")
    assert line.startswith("POST /write?q=")
    assert "#" not in line
    assert "&" not in line
    assert "X-Ours: 1" in headers
    assert "Content-Length: 3" in headers
    assert seen[1] == "abc"


async def test_a_redirect_is_an_answer(world: World) -> None:
    server = await world.serve(saying(http(b"", "302 Found", "Location: http://192.0.2.1/")))
    answer = await (await world.client()).ask(get(server))
    assert (answer.status, answer.headers["location"]) == (302, "http://192.0.2.1/")


async def test_no_cookie_is_kept(world: World) -> None:
    heads: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await head_of(reader))
        writer.write(http(b"", "200 OK", "Set-Cookie: a=b"))
        await writer.drain()

    server = await world.serve(talk)
    client = await world.client()
    await client.ask(get(server))
    await client.ask(get(server))
    assert len(heads) == 2
    assert "cookie" not in heads[1].lower()


async def test_nobody_listens(world: World) -> None:
    server = f"127.0.0.1:{free_tcp_port()}"
    found = await failure(await world.client(), get(server))
    assert (found.kind, str(found)) == (
        FailureKind.REFUSED,
        f"http://{server}: no connection: connection refused",
    )


async def test_a_name_that_does_not_exist(world: World) -> None:
    found = await failure(await world.client(), get("nowhere.invalid:1"))
    assert (found.kind, str(found)) == (FailureKind.REFUSED, "http://nowhere.invalid:1: the name can't be resolved")


async def test_a_server_that_says_nothing(world: World) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the client hangs up

    found = await failure(await world.client(timeout_s=0.2), get(await world.serve(talk)))
    assert found.kind == FailureKind.TIMEOUT
    assert str(found).endswith("no answer within 0.2 s")


async def test_a_body_that_never_ends_has_the_same_deadline(world: World) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx")
        await reader.read()

    found = await failure(await world.client(timeout_s=0.2), get(await world.serve(talk)))
    assert found.kind == FailureKind.TIMEOUT


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", FailureKind.REFUSED),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx", FailureKind.REFUSED),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", FailureKind.PROTOCOL),
        (b"HTTP/1.1 abc\r\n\r\n", FailureKind.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", FailureKind.PROTOCOL),
    ],
)
async def test_what_is_no_http(world: World, answer: bytes, kind: FailureKind) -> None:
    found = await failure(await world.client(), get(await world.serve(saying(answer))))
    assert found.kind == kind


async def test_an_answer_has_a_bound(world: World) -> None:
    server = await world.serve(saying(http(b"x" * 1001)))
    assert isinstance(await failure(await world.client(), get(server)), BodyTooLargeError)
    fitting = await world.serve(saying(http(b"x" * 1000)))
    answer: HttpAnswer = await (await world.client()).ask(get(fitting), 1000)
    assert len(answer.body) == 1000


async def test_the_bound_counts_what_is_unpacked(world: World) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    server = await world.serve(saying(http(bomb, "200 OK", "Content-Encoding: gzip")))
    found = await failure(await world.client(), get(server), max_bytes=len(bomb) * 2)
    assert isinstance(found, BodyTooLargeError)


# --- TLS ------------------------------------------------------------------------------------------------------------


def certificate(folder: Path, address: str) -> Path:
    """Make a certificate that signs itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin.replace(year=2100))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{address}.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


async def secure(world: World, path: Path) -> str:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return await world.serve(saying(http(b"safe")), context)


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(world: World) -> None:
    server = await secure(world, certificate(world.folder, "127.0.0.1"))
    found = await failure(await world.client(), get(server, "https"))
    assert found.kind == FailureKind.PROTOCOL
    assert "its certificate is not trusted: self-signed certificate" in str(found)


async def test_a_certificate_that_is_named_is_trusted(world: World) -> None:
    path = certificate(world.folder, "127.0.0.1")
    server = await secure(world, path)
    assert (await (await world.client(Tls(path))).ask(get(server, "https"))).body == b"safe"


async def test_a_file_of_certificates_that_was_replaced_is_read_anew(world: World) -> None:
    before = certificate(world.folder, "127.0.0.2").read_bytes()
    path = certificate(world.folder, "127.0.0.1")
    fitting = path.read_bytes()
    server = await secure(world, path)
    path.write_bytes(before)
    found = await failure(await world.client(Tls(path)), get(server, "https"))
    assert "its certificate is not trusted" in str(found)
    path.write_bytes(fitting)
    assert (await (await world.client(Tls(path))).ask(get(server, "https"))).body == b"safe"


async def test_a_certificate_of_another_host_is_not_trusted(world: World) -> None:
    path = certificate(world.folder, "127.0.0.2")
    server = await secure(world, path)
    found = await failure(await world.client(Tls(path)), get(server, "https"))
    assert "its certificate is not trusted" in str(found)
    assert (await (await world.client(Tls(verify=False))).ask(get(server, "https"))).body == b"safe"


async def test_a_server_without_tls(world: World) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    found = await failure(await world.client(), get(await world.serve(talk), "https"))
    assert found.kind == FailureKind.PROTOCOL
    assert ": no TLS: " in str(found)
