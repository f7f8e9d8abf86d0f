"""Web servers, certificates and ports: aiohttp with certificates made here, and servers that talk nonsense."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from noc.inventory.endpoints import (
    HttpProbe,
    TcpProbe,
    TlsProbe,
)
from noc.model.reading import FailureKind
from noc.model.replies import HttpReply, TcpReply, TlsReply
from noc.pipeline.endpoints import days_left
from tests.live.endpoint_servers import NOW, Authority, Serve, Talk, ask, garbage, quiet
from tests.live.endpoint_servers import authority as authority  # noqa: PLC0414 a fixture
from tests.live.endpoint_servers import serve as serve  # noqa: PLC0414 a fixture
from tests.live.ssh_server import free_tcp_port

pytestmark = pytest.mark.live


@pytest.fixture
async def site(authority: Authority) -> AsyncIterator[tuple[int, int, list[str]]]:
    """A web server of aiohttp: its ports without and with TLS, and the log-ins that it saw."""
    seen: list[str] = []

    async def health(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization", ""))
        return web.Response(text="status: OK\nnode 7", headers={"X-Served-By": "brindisi"})

    async def moved(_: web.Request) -> web.Response:
        raise web.HTTPFound("/health?again=1")

    async def round_and_round(_: web.Request) -> web.Response:
        raise web.HTTPFound("/round")

    async def away(request: web.Request) -> web.Response:
        raise web.HTTPFound(f"http://127.0.0.1:{plain}/health") if request.secure else web.HTTPFound(there)

    async def broken(_: web.Request) -> web.Response:
        raise web.HTTPServiceUnavailable(text="maintenance")

    app = web.Application()
    for path, handler in (
        *(("/health", health), ("/moved", moved), ("/round", round_and_round), ("/away", away), ("/broken", broken)),
    ):
        app.router.add_get(path, handler)
    runner = web.AppRunner(app)
    await runner.setup()
    plain, secure = free_tcp_port(), free_tcp_port()
    there = f"https://127.0.0.1:{secure}/health"
    await web.TCPSite(runner, "127.0.0.1", plain).start()
    await web.TCPSite(runner, "127.0.0.1", secure, ssl_context=authority.server(["127.0.0.1"], 12)).start()
    yield plain, secure, seen
    await runner.cleanup()


async def test_http_reads_status_text_times_and_headers(site: tuple[int, int, list[str]]) -> None:
    probe = HttpProbe(url=f"http://127.0.0.1:{site[0]}/health?key=1", text="status: OK", regex=r"node \d+")
    reading, wrong = await ask(probe, headers={"Authorization": "Token hunter2"})
    reply = reading.reply
    assert isinstance(reply, HttpReply)
    assert wrong == ()
    assert (reply.status, reply.text_found, reply.regex_found, reply.redirects) == (200, True, True, 0)
    assert reply.headers["x-served-by"] == "brindisi"
    assert "key" not in reply.url
    assert 0.0 < reply.first_byte_s <= reply.total_s < 3.0
    assert reply.certificate is None
    assert site[2] == ["Token hunter2"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"path": "/broken"}, "status 503, not 200"),
        ({"text": "status: WELL"}, "the answer lacks 'status: WELL'"),
        ({"regex": "node [a-z]"}, "the answer has nothing like 'node [a-z]'"),
        ({"path": "/moved"}, "status 302, not 200"),
    ],
)
async def test_http_tells_what_is_not_right(
    site: tuple[int, int, list[str]], changes: dict[str, str], said: str
) -> None:
    path = changes.pop("path", "/health")
    _, wrong = await ask(HttpProbe(url=f"http://127.0.0.1:{site[0]}{path}", **changes))  # type: ignore[arg-type]
    assert said in wrong


async def test_http_follows_redirects_and_keeps_secrets_from_other_servers(site: tuple[int, int, list[str]]) -> None:
    plain, _, seen = site
    reading, wrong = await ask(
        HttpProbe(url=f"http://127.0.0.1:{plain}/moved", follow=2), headers={"Authorization": "Token hunter2"}
    )
    assert wrong == ()
    assert isinstance(reading.reply, HttpReply)
    assert (reading.reply.redirects, seen) == (1, ["Token hunter2"])
    reading, _ = await ask(
        HttpProbe(url=f"http://127.0.0.1:{plain}/away", follow=2, verify=False),
        headers={"Authorization": "Token hunter2"},
    )
    assert isinstance(reading.reply, HttpReply)
    assert (reading.reply.status, seen[1:]) == (200, [""])


async def test_http_goes_round_in_redirects_no_longer_than_it_may(site: tuple[int, int, list[str]]) -> None:
    reading, _ = await ask(HttpProbe(url=f"http://127.0.0.1:{site[0]}/round", follow=5))
    assert reading.failure is not None
    assert reading.failure.kind is FailureKind.PROTOCOL
    assert "redirects more than 5 times" in reading.failure.reason


async def test_https_tells_the_days_of_the_certificate(site: tuple[int, int, list[str]], authority: Authority) -> None:
    url = f"https://127.0.0.1:{site[1]}/health"
    reading, wrong = await ask(HttpProbe(url=url, ca_file="ca.pem"), authority.folder)
    assert wrong == ()
    assert isinstance(reading.reply, HttpReply)
    assert reading.reply.certificate is not None
    assert days_left(reading.reply.certificate, NOW) == pytest.approx(12, abs=0.01)
    reading, _ = await ask(HttpProbe(url=url))
    assert reading.failure is not None
    assert "certificate is not trusted" in reading.failure.reason
    reading, _ = await ask(
        HttpProbe(url=f"https://127.0.0.1:{site[1]}/away", ca_file="ca.pem", follow=1), authority.folder
    )
    assert reading.failure is not None
    assert "redirects from https to http" in reading.failure.reason


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def many_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: " + b"y" * 4000 + b"\r\n")
        await writer.drain()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"z" * 5000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


async def compressed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    import gzip  # noqa: PLC0415 only here

    await reader.readuntil(b"\r\n\r\n")
    bomb = gzip.compress(b"\0" * 50_000_000)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb)
    await writer.drain()


@pytest.mark.parametrize(
    ("talk", "kind", "said"),
    [
        (endless, FailureKind.PROTOCOL, "longer than 1048576 bytes"),
        (compressed, FailureKind.PROTOCOL, "longer than 1048576 bytes"),
        (many_headers, FailureKind.PROTOCOL, "no HTTP"),
        (drip, FailureKind.TIMEOUT, "no whole answer within 1 s"),
        (garbage, FailureKind.PROTOCOL, "no HTTP"),
    ],
)
async def test_http_ends_with_whoever_talks_nonsense(serve: Serve, talk: Talk, kind: FailureKind, said: str) -> None:
    port = await serve(talk)
    reading, _ = await ask(HttpProbe(url=f"http://127.0.0.1:{port}/"), timeout_s=1.0)
    assert reading.failure is not None
    assert (reading.failure.kind, said in reading.failure.reason) == (kind, True), reading.failure


async def test_a_hard_pattern_gets_a_tenth_of_a_second(serve: Serve) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n" + b"a" * 60000)
        await writer.drain()

    port = await serve(talk)
    reading, wrong = await ask(HttpProbe(url=f"http://127.0.0.1:{port}/", regex="(a+)+[bc]"))
    assert wrong == ("the answer has nothing like '(a+)+[bc]'",)
    assert reading.duration_s < 1.5


async def test_tls_tells_certificate_chain_and_name(serve: Serve, authority: Authority) -> None:
    port = await serve(quiet, authority.server(["*.example.test", "127.0.0.1"], 12))
    good = TlsProbe(host="127.0.0.1", port=port, server_name="mail.example.test", ca_file="ca.pem")
    reading, wrong = await ask(good, authority.folder)
    assert wrong == ()
    reply = reading.reply
    assert isinstance(reply, TlsReply)
    assert (reply.version, reply.untrusted, reply.name_matches) == ("TLSv1.3", "", True)
    assert days_left(reply.certificate, NOW) == pytest.approx(12, abs=0.01)
    assert (reply.certificate.subject, reply.certificate.issuer) == ("CN=*.example.test", "CN=Test CA")
    for changes, said in (
        ({"server_name": "example.test"}, "the certificate does not name 'example.test'"),
        ({"server_name": "a.b.example.test"}, "the certificate does not name 'a.b.example.test'"),
        ({"ca_file": None}, "the certificate is not trusted: unable to get local issuer certificate"),
        ({"days_left": 30}, "the certificate has 12 days left, fewer than 30"),
    ):
        _, wrong = await ask(good.model_copy(update=changes), authority.folder)
        assert wrong == (said,)
    _, wrong = await ask(good.model_copy(update={"server_name": None}), authority.folder)
    assert wrong == ()


async def test_names_are_checked_by_others_after_one_was_told_apart(serve: Serve, authority: Authority) -> None:
    port = await serve(quiet, authority.server(["mail.example.test"]))
    told = TlsProbe(host="127.0.0.1", port=port, server_name="example.test", ca_file="ca.pem")
    _, wrong = await ask(told, authority.folder)
    assert wrong == ("the certificate does not name 'example.test'",)
    reading, _ = await ask(HttpProbe(url=f"https://127.0.0.1:{port}/", ca_file="ca.pem"), authority.folder)
    assert reading.failure is not None
    assert "its certificate is not trusted: IP address mismatch" in reading.failure.reason


async def test_tls_tells_of_a_certificate_that_is_over(serve: Serve, authority: Authority) -> None:
    port = await serve(quiet, authority.server(["127.0.0.1"], -3))
    reading, wrong = await ask(TlsProbe(host="127.0.0.1", port=port, ca_file="ca.pem"), authority.folder)
    assert wrong == ("the certificate expired 3 days ago",)
    assert isinstance(reading.reply, TlsReply)


async def test_tls_of_an_old_version(serve: Serve, authority: Authority) -> None:
    context = authority.server(["127.0.0.1"])
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    port = await serve(quiet, context)
    probe = TlsProbe(host="127.0.0.1", port=port, ca_file="ca.pem", version="1.3")
    _, wrong = await ask(probe, authority.folder)
    assert wrong == ("TLSv1.2 is older than TLS 1.3",)


@pytest.mark.parametrize(("talk", "kind"), [(garbage, FailureKind.PROTOCOL), (quiet, FailureKind.TIMEOUT)])
async def test_tls_ends_with_whoever_has_none(serve: Serve, talk: Talk, kind: FailureKind) -> None:
    reading, _ = await ask(TlsProbe(host="127.0.0.1", port=await serve(talk)), timeout_s=1.0)
    assert reading.failure is not None
    assert reading.failure.kind is kind


async def test_tcp_connects_or_is_refused(serve: Serve) -> None:
    reading, wrong = await ask(TcpProbe(host="127.0.0.1", port=await serve(quiet)))
    assert wrong == ()
    assert isinstance(reading.reply, TcpReply)
    reading, _ = await ask(TcpProbe(host="127.0.0.1", port=free_tcp_port()))
    assert reading.failure is not None
    assert reading.failure.kind is FailureKind.REFUSED
    reading, _ = await ask(TcpProbe(host="no-such-host.invalid", port=1))
    assert reading.failure is not None
    assert "the name can't be resolved" in reading.failure.reason
