"""All that is known of who may log in, in one place for the web server."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from noc.access.callers import Callers
from noc.access.looks import Looks
from noc.access.members import Members
from noc.access.oidc import Provider
from noc.access.own import Own
from noc.access.passkeys import Passkeys
from noc.access.people import People
from noc.access.scripts import Scripts
from noc.access.settings import AccountSettings, OidcSettings
from noc.access.vault import Vault
from noc.clock import Clock
from noc.model.errors import UsageError
from noc.state.database import Database


@dataclass(frozen=True, slots=True)
class Federation:
    """An identity provider, and the accounts of the people whom it knows."""

    provider: Provider
    members: Members


@dataclass(frozen=True, slots=True)
class Access:
    """people: what is done with accounts, own: by whose they are. scripts: what is done with tokens. callers: whose
    sessions and tokens are. looks: who looked at secrets. settings: as of the start. vault: seals what a browser keeps
    for us. federation: None where people have accounts of noc's own alone.
    """

    people: People
    own: Own
    scripts: Scripts
    callers: Callers
    looks: Looks
    settings: AccountSettings
    vault: Vault
    passkeys: Passkeys
    clock: Clock
    federation: Federation | None = None


def access_of(
    database: Database,
    clock: Clock,
    folder: Path,
    settings: AccountSettings,
    idle: timedelta,
    at_most: timedelta,
    written: Path | None = None,
    base_url: str | None = None,
) -> Access:
    """Return it. folder: of the state. idle, at_most: how long sessions last. written: the folder of noc.yaml.
    base_url: how browsers reach noc.

    Raises SecretError, UsageError where what an identity provider is asked with can't be read.
    """
    people, callers = People(database, clock, folder, settings), Callers(database, clock, idle, at_most)
    own, scripts, looks = Own(database, clock, people, callers), Scripts(database, clock), Looks(people, clock)
    oidc = settings.oidc
    federation = None if oidc is None else _federation(database, clock, oidc, callers, written or folder)
    passkeys = Passkeys(database, clock, callers, base_url)
    return Access(people, own, scripts, callers, looks, settings, Vault(folder), passkeys, clock, federation)


def _federation(
    database: Database, clock: Clock, settings: OidcSettings, callers: Callers, written: Path
) -> Federation:
    secret = None if settings.client_secret is None else settings.client_secret.resolve(written)
    tls = None if settings.ca is None else _trusting(written / settings.ca)
    return Federation(Provider(settings, secret, tls, clock), Members(database, clock, settings, callers))


def _trusting(file: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=file)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"http.accounts.oidc.ca: {file}: no certificates can be read there: {error}") from error
