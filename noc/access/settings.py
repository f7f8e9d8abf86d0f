"""How people log in: `http.accounts` of noc.yaml."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from noc.model.account import Role
from noc.settings.schema import Duration, Settings
from noc.settings.secrets import SecretReference

SecondFactor = Literal["change", "admin", "none"]
EVERYWHERE: Final = "all"
"""Instead of regions: all of them."""

_URL: Final = re.compile(r"https?://[^\s/?#@\\]+(?:/[^\s?#\\]*)?\Z")
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
ISSUER_AT_MOST: Final = 140
LEAST_KEPT: Final = timedelta(days=90)


def is_safe_url(url: str) -> bool:
    """Return whether what is sent there can't be read on the way: by TLS, or on this machine."""
    try:
        parsed = urlsplit(url)
        host = parsed.hostname or ""
        if parsed.scheme == "https" and host:
            return True
        return parsed.scheme == "http" and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False


def _kept(given: timedelta) -> timedelta:
    if given < LEAST_KEPT:
        raise ValueError(f"who did what is kept for {LEAST_KEPT.days} days at least; write {LEAST_KEPT.days}d or more")
    return given


def _issuer(text: str) -> str:
    if _URL.match(text) is None or len(text) > ISSUER_AT_MOST:
        raise ValueError(
            f"'{text[:60]}' is no issuer; write https://id.example.org/realms/noc, as the provider says it"
        )
    if not is_safe_url(text):
        raise ValueError(f"'{text[:60]}': who logs in could be read on the way; write an issuer that begins with https")
    return text


def _scopes(given: tuple[str, ...]) -> tuple[str, ...]:
    for one in given:
        if _SCOPE.fullmatch(one) is None:
            raise ValueError(f"'{one[:60]}' is no scope; write words such as openid, profile, groups")
    if "openid" not in given:
        raise ValueError("openid is missing; without it a provider doesn't say who somebody is")
    return given


class OidcSettings(Settings):
    """An identity provider that speaks OpenID Connect. It sends people back to BASE_URL/login/provider/back."""

    issuer: Annotated[str, AfterValidator(_issuer)]
    """The provider's address, as its discovery document says it. https, but on this machine."""
    client_id: Annotated[str, Field(min_length=1, max_length=300)]
    """Under which name the provider knows noc."""
    client_secret: SecretReference | None = None
    """What noc proves itself with; left out for a public client, for which PKCE does."""
    scopes: Annotated[tuple[str, ...], AfterValidator(_scopes)] = ("openid", "profile", "email")
    """What is asked for; openid is needed. Some providers tell groups only with a scope for it."""
    name_claim: Annotated[str, Field(min_length=1, max_length=100)] = "name"
    """The claim that holds how a person is called in timelines."""
    groups_claim: Annotated[str, Field(min_length=1, max_length=100)] = "groups"
    """The claim that holds groups; a dot goes deeper: realm_access.roles."""
    roles: Annotated[dict[str, Role], Field(min_length=1)]
    """Which role a group gives; of several the highest counts. Who is in none can't log in."""
    regions: dict[str, Annotated[tuple[str, ...], Field(min_length=1)] | Literal["all"]] = Field(default_factory=dict)
    """Which regions a group opens, a list or `all`; of several all count. Left out: everybody sees all. Else who is in
    none of these groups can't log in."""
    only: bool = False
    """Whether this is the only way in. Admins with an account of noc's own still log in by it, for the night on which
    the provider is away; nobody else does."""
    ca: Path | None = None
    """File with certificates of authorities (PEM) that vouch for the provider; left out: those of the system."""


class AccountSettings(Settings):
    """Accounts of people."""

    second_factor: SecondFactor = "change"
    """Who needs a one-time code or a passkey beside a password: all who may change something, admins alone, or nobody.
    Until they have one they may look."""
    invitation: Duration = timedelta(hours=24)
    """How long a link is good with which somebody chooses a password."""
    audit_kept: Annotated[Duration, AfterValidator(_kept)] = timedelta(days=5 * 365)
    """How long records of the audit are kept, 90 days at least; older ones are taken out, and the chain says so."""
    oidc: OidcSettings | None = None
    """An identity provider that people log in by; left out: accounts of noc's own alone."""
