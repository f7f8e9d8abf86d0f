"""Syslog of real senders: util-linux' logger, rsyslog, OpenSSL's client, by UDP, TCP with both framings, and TLS."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from collectors.receivers._settings import TlsSettings
from collectors.receivers._sockets import ListenError
from collectors.receivers.syslog import Listening, SyslogReceiver, tls_context
from noc.inventory.inventory import Inventory
from noc.model.event import Event
from tests.live.conftest import find_program, running, wait_for
from tests.live.receivers import LOOPBACK, Reception, reception, run
from tests.surroundings import leave_out
from tests.things import device

pytestmark = pytest.mark.live

LINE = "%LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet0/1, changed state to down"
ALL = Listening(udp=[LOOPBACK], tcp=[LOOPBACK], tls=[LOOPBACK])


async def logger(noc: Reception, *arguments: str, text: str = LINE, port: int | None = None) -> None:
    chosen = noc.syslog.ports["udp"][0] if port is None else port
    where = ["--server", "127.0.0.1", "--port", str(chosen), "--tag", "Ebra", "-p", "local4.notice"]
    await run(find_program("logger", "bsdutils"), *where, *arguments, text)


def is_line_down(event: Event) -> bool:
    assert event.facts["interface"] == "GigabitEthernet0/1"
    assert event.facts["state"] == "down"
    assert (event.event_class, event.severity, event.kind, event.device) == ("link", "major", "syslog", "device/d")
    assert event.device_ms is not None
    assert abs(event.device_ms - event.last_ms) < 10_000
    return event.name == "%LINEPROTO-5-UPDOWN"


@pytest.mark.parametrize("form", ["--rfc3164", "--rfc5424=notq"])
@pytest.mark.parametrize("way", ["--udp", "--tcp", "--octet-count"])
async def test_logger(tmp_path: Path, form: str, way: str) -> None:
    ways = ["--tcp", "--octet-count"] if way == "--octet-count" else [way]
    async with reception(tmp_path) as noc:
        port = noc.syslog.ports["udp" if way == "--udp" else "tcp"][0]
        env = {"TZ": "UTC"}
        program = find_program("logger", "bsdutils")
        where = ["--server", "127.0.0.1", "--port", str(port), "--tag", "Ebra", "-p", "local4.notice"]
        await run(program, *where, form, *ways, LINE, env=env)
        (event,) = await noc.kept(1)
    assert is_line_down(event)


async def test_structured_data_becomes_facts(tmp_path: Path) -> None:
    async with reception(tmp_path) as noc:
        await logger(
            noc, "--rfc5424", "--udp", "--msgid", "UI_COMMIT", "--sd-id", "junos@2636",
            "--sd-param", 'username="luke"', text="User 'luke' requested 'commit' operation",
        )  # fmt: skip
        (event,) = await noc.kept(1)
    assert (event.name, event.event_class) == ("UI_COMMIT", "configuration")
    assert (event.facts["user"], event.facts["username"]) == ("luke", "luke")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a certificate for localhost, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    command = [
        find_program("openssl", "openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes", "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"), "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return folder


def with_tls(folder: Path, *, client_ca: bool = False) -> Callable[[SyslogReceiver], None]:
    settings = TlsSettings(
        certificate=folder / "cert.pem",
        private_key=folder / "key.pem",
        client_ca=folder / "cert.pem" if client_ca else None,
    )

    def change(receiver: SyslogReceiver) -> None:
        receiver.context = tls_context(settings, Path("/"))

    return change


GNUTLS = any(Path("/usr/lib").glob("*/rsyslog/lmnsd_gtls.so"))
RSYSLOG = """\
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="{folder}/log")
global(workDirectory="{folder}" {tls})
{action}
"""
ACTIONS = {
    "udp": 'protocol="udp" template="RSYSLOG_TraditionalForwardFormat"',
    "tcp": 'protocol="tcp" template="RSYSLOG_ForwardFormat"',
    "octets": 'protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"',
    "tls": 'protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format" StreamDriver="gtls"'
    ' StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="localhost"',
}


@pytest.mark.parametrize("way", list(ACTIONS))
async def test_rsyslog(tmp_path: Path, certificate: Path, way: str) -> None:
    program = find_program("rsyslogd", "rsyslog")
    if way == "tls" and not GNUTLS:
        leave_out("rsyslog-gnutls", "rsyslog has no TLS (as root: apt-get install rsyslog-gnutls)")
    async with reception(tmp_path, listening=ALL, tls=with_tls(certificate)) as noc:
        port = noc.syslog.ports["udp" if way == "udp" else "tls" if way == "tls" else "tcp"][0]
        tls = f'defaultNetstreamDriverCAFile="{certificate}/cert.pem"' if way == "tls" else ""
        action = f'action(type="omfwd" target="127.0.0.1" port="{port}" {ACTIONS[way]})'
        settings = tmp_path / "rsyslog.conf"
        settings.write_text(RSYSLOG.format(folder=tmp_path, action=action, tls=tls))
        log = tmp_path / "rsyslogd.log"
        command = [program, "-n", "-f", str(settings), "-i", str(tmp_path / "rsyslogd.pid")]
        with running(command, log, {"TZ": "UTC"}) as process:
            wait_for((tmp_path / "log").exists, process, "rsyslogd", log)
            for _ in range(3):
                await run(find_program("logger", "bsdutils"), "-u", str(tmp_path / "log"), "-t", "Ebra", LINE)
            await noc.until(lambda: noc.log.tally.taken >= 3)
        found = [event for event in await noc.kept(3) if event.name.startswith("%")]
    (event,) = found
    assert is_line_down(event)
    assert event.count == 3
    assert noc.syslog.intake.tally.malformed == 0


async def test_a_sender_without_a_certificate_is_refused_where_one_is_asked_for(
    tmp_path: Path, certificate: Path
) -> None:
    async with reception(tmp_path, listening=ALL, tls=with_tls(certificate, client_ca=True)) as noc:
        where = f"127.0.0.1:{noc.syslog.ports['tls'][0]}"
        openssl = find_program("openssl", "openssl")
        text = f"<165>Feb  6 09:42:36 veos01 Ebra: {LINE}\n".encode()
        await run(openssl, "s_client", "-connect", where, "-quiet", "-no_ign_eof", "-tls1_2", stdin=text, fails=True)
        own = ["-cert", str(certificate / "cert.pem"), "-key", str(certificate / "key.pem")]
        await run(openssl, "s_client", "-connect", where, "-quiet", "-no_ign_eof", *own, stdin=text)
        (event,) = await noc.kept(1)
    assert (event.facts["interface"], event.count) == ("GigabitEthernet0/1", 1)


def test_files_that_are_no_certificate_are_named(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("nothing")
    settings = TlsSettings(certificate=Path("cert.pem"), private_key=Path("cert.pem"))
    with pytest.raises(ListenError, match="not a certificate and its key"):
        tls_context(settings, tmp_path)
    missing = TlsSettings(certificate=Path("none.pem"), private_key=Path("cert.pem"))
    with pytest.raises(ListenError, match=r"receivers\.syslog\.tls"):
        tls_context(missing, tmp_path)


async def test_a_relay_names_the_device_and_strangers_are_listed(tmp_path: Path) -> None:
    inventory = Inventory(devices={"nbo-rtr-1": device("nbo-rtr-1", "192.0.2.7")})
    async with reception(tmp_path, inventory=inventory, relays=frozenset({"127.0.0.1"})) as noc:
        port = noc.syslog.ports["udp"][0]
        for host in ("NBO-RTR-1.example.org", "192.0.2.7", "stranger"):
            text = f"<165>1 2026-03-01T00:00:00Z {host} Ebra - - - {LINE}"
            await _send(port, text.encode())
        found = await noc.kept(2)
        await noc.until(lambda: noc.syslog.intake.tally.unknown == 1)
    assert {event.device for event in found} == {"device/nbo-rtr-1"}


async def _send(port: int, data: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(data, ("127.0.0.1", port))
