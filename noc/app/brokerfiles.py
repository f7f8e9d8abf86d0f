"""A folder for Mosquitto: its settings, certificates, who may log in, and what is to be copied where.

Settings: mosquitto.conf(5), version 2.0. Paths in them are those of the machine that the broker runs on.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from noc.app.brokeraccounts import (
    CENTRE,
    SALT_OCTETS,
    Accounts,
    Right,
    hashed,
    rights_of_centre,
    rights_of_reader,
)
from noc.app.privatefiles import make_private, write_private
from noc.bus.packing import LARGEST
from noc.model.errors import UsageError
from noc.wire.authority import Pair, authority, hosts_of, server_certificate

CONF: Final = "mosquitto.conf"
AUTHORITY: Final = "ca.crt"
AUTHORITY_KEY: Final = "ca.key"
CERTIFICATE: Final = "server.crt"
KEY: Final = "server.key"
PASSWORDS: Final = "passwd"
ACCESS: Final = "acl"
UNIT: Final = "mosquitto.service.conf"
README: Final = "README"
OF_BROKER: Final = (CONF, CERTIFICATE, KEY, PASSWORDS, ACCESS)
"""What the broker reads."""

TOPIC_OCTETS: Final = 64 * 1024
"""What a packet has beside its message, at most."""

_HEAD: Final = (
    "# Written by `noc broker config`, `noc poller enrol` and `noc poller remove`; accounts of others stay.\n"
)

_SETTINGS: Final = """\
# Mosquitto 2.0 for noc, written by `noc broker config`. Change what you like: it is not written again without --force.
per_listener_settings false
allow_anonymous false
password_file {at}/passwd
acl_file {at}/acl

listener {port}
certfile {at}/server.crt
keyfile {at}/server.key
tls_version tlsv1.2

# A plan is one message.
max_packet_size {packet}
# What waits for one who is slow, or away for a moment. These bounds lose nothing: what noc hasn't acknowledged is sent
# again.
max_inflight_messages 256
max_queued_messages 100000
max_queued_bytes 268435456
max_keepalive 300
allow_zero_length_clientid false
set_tcp_nodelay true

# What is retained survives a restart of the broker.
persistence true
persistence_location {state}/
autosave_interval 60
persistent_client_expiration 1d

log_dest stderr
log_type error
log_type warning
log_type notice
log_type information
connection_messages true
"""

_UNIT: Final = """\
# A drop-in for Debian's mosquitto.service, written by `noc broker config`.
[Service]
ExecStart=
ExecStart=/usr/sbin/mosquitto -c {at}/mosquitto.conf
LimitNOFILE=65536
Restart=always
RestartSec=1
"""

_README: Final = """\
A broker for noc's pollers: Mosquitto 2.0, port {port}, TLS, for {hosts}.

On the machine of the broker, as root:

    apt-get install mosquitto
    install -d -o mosquitto -g mosquitto -m 700 {at} {state}
    install -o mosquitto -g mosquitto -m 600 {files} {at}/
    install -D -m 644 {unit} /etc/systemd/system/mosquitto.service.d/noc.conf
    systemctl daemon-reload && systemctl restart mosquitto

After `noc poller enrol`, `noc poller remove`, or this command again: copy passwd, acl, server.crt and server.key anew,
then `systemctl kill -s HUP mosquitto` (kill -HUP). It reads them, and nobody is cut off; but who was removed stays
connected until the connection ends: `systemctl restart mosquitto` where that matters.

In noc.yaml:

{snippet}
Keep ca.key and *.password here, for noc alone. ca.crt is no secret: pollers are given it when they are enrolled.
The certificate of the server is valid for {days} days; the same command without --force makes it anew.
"""

_SNIPPET: Final = """\
pollers:
  broker:
    host: {host}
    port: {port}
    tls: true
    ca_file: {ca}
    username: {centre}
    password: !secret {password}
  broker_files: {folder}
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """hosts: names and addresses by which the broker is reached; none: as they were. at: its folder on its machine,
    state: where it keeps what it retains. days: of its certificate. readers: who may see states and incidents.
    """

    hosts: tuple[str, ...]
    port: int
    at: Path
    state: Path
    days: int
    readers: tuple[str, ...] = ()
    force: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What was written. hosts: of the certificate. passwords: files with the new ones. snippet: for noc.yaml."""

    hosts: tuple[str, ...]
    files: tuple[str, ...]
    snippet: str


def write(folder: Path, wanted: Wanted, now: datetime) -> Written:
    """Write the folder; what is there already and nobody asked to make anew stays. Raises UsageError, OSError.

    Without `force` only the server's certificate is made anew: pollers trust the authority that they were given.
    """
    make_private(folder)
    signing, fresh = _signing(folder, wanted, now)
    hosts = wanted.hosts or _known_hosts(folder)
    if not hosts:
        raise UsageError(
            "--host is missing: by which name or address do pollers reach the broker? Several may be given"
        )
    try:
        server = server_certificate(signing, hosts, now, wanted.days)
    except ValueError as error:
        raise UsageError(f"{folder / AUTHORITY}: can't sign: {error}; --force makes a new authority") from None
    files: dict[str, bytes] = {AUTHORITY: signing.certificate, AUTHORITY_KEY: signing.key} if fresh else {}
    files |= {CERTIFICATE: server.certificate, KEY: server.key}
    if wanted.force or not (folder / CONF).exists():
        files |= {CONF: _settings(wanted).encode(), UNIT: _UNIT.format(at=wanted.at).encode()}
    snippet = _snippet(folder.absolute(), hosts[0], wanted.port)
    files[README] = _readme(wanted, hosts, snippet).encode()
    for name, octets in files.items():
        write_private(folder / name, octets)
    made = [*files, *_accounts_made(folder, wanted)]
    return Written(hosts, tuple(sorted(made)), snippet)


def read_accounts(folder: Path) -> Accounts:
    """Return who may log in. Raises UsageError where the folder is none that `noc broker config` wrote."""
    try:
        texts = [(folder / name).read_text(encoding="utf-8") for name in (PASSWORDS, ACCESS)]
    except UnicodeDecodeError as error:
        raise UsageError(f"{folder}: {PASSWORDS} or {ACCESS} is no text: {error.reason}") from None
    except OSError as error:
        raise UsageError(
            f"{error.filename}: {(error.strerror or '').lower()}; pollers.broker_files names the folder that "
            "`noc broker config` wrote"
        ) from None
    return Accounts(*texts)


def write_accounts(folder: Path, accounts: Accounts) -> None:
    """Write who may log in; rights first, so that nobody is in without. Raises OSError."""
    write_private(folder / ACCESS, accounts.access.encode())
    write_private(folder / PASSWORDS, accounts.passwords.encode())


def let_in(folder: Path, name: str, password: str, rights: Sequence[Right]) -> None:
    """Give somebody an account, instead of the one of that name. Raises UsageError, OSError."""
    secret = hashed(password, secrets.token_bytes(SALT_OCTETS))
    write_accounts(folder, read_accounts(folder).having(name, secret, rights))


def keep_out(folder: Path, name: str) -> bool:
    """Take an account away; return whether there was one. Raises UsageError, OSError."""
    accounts = read_accounts(folder)
    fewer = accounts.without(name)
    if fewer == accounts:
        return False
    write_accounts(folder, fewer)
    return True


def new_password() -> str:
    """Return a password of 32 octets of chance."""
    return secrets.token_urlsafe(32)


def _signing(folder: Path, wanted: Wanted, now: datetime) -> tuple[Pair, bool]:
    """Return the authority, and whether it is new."""
    certificate, key = folder / AUTHORITY, folder / AUTHORITY_KEY
    if not wanted.force and (certificate.exists() or key.exists()):
        try:
            return Pair(certificate.read_bytes(), key.read_bytes()), False
        except OSError as error:
            raise UsageError(
                f"{error.filename}: {(error.strerror or '').lower()}: without it nothing can be signed; bring it back, "
                "or make a new authority with --force, and enrol all pollers anew"
            ) from None
    return authority(f"noc broker {now:%Y-%m-%d}", now), True


def _known_hosts(folder: Path) -> tuple[str, ...]:
    try:
        return hosts_of((folder / CERTIFICATE).read_bytes())
    except FileNotFoundError:
        return ()
    except ValueError as error:
        raise UsageError(f"{folder / CERTIFICATE}: is no certificate ({error}); give --host") from None


def _accounts_made(folder: Path, wanted: Wanted) -> list[str]:
    """Make the accounts of the centre and of readers that there are not, and let pollers do what they do by now.

    Return the files that were written.
    """
    before = read_accounts(folder) if (folder / PASSWORDS).exists() else Accounts(access=_HEAD)
    accounts = before.completed()
    people: dict[str, Callable[[], list[Right]]] = {CENTRE: rights_of_centre}
    people |= dict.fromkeys(wanted.readers, rights_of_reader)
    files = []
    for name, rights in people.items():
        file = folder / f"{name}.password"
        if name in before.names() and file.exists():
            continue
        password = new_password()
        write_private(file, f"{password}\n".encode())
        accounts = accounts.having(name, hashed(password, secrets.token_bytes(SALT_OCTETS)), rights())
        files.append(file.name)
    if accounts == before:
        return []
    write_accounts(folder, accounts)
    return [*files, *([] if accounts.passwords == before.passwords else [PASSWORDS]), ACCESS]


def _settings(wanted: Wanted) -> str:
    return _SETTINGS.format(at=wanted.at, port=wanted.port, packet=LARGEST + TOPIC_OCTETS, state=wanted.state)


def _snippet(folder: Path, host: str, port: int) -> str:
    """Return the lines for noc.yaml; what JSON quotes YAML reads."""
    return _SNIPPET.format(
        host=json.dumps(host),
        port=port,
        ca=json.dumps(str(folder / AUTHORITY)),
        centre=CENTRE,
        password=json.dumps(f"file:{folder / CENTRE}.password"),
        folder=json.dumps(str(folder)),
    )


def _readme(wanted: Wanted, hosts: Sequence[str], snippet: str) -> str:
    return _README.format(
        port=wanted.port,
        hosts=", ".join(hosts),
        at=wanted.at,
        state=wanted.state,
        files=" ".join(OF_BROKER),
        unit=UNIT,
        snippet="".join(f"    {line}\n" for line in snippet.splitlines()),
        days=wanted.days,
    )
