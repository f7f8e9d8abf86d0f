"""Sets of credentials, by name: how to log in to devices. Secrets are references."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from noc.inventory.values import Port
from noc.settings.schema import Settings
from noc.settings.secrets import SecretRef, SecretReference

SnmpAuth = Literal["MD5", "SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"]
"""Authentication of SNMPv3 (RFC 3414, RFC 7860)."""

SnmpPriv = Literal["DES", "AES-128", "AES-192", "AES-256", "AES-192-C", "AES-256-C"]
"""Encryption of SNMPv3 (RFC 3414, RFC 3826). AES-192 and AES-256 make long keys as net-snmp and Juniper do, those with
-C as Cisco and many others do."""

MIN_KEY_CHARACTERS = 8
"""Of a password that SNMPv3 keys are made from (RFC 3414, section 11.2)."""


def _number_as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


SnmpVersion = Annotated[Literal["1", "2c", "3"], BeforeValidator(_number_as_text)]


class SnmpCredentials(Settings):
    """How to ask over SNMP: a community (versions 1 and 2c), or a user (version 3)."""

    version: SnmpVersion
    """Which version of SNMP."""
    community: SecretReference | None = Field(default=None, validate_default=True)
    """Of versions 1 and 2c."""
    user: str | None = Field(default=None, validate_default=True)
    """Of version 3."""
    auth: SnmpAuth | None = Field(default=None, validate_default=True)
    """How messages of version 3 are authenticated."""
    auth_key: SecretReference | None = Field(default=None, validate_default=True)
    """The password that goes with `auth`, of 8 characters at least."""
    priv: SnmpPriv | None = Field(default=None, validate_default=True)
    """How messages of version 3 are encrypted; needs `auth`. Cisco and many others make the long keys of AES-192 and
    AES-256 in another way where `auth` is MD5 or SHA-1 (with AES-256 also SHA-224): -C stands for it."""
    priv_key: SecretReference | None = Field(default=None, validate_default=True)
    """The password that goes with `priv`, of 8 characters at least."""

    @field_validator("community")
    @classmethod
    def _community(cls, value: SecretRef | None, info: ValidationInfo) -> SecretRef | None:
        version = info.data.get("version")
        if version == "3" and value is not None:
            raise ValueError("version 3 has a user, no community; take one of them out")
        if version in ("1", "2c") and value is None:
            raise ValueError(f"version {version} needs a community")
        return value

    @field_validator("user")
    @classmethod
    def _user(cls, value: str | None, info: ValidationInfo) -> str | None:
        version = info.data.get("version")
        if version == "3" and not value:
            raise ValueError("version 3 needs a user")
        return _only_in_version_3(value, version)

    @field_validator("auth")
    @classmethod
    def _auth(cls, value: str | None, info: ValidationInfo) -> str | None:
        return _only_in_version_3(value, info.data.get("version"))

    @field_validator("auth_key")
    @classmethod
    def _auth_key(cls, value: SecretRef | None, info: ValidationInfo) -> SecretRef | None:
        return _key_of("auth", value, info)

    @field_validator("priv")
    @classmethod
    def _priv(cls, value: str | None, info: ValidationInfo) -> str | None:
        _only_in_version_3(value, info.data.get("version"))
        if value is not None and "auth" in info.data and info.data["auth"] is None:
            raise ValueError("SNMPv3 doesn't encrypt without authentication; add auth and auth_key")
        return value

    @field_validator("priv_key")
    @classmethod
    def _priv_key(cls, value: SecretRef | None, info: ValidationInfo) -> SecretRef | None:
        return _key_of("priv", value, info)


def _only_in_version_3(value: str | None, version: str | None) -> str | None:
    if value is not None and version in ("1", "2c"):
        raise ValueError(f"belongs to version 3, this is version {version}")
    return value


def _key_of(name: str, key: SecretRef | None, info: ValidationInfo) -> SecretRef | None:
    if name in info.data and (info.data[name] is None) != (key is None):
        given, missing = (name, f"{name}_key") if key is None else (f"{name}_key", name)
        raise ValueError(f"{given} is given without {missing}; they go together")
    return key


class SshCredentials(Settings):
    """How to log in over SSH: a password, or a private key."""

    user: str
    """The user to log in as."""
    port: Port = 22
    """TCP port."""
    password: SecretReference | None = None
    """The password."""
    private_key: SecretReference | None = None
    """The private key itself, in OpenSSH's format: usually `!secret file:…`."""
    passphrase: SecretReference | None = None
    """Of the private key, where it has one."""
    enable_password: SecretReference | None = None
    """For the privileged mode of devices that ask for it."""

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.password is None) == (self.private_key is None):
            raise ValueError("give either password or private_key")
        if self.passphrase is not None and self.private_key is None:
            raise ValueError("passphrase belongs to private_key")
        return self


class CredentialSet(Settings):
    """All that is needed to ask one kind of device."""

    snmp: SnmpCredentials | None = None
    """For polling, and for `liveness: snmp`."""
    ssh: SshCredentials | None = None
    """For checks that run a command."""
