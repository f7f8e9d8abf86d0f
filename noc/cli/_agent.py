"""What commands that ask one agent share: their options, how to log in, where it is, and the profiles."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from noc.cli._console import complain
from noc.inventory.profiles.compiled import Profile
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.profiles.load import GENERIC
from noc.inventory.shipped import shipped
from noc.inventory.watches import LIST_PROFILES
from noc.model.errors import InputError, ReachError, UsageError
from noc.model.finding import did_you_mean
from noc.wire.snmp import AuthProtocol, Community, PrivProtocol, User

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="IP address or host name of the device.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="UDP port of the SNMP agent.")]
CommunityName = Annotated[
    str,
    typer.Option("--community", envvar="NOC_SNMP_COMMUNITY", show_envvar=True, help="Community, for SNMP v1 and v2c."),
]
SnmpVersion = Annotated[
    str | None, typer.Option(help="1, 2c or 3; by default 3 where a user is given, else 2c.", show_default=False)
]
V3User = Annotated[str | None, typer.Option(help="User, for SNMPv3.")]
V3Auth = Annotated[str | None, typer.Option(help=f"One of {', '.join(get_args(AuthProtocol))}.")]
V3AuthKey = Annotated[
    str | None, typer.Option(envvar="NOC_SNMP_AUTH_KEY", show_envvar=True, help="Pass phrase, at least 8 characters.")
]
V3Priv = Annotated[str | None, typer.Option(help=f"One of {', '.join(get_args(PrivProtocol))}.")]
V3PrivKey = Annotated[
    str | None, typer.Option(envvar="NOC_SNMP_PRIV_KEY", show_envvar=True, help="Pass phrase, at least 8 characters.")
]
OwnProfiles = Annotated[
    Path | None, typer.Option(help="A folder with profiles of your own, read after the shipped ones.")
]
Timeout = Annotated[float, typer.Option(min=0.01, help="Seconds to wait for one answer.")]
Retries = Annotated[int, typer.Option(min=0, max=20, help="Further tries of a request after the first.")]


def unknown_profile(name: str, known: Iterable[str]) -> str:
    """Return the message about a profile that there is not: the nearest one, or how to list all."""
    return f"unknown profile '{name}'{did_you_mean(name, known) or LIST_PROFILES}"


def profiles_with(own: Path | None) -> Mapping[str, Profile]:
    """Return the shipped profiles with those of a folder of one's own. Raises UsageError and InputError."""
    folders = [shipped("profiles")]
    if own is not None:
        if not own.is_dir():
            raise UsageError(f"--profiles {own}: no such folder")
        folders.append(own)
    loaded, findings = kept_profiles(folders)
    errors = [finding for finding in findings if finding.level == "error"]
    if errors and (own is None or GENERIC not in loaded):
        raise InputError(errors)
    for finding in findings:
        complain(str(finding))
    return loaded


def credentials_of(
    version: str | None,
    community: str,
    user: str | None,
    auth: str | None,
    auth_key: str | None,
    priv: str | None,
    priv_key: str | None,
) -> Community | User:
    """Return how to log in, from the options of the command line. Raises UsageError."""
    version = version or ("3" if user else "2c")
    if version not in ("1", "2c", "3"):
        raise UsageError(f"--snmp-version {version}: it is 1, 2c or 3")
    if version != "3":
        if user:
            raise UsageError(f"--v3-user goes with --snmp-version 3, not {version}")
        if auth or priv:
            raise UsageError(f"--v3-{'auth' if auth else 'priv'} needs --v3-user: without it SNMP {version} is asked")
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


def resolve(address: str) -> str:
    """Return the address of a host. Raises ReachError where there is none of that name."""
    try:
        found = socket.getaddrinfo(address, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ReachError(f"{address}: not an address, and no host of that name is found: {reason.lower()}") from error
    return str(found[0][4][0])
