"""Name, time and mail servers: knotd with a signed zone, unbound that verifies it, chronyd, aiosmtpd, and liars."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from noc.inventory.endpoints import (
    DnsProbe,
    NtpProbe,
    SmtpProbe,
)
from noc.model.reading import FailureKind
from noc.model.replies import DnsReply, NtpReply, SmtpReply
from tests.live.conftest import find_program, free_udp_port, running, wait_for
from tests.live.endpoint_servers import ZONE, Authority, Serve, Talk, ask, garbage, quiet
from tests.live.endpoint_servers import authority as authority  # noqa: PLC0414 a fixture
from tests.live.endpoint_servers import serve as serve  # noqa: PLC0414 a fixture
from tests.live.ssh_server import free_tcp_port

pytestmark = pytest.mark.live


def answers(port: int) -> bool:
    query = bytes.fromhex("000101000001000000000000") + b"\x07example\x04test\x00" + bytes.fromhex("00060001")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.5)
        try:
            probe.connect(("127.0.0.1", port))
            probe.send(query)
            return probe.recv(4096)[3] & 0xF == 0
        except OSError:
            return False


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """The ports of knotd with a signed zone, and of unbound, which verifies what knotd says."""
    knotd, keymgr = find_program("knotd", "knot"), find_program("keymgr", "knot")
    unbound = find_program("unbound", "unbound")
    folder = tmp_path_factory.mktemp("dns")
    authoritative, resolver = free_udp_port(), free_udp_port()
    (folder / "zone").write_text(
        f"$ORIGIN {ZONE}.\n$TTL 60\n@ SOA ns hostmaster 2026112101 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"
        'mail A 192.0.2.25\nmail A 192.0.2.26\n@ MX 10 mail\n@ TXT "v=spf1 -all"\n'
    )
    config = folder / "knot.conf"
    config.write_text(
        f"server:\n  listen: 127.0.0.1@{authoritative}\n  rundir: {folder}\n"
        f"database:\n  storage: {folder}\n"
        f"policy:\n - id: signing\n   algorithm: ecdsap256sha256\n   single-type-signing: on\n   ksk-lifetime: 0\n"
        f"zone:\n - domain: {ZONE}\n   storage: {folder}\n   file: zone\n   zonefile-sync: -1\n"
        "   zonefile-load: whole\n"
        "   journal-content: none\n   dnssec-signing: on\n   dnssec-policy: signing\n   serial-policy: increment\n"
    )
    with running([knotd, "-c", str(config)], folder / "knot.log") as knot:
        wait_for(lambda: answers(authoritative), knot, "knotd", folder / "knot.log")
        told = subprocess.run(
            [keymgr, "-c", str(config), ZONE, "ds"], capture_output=True, text=True, check=True, timeout=30
        )
        settings = folder / "unbound.conf"
        settings.write_text(
            f'server:\n  interface: 127.0.0.1\n  port: {resolver}\n  do-daemonize: no\n  username: ""\n  chroot: ""\n'
            f'  directory: "{folder}"\n  pidfile: ""\n  use-syslog: no\n  do-not-query-localhost: no\n'
            f'  module-config: "validator iterator"\n  trust-anchor: "{told.stdout.splitlines()[0]}"\n'
            f'  local-zone: "test." nodefault\n'
            f'stub-zone:\n  name: "{ZONE}"\n  stub-addr: 127.0.0.1@{authoritative}\n'
        )
        with running([unbound, "-d", "-c", str(settings)], folder / "unbound.log") as validating:
            wait_for(lambda: answers(resolver), validating, "unbound", folder / "unbound.log")
            yield authoritative, resolver


async def test_dns_reads_answers_serial_and_signatures(names: tuple[int, int]) -> None:
    authoritative, _ = names
    reading, wrong = await ask(
        DnsProbe(server="127.0.0.1", port=authoritative, name=f"mail.{ZONE}", answers=("192.0.2.26",), signed=True)
    )
    assert wrong == ()
    reply = reading.reply
    assert isinstance(reply, DnsReply)
    assert (reply.rcode, reply.answers) == ("NOERROR", ("192.0.2.25", "192.0.2.26"))
    assert (reply.signed, reply.authenticated) == (True, False)
    reading, wrong = await ask(
        DnsProbe(server="127.0.0.1", port=authoritative, name=ZONE, type="SOA", min_serial=2026112101)
    )
    assert wrong == ()
    assert isinstance(reading.reply, DnsReply)
    assert reading.reply.serial is not None
    assert 2026112101 <= reading.reply.serial < 2026112110
    for probe, said in (
        (DnsProbe(server="127.0.0.1", port=authoritative, name=f"mial.{ZONE}"), f"mial.{ZONE}: NXDOMAIN"),
        (DnsProbe(server="127.0.0.1", port=authoritative, name=ZONE), f"{ZONE} has no A record"),
        (
            DnsProbe(server="127.0.0.1", port=authoritative, name=f"mail.{ZONE}", answers=("192.0.2.27",)),
            "the answers lack '192.0.2.27'; there is '192.0.2.25'",
        ),
        (
            DnsProbe(server="127.0.0.1", port=authoritative, name=ZONE, type="SOA", min_serial=2026112190),
            f"the serial is {reading.reply.serial}, before 2026112190",
        ),
        (
            DnsProbe(server="127.0.0.1", port=authoritative, name=f"mail.{ZONE}", authenticated=True),
            "the resolver does not vouch for the answer (no AD flag)",
        ),
    ):
        assert (await ask(probe))[1] == (said,)


async def test_dns_sees_that_a_resolver_has_verified_the_answer(names: tuple[int, int]) -> None:
    probe = DnsProbe(server="127.0.0.1", port=names[1], name=ZONE, type="MX", answers=(f"10 mail.{ZONE}",))
    reading, wrong = await ask(probe.model_copy(update={"authenticated": True, "signed": True}))
    assert wrong == ()
    assert isinstance(reading.reply, DnsReply)
    assert (reading.reply.authenticated, reading.reply.signed) == (True, True)


@contextlib.asynccontextmanager
async def datagrams(answer: Callable[[bytes], list[bytes]]) -> AsyncIterator[int]:
    """Answer datagrams as a test wants."""

    class Talker(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = cast("asyncio.DatagramTransport", transport)

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            for said in answer(data):
                self.transport.sendto(said, addr)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Talker, local_addr=("127.0.0.1", 0))
    yield int(transport.get_extra_info("sockname")[1])
    transport.close()


LIES = [
    lambda data: [b"\xff" * 20],
    lambda data: [b""],
    lambda data: [data[:2] + b"\x81\x80" + b"\xff\xff" * 4 + b"\xc0\x0c" * 50],
    lambda data: [data[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + data[12:] + b"\xc0\x0c\x00\x01\x00\x01"],
    lambda data: [bytes(reversed(data))],
]


@pytest.mark.parametrize("lie", LIES)
async def test_dns_ends_with_whoever_talks_nonsense(lie: Callable[[bytes], list[bytes]]) -> None:
    async with datagrams(lie) as port:
        reading, _ = await ask(DnsProbe(server="127.0.0.1", port=port, name="a.test"), timeout_s=0.5)
    assert reading.failure is not None
    assert reading.failure.kind in (FailureKind.PROTOCOL, FailureKind.TIMEOUT, FailureKind.REFUSED)


async def test_dns_that_nobody_serves() -> None:
    reading, _ = await ask(DnsProbe(server="127.0.0.1", port=free_udp_port(), name="a.test"), timeout_s=0.5)
    assert reading.failure is not None


@pytest.fixture(scope="module")
def time_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A port of chronyd that serves the machine's own time and sets no clock."""
    chronyd = find_program("chronyd", "chrony")
    folder, port = tmp_path_factory.mktemp("ntp"), free_udp_port()
    config = folder / "chrony.conf"
    config.write_text(
        f"port {port}\nbindaddress 127.0.0.1\nallow 127.0.0.1\nlocal stratum 5\ncmdport 0\n"
        f"pidfile {folder}/pid\nbindcmdaddress /\n"
    )
    user = "root" if os.geteuid() == 0 else os.environ.get("USER", "nobody")
    command = [chronyd, "-d", "-x", "-u", user, "-f", str(config)]
    with running(command, folder / "log") as process:

        def ready() -> bool:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.settimeout(0.5)
                try:
                    probe.connect(("127.0.0.1", port))
                    probe.send(b"\x23" + bytes(47))
                    return len(probe.recv(100)) >= 48
                except OSError:
                    return False

        wait_for(ready, process, "chronyd", folder / "log")
        yield port


async def test_ntp_reads_offset_and_stratum(time_server: int) -> None:
    reading, wrong = await ask(NtpProbe(host="127.0.0.1", port=time_server, max_offset=timedelta(seconds=1)))
    assert wrong == ()
    reply = reading.reply
    assert isinstance(reply, NtpReply)
    assert (reply.stratum, reply.leap) == (5, 0)
    assert abs(reply.offset_s) < 0.5
    assert 0.0 <= reply.delay_s < 1.0
    _, wrong = await ask(NtpProbe(host="127.0.0.1", port=time_server, max_stratum=4))
    assert wrong == ("stratum 5, beyond 4",)


def kiss(data: bytes) -> list[bytes]:
    return [b"\xe4\x00" + bytes(10) + b"RATE" + bytes(8) + data[40:48] + bytes(16)]


def forged(data: bytes) -> list[bytes]:
    return [b"\x24\x01" + bytes(10) + b"GPS\0" + bytes(8) + bytes(8) + bytes(16)]


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (kiss, FailureKind.REFUSED, "it does not serve us (RATE)"),
        (forged, FailureKind.TIMEOUT, "no answer within"),
        (lambda _: [b"short"], FailureKind.PROTOCOL, "it has 5 octets, not 48"),
    ],
)
async def test_ntp_believes_only_who_was_asked(
    answer: Callable[[bytes], list[bytes]], kind: FailureKind, said: str
) -> None:
    async with datagrams(answer) as port:
        reading, _ = await ask(NtpProbe(host="127.0.0.1", port=port), timeout_s=0.5)
    assert reading.failure is not None
    assert (reading.failure.kind, said in reading.failure.reason) == (kind, True)


@pytest.fixture
def mail_server(authority: Authority) -> Iterator[int]:
    controller = Controller(
        Sink(),
        hostname="127.0.0.1",
        port=free_tcp_port(),
        server_hostname="mail.example.test",
        tls_context=authority.server(["127.0.0.1"]),
    )
    controller.start()
    yield controller.port
    controller.stop()


async def test_smtp_reads_banner_and_what_is_offered(mail_server: int) -> None:
    reading, wrong = await ask(SmtpProbe(host="127.0.0.1", port=mail_server, banner="mail.example.test", starttls=True))
    assert wrong == ()
    reply = reading.reply
    assert isinstance(reply, SmtpReply)
    assert (reply.code, reply.starttls) == (220, True)
    assert reply.extensions is not None
    assert "SIZE" in reply.extensions
    reading, wrong = await ask(SmtpProbe(host="127.0.0.1", port=mail_server, banner="other"))
    assert isinstance(reading.reply, SmtpReply)
    assert reading.reply.starttls is None
    assert wrong == ("its greeting lacks 'other'",)


async def busy(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"421 4.3.2 too busy\r\n")
    await writer.drain()


async def without_end(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"220-and so on\r\n" * 100)
        await writer.drain()


async def one_long_line(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"220 " + b"x" * 10_000)
        await writer.drain()


async def test_smtp_that_is_busy_says_so(serve: Serve) -> None:
    _, wrong = await ask(SmtpProbe(host="127.0.0.1", port=await serve(busy)))
    assert wrong == ("it greets with 421: 4.3.2 too busy",)


@pytest.mark.parametrize(
    ("talk", "kind", "said"),
    [
        (garbage, FailureKind.PROTOCOL, "a line without a code"),
        (without_end, FailureKind.PROTOCOL, "an answer of more than 64 lines"),
        (one_long_line, FailureKind.PROTOCOL, "a line of more than 2048 bytes"),
        (quiet, FailureKind.TIMEOUT, "no greeting within 0.5 s"),
    ],
)
async def test_smtp_ends_with_whoever_talks_nonsense(serve: Serve, talk: Talk, kind: FailureKind, said: str) -> None:
    reading, _ = await ask(SmtpProbe(host="127.0.0.1", port=await serve(talk)), timeout_s=0.5)
    assert reading.failure is not None
    assert (reading.failure.kind, said in reading.failure.reason) == (kind, True), reading.failure
