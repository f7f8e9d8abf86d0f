"""What a person writes about an InfluxDB server."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from noc.settings import schema
from noc.settings.secrets import SecretRef, SecretReference
from noc.store._retention import Retention, RetentionSetting

Dialect = Literal["v1", "v2", "v3", "victoria"]
"""v1: InfluxDB 1.x. v2: 2.x. v3: 3 Core. victoria: VictoriaMetrics."""

Writer = Literal["noc", "influxdb-client"]
"""Which HTTP client carries the bodies: noc's own, or the official one."""

_NEEDED: Final[dict[str, frozenset[str]]] = {
    "v1": frozenset({"database"}),
    "v2": frozenset({"org", "bucket", "token"}),
    "v3": frozenset({"database"}),
    "victoria": frozenset(),
}
_ALLOWED: Final[dict[str, frozenset[str]]] = {
    "v1": frozenset({"database", "retention_policy", "user", "password"}),
    "v2": frozenset({"org", "bucket", "token"}),
    "v3": frozenset({"database", "token"}),
    "victoria": frozenset({"user", "password", "token"}),
}
_INSTEAD: Final = {
    "v1": "database, user and password",
    "v2": "org, bucket and token",
    "v3": "database and token",
    "victoria": "user and password, or token, where a proxy asks for them",
}
_CLIENT_WRITES: Final[frozenset[Dialect]] = frozenset({"v2", "victoria"})


def _server_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("is not the URL of a server; write http://host:8086 or https://host:8086")
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds a log-in; write it as user and password, or token")
    if parts.query or parts.fragment:
        raise ValueError("ends with the path; what follows ? or # has keys of its own")
    return text.rstrip("/")


def _name(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("is empty, or holds a character that can't be seen")
    return text


def _user(text: str) -> str:
    if ":" in text:
        raise ValueError("a user's name holds no ':'")
    return _name(text)


def _ca_path(path: Path) -> Path:
    if "\0" in str(path):
        raise ValueError("no path holds a NUL")
    return path


Name = Annotated[str, AfterValidator(_name)]


class Settings(schema.Settings):
    """InfluxDB or VictoriaMetrics: which server speaks which dialect, where it keeps our numbers, how to log in."""

    kind: Literal["influx"] = "influx"
    """This store."""
    url: Annotated[str, AfterValidator(_server_url)]
    """Of the server: `http://host:8086`; with a path where a proxy wants one."""
    dialect: Dialect
    """v1: InfluxDB 1.x, v2: 2.x, v3: 3 Core, victoria: VictoriaMetrics."""
    database: Name | None = Field(default=None, validate_default=True)
    """Of v1 and v3. It must exist (v1)."""
    retention_policy: Name | None = Field(default=None, validate_default=True)
    """Of v1: another one than the database's default."""
    org: Name | None = Field(default=None, validate_default=True)
    """Of v2: name of the organisation."""
    bucket: Name | None = Field(default=None, validate_default=True)
    """Of v2. It is read by InfluxQL as the database of this name; `database/policy` where it is called so."""
    user: Annotated[str, AfterValidator(_user)] | None = Field(default=None, validate_default=True)
    """Of v1 and victoria, where the server, or a proxy before it, asks for a log-in."""
    password: SecretReference | None = Field(default=None, validate_default=True)
    """Goes with `user`."""
    token: SecretReference | None = Field(default=None, validate_default=True)
    """Of v2, and of v3 and victoria where the server, or a proxy before it, asks for one."""
    retention: RetentionSetting = Retention(classes={})
    """How long numbers are kept: `noc store init` makes databases by it, `noc store check` compares."""
    writer: Writer = "noc"
    """Of v2 and victoria: `influxdb-client` has the official client carry the bodies; slower, for who wants it so."""
    timeout: schema.Duration = timedelta(seconds=10)
    """Of one request, from connecting to the last byte of the answer."""
    verify_tls: bool = True
    """Whether the server's certificate must be trusted; false is for tests."""
    ca_file: Annotated[Path, AfterValidator(_ca_path)] | None = None
    """Certificates (PEM) that are trusted instead of the system's; from the folder of noc.yaml."""

    @field_validator("database", "retention_policy", "org", "bucket", "user", "password", "token")
    @classmethod
    def _belongs(cls, value: str | SecretRef | None, info: ValidationInfo) -> str | SecretRef | None:
        dialect, key = info.data.get("dialect"), info.field_name
        if dialect is None:  # wrong itself
            return value
        if value is None and key in _NEEDED[dialect]:
            raise ValueError(f"dialect {dialect} needs it: {_INSTEAD[dialect]}")
        if value is not None and key not in _ALLOWED[dialect]:
            raise ValueError(f"is not of dialect {dialect}, which has {_INSTEAD[dialect]}; take it out")
        return value

    @field_validator("password")
    @classmethod
    def _with_user(cls, value: SecretRef | None, info: ValidationInfo) -> SecretRef | None:
        if "user" in info.data and (info.data["user"] is None) != (value is None):
            given, missing = ("user", "password") if value is None else ("password", "user")
            raise ValueError(f"{given} is given without {missing}; they go together")
        return value

    @field_validator("token")
    @classmethod
    def _one_log_in(cls, value: SecretRef | None, info: ValidationInfo) -> SecretRef | None:
        if value is not None and info.data.get("user") is not None:
            raise ValueError("user and password are given too; take one of them out")
        return value

    @field_validator("retention")
    @classmethod
    def _for_all_classes(cls, value: Retention) -> Retention:
        if value.classes:
            raise ValueError("a place of a server keeps all numbers equally long; take classes out")
        return value

    @field_validator("writer")
    @classmethod
    def _can_write(cls, value: Writer, info: ValidationInfo) -> Writer:
        dialect = info.data.get("dialect")
        if value != "noc" and dialect is not None and dialect not in _CLIENT_WRITES:
            raise ValueError(f"influxdb-client can't write to a server of dialect {dialect}; take it out")
        return value

    @field_validator("ca_file")
    @classmethod
    def _with_tls(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is not None and info.data.get("url", "https:").startswith("http:"):
            raise ValueError("url is http, without TLS; write https, or take ca_file out")
        if value is not None and not info.data.get("verify_tls", True):
            raise ValueError("verify_tls is false, so that no certificate is looked at; take one of them out")
        return value
