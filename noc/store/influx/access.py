"""How to talk to one database of one server, dialect by dialect, and what to do when it is not there."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from noc.model.series import Resolution
from noc.settings.secrets import Secret, SecretError, SecretRef
from noc.store.influx.settings import Dialect, Settings
from noc.wire.http import origin

ROLLUP_NAMES: Final[Mapping[Resolution, str]] = {"5m": "rollup_5m", "1h": "rollup_1h"}
"""What roll-ups are kept in: a retention policy (v1), the end of a bucket's or a database's name (v2, v3)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where numbers of one resolution are. name: as people know it; the rest: parameters of requests."""

    name: str
    write_params: Mapping[str, str]
    query_params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Access:
    """Paths and parameters of one database. authorization: the header, None without a log-in.

    rolled: places of roll-ups; none where the server keeps raw numbers for as long. missing, log_in, allow: what to do
    where the database is not there, after a 401, after a 403.
    """

    dialect: Dialect
    url: str
    write_path: str
    raw: Place
    missing: str
    log_in: str
    allow: str
    rolled: Mapping[Resolution, Place] = field(default_factory=dict)
    authorization: Secret | None = None
    secrets: tuple[Secret, ...] = field(default=(), repr=False)

    @property
    def product(self) -> str:
        """Return what people call the program."""
        return "VictoriaMetrics" if self.dialect == "victoria" else "InfluxDB"

    @property
    def server(self) -> str:
        """Return what people call the server."""
        return f"{self.product} {origin(self.url)}"

    @property
    def headers(self) -> dict[str, str]:
        """Return what logs us in."""
        return {} if self.authorization is None else {"Authorization": self.authorization.reveal()}

    def by(self, admin: Secret | None) -> Access:
        """Return the same with the log-in of an administrator: a token; of 1.x `user:password`."""
        if admin is None:
            return self
        text = admin.reveal()
        if self.dialect == "v1":
            pair = b64encode(text.encode()).decode()
            return replace(self, authorization=Secret(f"Basic {pair}"), secrets=(*self.secrets, admin, Secret(pair)))
        kind = "Token" if self.dialect == "v2" else "Bearer"
        return replace(self, authorization=Secret(f"{kind} {text}"), secrets=(*self.secrets, admin))

    def without_secrets(self, text: str) -> str:
        """Return a text of the server without our secrets, should it echo them."""
        for secret in self.secrets:
            text = text.replace(secret.reveal(), "…")
        return text


def access(settings: Settings, folder: Path) -> Access:
    """Return how to talk. folder: where secrets of files start from. Raises SecretError."""
    match settings.dialect:
        case "v1":
            return _v1(settings, folder)
        case "v2":
            return _v2(settings, folder)
        case "v3":
            return _v3(settings, folder)
        case "victoria":
            return _victoria(settings, folder)


def _v1(settings: Settings, folder: Path) -> Access:
    database, policy = settings.database or "", settings.retention_policy
    authorization, secrets = _basic(settings, folder)

    def place(name: str | None) -> Place:
        where = {"db": database} if name is None else {"db": database, "rp": name}
        return Place(name or "default", {**where, "precision": "ms"}, {**where, "epoch": "ms"})

    return Access(
        dialect="v1",
        url=settings.url,
        write_path="/write",
        raw=place(policy),
        rolled={resolution: place(name) for resolution, name in ROLLUP_NAMES.items()},
        missing=f"make it: noc store init, or in the command influx: {_create_v1(database, policy)}",
        log_in="check user and password" if settings.user else "it wants a log-in: give user and password",
        allow=f'allow it with the command influx: GRANT ALL ON "{database}" TO "{settings.user or ""}"',
        authorization=authorization,
        secrets=secrets,
    )


def _v2(settings: Settings, folder: Path) -> Access:
    org, bucket = settings.org or "", settings.bucket or ""
    database = bucket.partition("/")[0]

    def place(name: str) -> Place:
        _, _, policy = name.partition("/")
        where = {"db": database, **({"rp": policy} if policy else {})}
        return Place(name, {"org": org, "bucket": name, "precision": "ms"}, {**where, "epoch": "ms"})

    secrets = () if settings.token is None else (_token(settings.token, folder),)
    return Access(
        dialect="v2",
        url=settings.url,
        write_path="/api/v2/write",
        raw=place(bucket),
        rolled={resolution: place(f"{database}/{name}") for resolution, name in ROLLUP_NAMES.items()},
        missing=_create_v2(org, bucket),
        log_in="check token",
        allow=f"the token must allow to read and to write bucket '{bucket}'",
        authorization=Secret(f"Token {secrets[0].reveal()}") if secrets else None,
        secrets=secrets,
    )


def _v3(settings: Settings, folder: Path) -> Access:
    database = settings.database or ""
    secrets = () if settings.token is None else (_token(settings.token, folder),)
    return Access(
        dialect="v3",
        url=settings.url,
        write_path="/api/v2/write",
        raw=_place_v3(database),
        rolled={resolution: _place_v3(f"{database}_{name}") for resolution, name in ROLLUP_NAMES.items()},
        missing=f"make it: noc store init, or influxdb3 create database '{database}'",
        log_in="check token" if secrets else "it wants a log-in: give token",
        allow=f"the token must allow to read and to write database '{database}'",
        authorization=Secret(f"Bearer {secrets[0].reveal()}") if secrets else None,
        secrets=secrets,
    )


def _victoria(settings: Settings, folder: Path) -> Access:
    authorization, secrets = _basic(settings, folder)
    if settings.token is not None:
        token = _token(settings.token, folder)
        authorization, secrets = Secret(f"Bearer {token.reveal()}"), (token,)
    return Access(
        dialect="victoria",
        url=settings.url,
        write_path="/api/v2/write",
        # nocache: else its answers begin at other moments than were asked for
        raw=Place("", {"precision": "ms"}, {"nocache": "1"}),
        missing="check url: VictoriaMetrics has one database, which is always there",
        log_in="check user and password, or token" if secrets else "it wants a log-in: give user and password or token",
        allow="the proxy before it must allow /api/v2/write and /api/v1",
        authorization=authorization,
        secrets=secrets,
    )


def _place_v3(database: str) -> Place:
    return Place(database, {"bucket": database, "precision": "ms"}, {"db": database, "epoch": "ms"})


def _create_v1(database: str, policy: str | None) -> str:
    create = f'CREATE DATABASE "{database}"'
    if policy is None:
        return create
    return f'{create}, CREATE RETENTION POLICY "{policy}" ON "{database}" DURATION 30d REPLICATION 1'


def _create_v2(org: str, bucket: str) -> str:
    database, _, policy = bucket.partition("/")
    return (
        f"check org and bucket; make it: noc store init, or influx bucket create --org '{org}' --name '{bucket}'; "
        f"for reading a DBRP mapping must lead to it: influx v1 dbrp create --db '{database}' "
        f"--rp '{policy or 'autogen'}' --bucket-id …"
    )


def _basic(settings: Settings, folder: Path) -> tuple[Secret | None, tuple[Secret, ...]]:
    """Return the header for user and password, and what of it is secret."""
    if settings.user is None or settings.password is None:
        return None, ()
    password = settings.password.resolve(folder)
    pair = b64encode(f"{settings.user}:{password.reveal()}".encode()).decode()
    return Secret(f"Basic {pair}"), (password, Secret(pair))


def _token(ref: SecretRef, folder: Path) -> Secret:
    token = ref.resolve(folder)
    text = token.reveal()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise SecretError(f"secret '{ref}': a token is ASCII without blanks or control characters; write it anew")
    return token
