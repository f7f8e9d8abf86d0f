"""The receivers' sockets as systemd hands them over: low ports, TLS too, to a daemon without any privilege."""

from __future__ import annotations

import fcntl
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.live.conftest import find_program, running, wait_for
from tests.live.house import House

pytestmark = pytest.mark.live

ADDRESS = "127.0.0.77"
IS_ROOT = os.getuid() == 0
PORTS = (162, 514, 514, 6514) if IS_ROOT else (0, 0, 0, 0)
"""As in systemd/noc-*.socket; nobody but root may take them."""

NAMES = ("trap", "syslog", "syslog", "syslog-tls")
KINDS = (socket.SOCK_DGRAM, socket.SOCK_DGRAM, socket.SOCK_STREAM, socket.SOCK_STREAM)
WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if IS_ROOT else []
RECEIVERS = "receivers: {syslog: {tls: {certificate: cert.pem, private_key: key.pem}}}"
LINK_DOWN = ["1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.7", "i", "7"]
FIRST, FREE = 3, 200
"""systemd hands over from descriptor 3 on; ours wait where nothing else is."""


@pytest.fixture
def handed() -> Iterator[list[socket.socket]]:
    """Sockets as systemd makes them."""
    with ExitStack() as stack:
        made = []
        for kind, port in zip(KINDS, PORTS, strict=True):
            one = stack.enter_context(socket.socket(socket.AF_INET, kind))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind((ADDRESS, port))
            if kind == socket.SOCK_STREAM:
                one.listen()
            made.append(one)
        yield made


def started(folder: Path, handed: list[socket.socket], stack: ExitStack) -> tuple[list[str], list[int]]:
    """Return a command that starts noc as systemd does: its descriptors from 3 on, LISTEN_PID the process's own."""
    numbers = [fcntl.fcntl(one.fileno(), fcntl.F_DUPFD, FREE) for one in handed]
    for number in numbers:
        stack.callback(os.close, number)
    places = " ".join(f"{FIRST + place}<&{number}" for place, number in enumerate(numbers))
    noc = [sys.executable, "-c", "from noc.cli import main; main()", "run", "-c", str(folder / "noc.yaml")]
    variables = f"LISTEN_PID=$$ LISTEN_FDS={len(handed)} LISTEN_FDNAMES={':'.join(NAMES)}"
    return ["bash", "-c", f"{variables} exec {shlex.join([*WITHOUT_RIGHTS, *noc])} {places}"], numbers


def certificate(folder: Path) -> None:
    command = [
        find_program("openssl", "openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes", "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"), "-days", "2",
        "-subj", "/CN=noc", "-addext", f"subjectAltName=IP:{ADDRESS}",
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)


def by_tls(port: int, text: str, folder: Path) -> None:
    message = f"<189>1 2026-01-01T00:00:00Z agent app - - - {text}"
    command = [find_program("openssl", "openssl"), "s_client", "-quiet", "-connect", f"{ADDRESS}:{port}"]
    command += ["-CAfile", str(folder / "cert.pem"), "-verify_return_error", "-no_ign_eof"]
    subprocess.run(command, input=f"{len(message)} {message}".encode(), check=True, capture_output=True, timeout=20)


def test_all_sockets_of_systemd_are_served_without_privilege(handed: list[socket.socket], tmp_path: Path) -> None:
    trap, udp, tcp, tls = (one.getsockname()[1] for one in handed)
    house = House(tmp_path, more=RECEIVERS)
    certificate(tmp_path)
    logger = [find_program("logger", "bsdutils"), "--server", ADDRESS, "--tag", "app", "-p", "local4.notice"]
    with ExitStack() as stack:
        stack.callback(house.close)
        command, numbers = started(tmp_path, handed, stack)
        snmptrap = [find_program("snmptrap", "snmp"), "-v2c", "-c", "public", f"{ADDRESS}:{trap}", ""]
        subprocess.run([*snmptrap, *LINK_DOWN], check=True, capture_output=True)  # it waits until noc is there
        house.daemon = stack.enter_context(running(command, house.log, pass_fds=numbers))
        wait_for(lambda: house.said("logs in once"), house.daemon, "noc", house.log)
        subprocess.run([*logger, "--udp", "--port", str(udp), "by UDP"], check=True, capture_output=True)
        subprocess.run([*logger, "--tcp", "--port", str(tcp), "by TCP"], check=True, capture_output=True)
        by_tls(tls, "by TLS", tmp_path)
        house.until(lambda: len(said(house)) == 4, "the four events")
        assert said(house) == {"IF-MIB::linkDown", "by UDP", "by TCP", "by TLS"}
        if IS_ROOT:
            status = Path(f"/proc/{house.daemon.pid}/status").read_text()
            assert "CapEff:\t0000000000000000" in status


def said(house: House) -> set[str]:
    items = house.ask("/events")["items"]
    assert isinstance(items, list)
    return {item["name"] if item["kind"] == "trap" else item["text"].rpartition("app: ")[2] for item in items}
