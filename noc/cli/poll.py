"""`noc poll ADDRESS`: one device, now, by the same code that the daemon runs."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from collectors.snmp import SnmpTarget, collect
from noc.cli._agent import (
    Address,
    CommunityName,
    OwnProfiles,
    Port,
    Retries,
    SnmpVersion,
    Timeout,
    V3Auth,
    V3AuthKey,
    V3Priv,
    V3PrivKey,
    V3User,
    credentials_of,
    profiles_with,
    resolve,
    unknown_profile,
)
from noc.cli._console import complain, print_json
from noc.cli._snapshot import document, show
from noc.clock import SystemClock
from noc.inventory.profiles.compiled import Profile
from noc.inventory.profiles.load import GENERIC
from noc.model.errors import ReachError, UsageError
from noc.model.reading import FailureKind, PartFailure, Reading
from noc.model.snapshot import Snapshot
from noc.pipeline.normalise import samples
from noc.pipeline.snapshot import snapshot
from noc.wire.lineprotocol import lines
from noc.wire.snmp import Agent

SOMETHING_WRONG = 1
POLLER = "cli"


def command(
    address: Address,
    port: Port = 161,
    community: CommunityName = "public",
    snmp_version: SnmpVersion = None,
    v3_user: V3User = None,
    v3_auth: V3Auth = None,
    v3_auth_key: V3AuthKey = None,
    v3_priv: V3Priv = None,
    v3_priv_key: V3PrivKey = None,
    profile: Annotated[str, typer.Option(help="Name of the profile; auto finds the one that fits.")] = "auto",
    profiles: OwnProfiles = None,
    timeout: Timeout = 2.0,
    retries: Retries = 2,
    deadline: Annotated[float, typer.Option(min=0.01, help="Seconds for the whole poll.")] = 60.0,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    line_protocol: Annotated[
        bool, typer.Option("--line-protocol", help="Print InfluxDB line protocol; times are milliseconds.")
    ] = False,
) -> None:
    """Poll one device by SNMP, now, and print what it says.

    Exit codes: 0 everything was read, 1 something was not (see errors), 2 wrong use, 3 no answer or log-in refused.
    """
    if json and line_protocol:
        raise UsageError("--json and --line-protocol exclude each other")
    credentials = credentials_of(snmp_version, community, v3_user, v3_auth, v3_auth_key, v3_priv, v3_priv_key)
    known = profiles_with(profiles)
    if profile != "auto" and profile not in known:
        raise UsageError(unknown_profile(profile, ["auto", *known]))
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
