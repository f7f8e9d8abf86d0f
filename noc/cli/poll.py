"""`noc poll ADDRESS`: one device, now, by the same code that the daemon runs."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from collectors.snmp import SnmpTarget, collect
from noc.cli._console import complain, print_json
from noc.cli._snapshot import document, show
from noc.clock import SystemClock
from noc.inventory.profiles.compiled import Profile
from noc.inventory.profiles.load import GENERIC, load_profiles
from noc.inventory.shipped import shipped
from noc.model.errors import InputError, ReachError, UsageError
from noc.model.finding import did_you_mean
from noc.model.reading import FailureKind, PartFailure, Reading
from noc.model.snapshot import Snapshot
from noc.pipeline.normalise import samples
from noc.pipeline.snapshot import snapshot
from noc.wire.lineprotocol import lines
from noc.wire.snmp import Agent, AuthProtocol, Community, PrivProtocol, User

SOMETHING_WRONG = 1
POLLER = "cli"


def command(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="IP address or host name of the device.")],
    port: Annotated[int, typer.Option(min=1, max=65535, help="UDP port of the SNMP agent.")] = 161,
    community: Annotated[
        str, typer.Option(envvar="NOC_SNMP_COMMUNITY", show_envvar=True, help="Community, for SNMP v1 and v2c.")
    ] = "public",
    snmp_version: Annotated[
        str | None, typer.Option(help="1, 2c or 3; by default 3 where a user is given, else 2c.", show_default=False)
    ] = None,
    v3_user: Annotated[str | None, typer.Option(help="User, for SNMPv3.")] = None,
    v3_auth: Annotated[str | None, typer.Option(help=f"One of {', '.join(get_args(AuthProtocol))}.")] = None,
    v3_auth_key: Annotated[
        str | None,
        typer.Option(envvar="NOC_SNMP_AUTH_KEY", show_envvar=True, help="Pass phrase, at least 8 characters."),
    ] = None,
    v3_priv: Annotated[str | None, typer.Option(help=f"One of {', '.join(get_args(PrivProtocol))}.")] = None,
    v3_priv_key: Annotated[
        str | None,
        typer.Option(envvar="NOC_SNMP_PRIV_KEY", show_envvar=True, help="Pass phrase, at least 8 characters."),
    ] = None,
    profile: Annotated[str, typer.Option(help="Name of the profile; auto finds the one that fits.")] = "auto",
    profiles: Annotated[
        Path | None, typer.Option(help="A folder with profiles of your own, read after the shipped ones.")
    ] = None,
    timeout: Annotated[float, typer.Option(min=0.01, help="Seconds to wait for one answer.")] = 2.0,
    retries: Annotated[int, typer.Option(min=0, max=20, help="Further tries of a request after the first.")] = 2,
    deadline: Annotated[float, typer.Option(min=0.01, help="Seconds for the whole poll.")] = 60.0,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    line_protocol: Annotated[bool, typer.Option("--line-protocol", help="Print InfluxDB line protocol.")] = False,
) -> None:
    """Poll one device by SNMP, now, and print what it says.

    Exit codes: 0 everything was read, 1 something was not (see errors), 2 wrong use, 3 no answer or log-in refused.
    """
    if json and line_protocol:
        raise UsageError("--json and --line-protocol exclude each other")
    known = _profiles(profiles)
    if profile != "auto" and profile not in known:
        hint = did_you_mean(profile, known)
        raise UsageError(f"unknown profile '{profile}'{hint}; there are: auto, {', '.join(sorted(known))}")
    credentials = _credentials(snmp_version, community, v3_user, v3_auth, v3_auth_key, v3_priv, v3_priv_key)
    agent = Agent(_resolve(address), credentials, port, timeout, retries)
    target = SnmpTarget(agent, deadline, None if profile == "auto" else profile)
    reading = asyncio.run(collect(target, known, SystemClock(), POLLER))
    if reading.failure is not None:
        if json:
            print_json(document(_failed(reading, known[profile if profile in known else GENERIC])))
        complain(reading.failure.reason)
        raise typer.Exit(SOMETHING_WRONG if reading.failure.kind is FailureKind.PROTOCOL else ReachError.exit_code)
    taken = snapshot(reading, known[reading.snmp.profile if reading.snmp else GENERIC])
    if json:
        print_json(document(taken))
    elif line_protocol:
        for table in samples(taken, reading.started_at):
            for line in lines(table):
                typer.echo(line)
    else:
        show(taken)
    for part in reading.parts:
        complain(f"{part.what}: {part.reason}")
    if reading.parts:
        raise typer.Exit(SOMETHING_WRONG)


def _failed(reading: Reading, profile: Profile) -> Snapshot:
    failure = reading.failure
    errors = (PartFailure("snmp", failure.reason),) if failure else ()
    empty = snapshot(reading, profile)
    return Snapshot(empty.device, records=empty.records, errors=errors, duration_ms=empty.duration_ms)


def _profiles(own: Path | None) -> dict[str, Profile]:
    folders = [shipped("profiles")]
    if own is not None:
        if not own.is_dir():
            raise UsageError(f"--profiles {own}: no such folder")
        folders.append(own)
    loaded, findings = load_profiles(folders)
    errors = [finding for finding in findings if finding.level == "error"]
    if errors and (own is None or GENERIC not in loaded):
        raise InputError(errors)
    for finding in findings:
        complain(str(finding))
    return dict(loaded)


def _credentials(
    version: str | None,
    community: str,
    user: str | None,
    auth: str | None,
    auth_key: str | None,
    priv: str | None,
    priv_key: str | None,
) -> Community | User:
    version = version or ("3" if user else "2c")
    if version not in ("1", "2c", "3"):
        raise UsageError(f"--snmp-version {version}: it is 1, 2c or 3")
    if version != "3":
        if user:
            raise UsageError(f"--v3-user goes with --snmp-version 3, not {version}")
        return Community(community, "1" if version == "1" else "2c")
    if not user:
        raise UsageError("SNMPv3 needs --v3-user")
    _check_key("auth", auth, auth_key, get_args(AuthProtocol))
    _check_key("priv", priv, priv_key, get_args(PrivProtocol))
    if priv and not auth:
        raise UsageError("--v3-priv needs --v3-auth: SNMPv3 knows no privacy without authentication (RFC 3414)")
    return User(user, cast("AuthProtocol | None", auth), auth_key, cast("PrivProtocol | None", priv), priv_key)


def _check_key(what: str, protocol: str | None, key: str | None, known: tuple[str, ...]) -> None:
    if protocol is not None and protocol not in known:
        raise UsageError(f"--v3-{what} {protocol}{did_you_mean(protocol, known)}: it is one of {', '.join(known)}")
    if (protocol is None) != (key is None):
        raise UsageError(f"--v3-{what} and --v3-{what}-key go together")
    if key is not None and len(key) < 8:
        raise UsageError(f"--v3-{what}-key: a pass phrase has at least 8 characters (RFC 3414, section 11.2)")


def _resolve(address: str) -> str:
    try:
        found = socket.getaddrinfo(address, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ReachError(f"{address}: not an address, and no host of that name is found: {reason.lower()}") from error
    return str(found[0][4][0])
