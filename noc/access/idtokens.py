"""ID tokens of an identity provider, verified (OpenID Connect Core 1.0, section 3.1.3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from authlib.oidc.core.claims import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet, import_key

from noc.model.errors import NocError

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""With keys that only the provider has: neither `none`, nor HS256, whose key would be a public one to confuse us."""

SKEW_S: Final = 60
"""How far the provider's clock may be off ours."""

TOKEN_CHARACTERS_AT_MOST: Final = 32_000
KEYS_AT_MOST: Final = 50


class TokenRefusedError(NocError):
    """What a provider said of a person can't be believed. The text says why."""


class UnknownKeyError(TokenRefusedError):
    """A token was signed by a key that isn't known: the provider may have new ones."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say. nonce: that of the log-in it belongs to; access_token: that came with it."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str = ""


def keys_of(document: object) -> KeySet:
    """Return the keys of a provider from its JSON Web Key Set; those of kinds that noc doesn't know are left out.

    Raises TokenRefusedError where there is none.
    """
    listed = document.get("keys") if isinstance(document, dict) else None
    wanted = [one for one in listed[:KEYS_AT_MOST] if _is_for_us(one)] if isinstance(listed, list) else []
    found = [key for key in map(_key, wanted) if key is not None]
    if not found:
        raise TokenRefusedError("the identity provider publishes no key that noc can check signatures with")
    return KeySet(found)


def verified(token: str, keys: KeySet, expected: Expected, now_s: int) -> Mapping[str, object]:
    """Return what a token says of a person. now_s: seconds of the Unix epoch.

    Raises TokenRefusedError where its signature, issuer, audience, times or nonce are not what they have to be,
    UnknownKeyError where it names a key that isn't among these.
    """
    if len(token) > TOKEN_CHARACTERS_AT_MOST:
        raise TokenRefusedError("its ID token is too long")
    try:
        read = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
    except InvalidKeyIdError as error:
        raise UnknownKeyError("its ID token is signed by a key that it doesn't publish") from error
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise TokenRefusedError(f"its ID token is not to be believed: {_why(error)}") from error
    options: dict[str, dict[str, object]] = {
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.client_id},
        "sub": {"essential": True, "allow_blank": False},
    }
    params = {"nonce": expected.nonce, "client_id": expected.client_id, "access_token": expected.access_token}
    claims = CodeIDToken(read.claims, read.header, options, params)
    try:
        claims.validate(now=now_s, leeway=SKEW_S)
    except (JoseError, ValueError, TypeError) as error:
        raise TokenRefusedError(f"its ID token is not to be believed: {_why(error)}") from error
    if not isinstance(claims["sub"], str):
        raise TokenRefusedError("its ID token is not to be believed: sub is no text")
    return dict(claims)


def _key(one: dict[str, Any]) -> Key | None:
    try:
        return import_key(one)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _is_for_us(one: object) -> bool:
    return isinstance(one, dict) and one.get("kty") in ("RSA", "EC") and one.get("use", "sig") == "sig"


def _why(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__
