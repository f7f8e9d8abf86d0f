"""How to talk to one database of one server, dialect by dialect, and what to do when it is not there."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from noc.settings.secrets import Secret, SecretError, SecretRef
from noc.store.influx.settings import Dialect, Settings


@dataclass(frozen=True, slots=True)
class Access:
    """Paths and parameters of one database. authorization: the header, None without a log-in.

    missing, log_in, allow: what to do where the database is not there, after a 401, after a 403.
    """

    dialect: Dialect
    url: str
    write_path: str
    write_params: Mapping[str, str]
    query_params: Mapping[str, str]
    missing: str
    log_in: str
    allow: str
    authorization: Secret | None = None
    secrets: tuple[Secret, ...] = field(default=(), repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """Return what logs us in."""
        return {} if self.authorization is None else {"Authorization": self.authorization.reveal()}

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


def _v1(settings: Settings, folder: Path) -> Access:
    database, policy = settings.database or "", settings.retention_policy
    where = {"db": database} if policy is None else {"db": database, "rp": policy}
    secrets: tuple[Secret, ...] = ()
    authorization = None
    if settings.user is not None and settings.password is not None:
        password = settings.password.resolve(folder)
        pair = b64encode(f"{settings.user}:{password.reveal()}".encode()).decode()
        authorization = Secret(f"Basic {pair}")
        secrets = (password, Secret(pair))
    create = f'CREATE DATABASE "{database}"'
    if policy is not None:
        create += f', CREATE RETENTION POLICY "{policy}" ON "{database}" DURATION 30d REPLICATION 1'
    return Access(
        dialect="v1",
        url=settings.url,
        write_path="/write",
        write_params={**where, "precision": "ms"},
        query_params={**where, "epoch": "ms"},
        missing=f"make it with the command influx: {create}",
        log_in="check user and password" if settings.user else "it wants a log-in: give user and password",
        allow=f'allow it with the command influx: GRANT ALL ON "{database}" TO "{settings.user or ""}"',
        authorization=authorization,
        secrets=secrets,
    )


def _v2(settings: Settings, folder: Path) -> Access:
    org, bucket = settings.org or "", settings.bucket or ""
    database, _, policy = bucket.partition("/")
    secrets = () if settings.token is None else (_token(settings.token, folder),)
    return Access(
        dialect="v2",
        url=settings.url,
        write_path="/api/v2/write",
        write_params={"org": org, "bucket": bucket, "precision": "ms"},
        query_params={"db": database, **({"rp": policy} if policy else {}), "epoch": "ms"},
        missing=f"check org and bucket; make it with: influx bucket create --org '{org}' --name '{bucket}'; "
        f"for reading a DBRP mapping must lead to it: influx v1 dbrp create --db '{database}' "
        f"--rp '{policy or 'autogen'}' --bucket-id …",
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
        write_params={"bucket": database, "precision": "ms"},
        query_params={"db": database, "epoch": "ms"},
        missing=f"make it with: influxdb3 create database '{database}'",
        log_in="check token" if secrets else "it wants a log-in: give token",
        allow=f"the token must allow to read and to write database '{database}'",
        authorization=Secret(f"Bearer {secrets[0].reveal()}") if secrets else None,
        secrets=secrets,
    )


def _token(ref: SecretRef, folder: Path) -> Secret:
    token = ref.resolve(folder)
    text = token.reveal()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise SecretError(f"secret '{ref}': a token is ASCII without blanks or control characters; write it anew")
    return token
