"""`noc poll ADDRESS`: one device, now, by the same code that the daemon runs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, get_args

import typer

from collectors.snmp import SnmpTarget, collect
from noc.cli._agent import credentials_of, profiles_with, resolve
from noc.cli._console import complain, print_json
from noc.cli._snapshot import document, show
from noc.clock import SystemClock
from noc.inventory.profiles.compiled import Profile
from noc.inventory.profiles.load import GENERIC
from noc.model.errors import ReachError, UsageError
from noc.model.finding import did_you_mean
from noc.model.reading import FailureKind, PartFailure, Reading
from noc.model.snapshot import Snapshot
from noc.pipeline.normalise import samples
from noc.pipeline.snapshot import snapshot
from noc.wire.lineprotocol import lines
from noc.wire.snmp import Agent, AuthProtocol, PrivProtocol

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
    credentials = credentials_of(snmp_version, community, v3_user, v3_auth, v3_auth_key, v3_priv, v3_priv_key)
    known = profiles_with(profiles)
    if profile != "auto" and profile not in known:
        hint = did_you_mean(profile, known)
        raise UsageError(f"unknown profile '{profile}'{hint}; there are: auto, {', '.join(sorted(known))}")
    agent = Agent(resolve(address), credentials, port, timeout, retries)
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
