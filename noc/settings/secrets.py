"""Secrets by reference: `!secret file:/etc/noc/community`, `!secret env:NOC_COMMUNITY`, `!secret cred:community`.

A settings file never holds a secret itself; the reference is resolved when it is used, and the value is a
`Secret`, which shows nothing of itself in a repr, a log or an API answer.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, cast

from pydantic import BeforeValidator, PlainSerializer
from pydantic_core import PydanticCustomError

from noc.model.errors import UsageError
from noc.settings.yamltext import SECRET_KEY

Scheme = Literal["file", "env", "cred"]
_SCHEMES: tuple[Scheme, ...] = ("file", "env", "cred")
_HOW = "write !secret file:/path, !secret env:NAME or !secret cred:NAME"
MAX_SECRET_BYTES = 64 * 1024


class SecretError(UsageError):
    """A secret that can't be resolved. The text names the reference, never a value."""


class Secret:
    """A secret value. `reveal` is the only way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled")


class SecretRef:
    """Where a secret is kept: scheme and name. Harmless to show."""

    __slots__ = ("name", "scheme")

    def __init__(self, scheme: Scheme, name: str) -> None:
        self.scheme = scheme
        self.name = name

    def __repr__(self) -> str:
        return f"SecretRef({self})"

    def __str__(self) -> str:
        return f"{self.scheme}:{self.name}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretRef) and str(other) == str(self)

    def __hash__(self) -> int:
        return hash(str(self))

    def resolve(self, base: Path, environment: Mapping[str, str] | None = None) -> Secret:
        """Return the value.

        base: the folder that a relative file: path starts from (where the settings file stands).
        environment: os.environ by default; `cred:` reads $CREDENTIALS_DIRECTORY (systemd.exec, LoadCredential=).
        Raises SecretError, which names the reference and what to do.
        """
        known = os.environ if environment is None else environment
        if self.scheme == "env":
            if self.name not in known:
                raise SecretError(f"secret '{self}': the environment variable {self.name} is not set")
            if not known[self.name]:
                raise SecretError(f"secret '{self}': the environment variable {self.name} is empty")
            return Secret(known[self.name])
        if self.scheme == "cred":
            folder = known.get("CREDENTIALS_DIRECTORY")
            if not folder:
                raise SecretError(
                    f"secret '{self}': $CREDENTIALS_DIRECTORY is not set; add LoadCredential= to the unit"
                )
            return _from_file(self, Path(folder) / self.name)
        return _from_file(self, base / self.name)


def _from_file(ref: SecretRef, path: Path) -> Secret:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_SECRET_BYTES + 1)
    except ValueError as error:  # a NUL in the name
        raise SecretError(f"secret '{ref}' is not the name of a file") from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SecretError(f"secret '{ref}': {path}: {reason}; create the file, readable by noc alone") from error
    if len(raw) > MAX_SECRET_BYTES:
        raise SecretError(f"secret '{ref}': {path} holds more than {MAX_SECRET_BYTES} bytes")
    try:
        value = raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise SecretError(f"secret '{ref}': {path} is not UTF-8 text") from error
    if not value:
        raise SecretError(f"secret '{ref}': {path} is empty")
    return Secret(value)


def _parse(value: object) -> SecretRef:
    if isinstance(value, SecretRef):
        return value
    text = cast("dict[str, object]", value).get(SECRET_KEY) if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(text, str):
        raise PydanticCustomError("secret_literal", f"a secret is given by reference only: {_HOW}")
    scheme, colon, name = text.partition(":")
    if not colon or scheme not in _SCHEMES or not name:
        # The text may be the secret itself: it is not repeated.
        raise PydanticCustomError("secret_reference", f"what follows !secret is not a reference: {_HOW}")
    if scheme == "cred" and "/" in name:
        raise PydanticCustomError("secret_reference", f"'{text}': the name of a credential has no '/'")
    return SecretRef(scheme, name)


SecretReference = Annotated[
    SecretRef,
    BeforeValidator(_parse),
    PlainSerializer(str, return_type=str),
]
"""The pydantic type of a setting that is a secret."""
