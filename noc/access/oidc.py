"""An identity provider that speaks OpenID Connect: asked by HTTP, with limits on time and size, and believed by proof.

Authorization code with PKCE (RFC 7636), state and nonce. What the provider says of itself (OpenID Connect Discovery
1.0), and its keys, are kept for an hour; keys are asked for anew when a token names one that isn't among them, once a
minute at most. Tokens are read once and forgotten.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.jwk import KeySet

from noc.access.idtokens import Expected, TokenRefusedError, UnknownKeyError, keys_of, verified
from noc.access.settings import OidcSettings, is_safe_url
from noc.clock import Clock
from noc.model.errors import NocError
from noc.model.instants import to_s
from noc.settings.secrets import Secret

TIMEOUT_S: Final = 10.0
OCTETS_AT_MOST: Final = 500_000
KEPT_S: Final = 3600.0
KEYS_ANEW_S: Final = 60.0
CODE_AT_MOST: Final = 4_000
OK: Final = 200


class ProviderAwayError(NocError):
    """The identity provider doesn't answer, or not as it should. The text says what it did."""


@dataclass(frozen=True, slots=True)
class Described:
    """What a provider says of itself. ends: where it is told of a log-out; empty: nowhere."""

    authorization: str
    token: str
    keys: str
    userinfo: str
    ends: str
    by_post: bool
    until_s: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """A log-in that has begun: what noc made up for it, and where the provider sends the browser back to."""

    state: str
    nonce: str
    verifier: str
    back: str


class Provider:
    """One provider. secret: what noc proves itself with, None for a public client. tls: None: the system's."""

    def __init__(self, settings: OidcSettings, secret: Secret | None, tls: ssl.SSLContext | None, clock: Clock) -> None:
        self.settings = settings
        self._secret = secret
        self._tls = tls
        self._clock = clock
        self._asking = asyncio.Lock()
        self._described: Described | None = None
        self._keys: KeySet | None = None
        self._keys_s = 0.0

    async def address(self, attempt: Attempt) -> str:
        """Return where somebody logs in. Raises ProviderAwayError."""
        described = await self._describe()
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": attempt.back,
            "scope": " ".join(self.settings.scopes),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": create_s256_code_challenge(attempt.verifier),
            "code_challenge_method": "S256",
        }
        return _with(described.authorization, asked)

    async def ends_at(self, back: str) -> str:
        """Return where somebody logs out of the provider too; empty: it has no such place. Raises ProviderAwayError."""
        described = await self._describe()
        asked = {"client_id": self.settings.client_id, "post_logout_redirect_uri": back}
        return _with(described.ends, asked) if described.ends else ""

    async def proven(self, attempt: Attempt, code: str, issuer: str | None = None) -> Mapping[str, object]:
        """Return what the provider says of who came back with a code: `sub`, and claims.

        issuer: whom the answer says that it is of (RFC 9207), if it does.

        Raises ProviderAwayError, TokenRefusedError where it can't be believed.
        """
        if issuer is not None and issuer != self.settings.issuer:
            raise TokenRefusedError("its answer is of another issuer")
        if not code or len(code) > CODE_AT_MOST:
            raise TokenRefusedError("it sent no code along")
        described = await self._describe()
        tokens = await self._redeemed(described, attempt, code)
        token, access = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(token, str) or not isinstance(access, str):
            raise TokenRefusedError("its answer holds no ID token; is openid among the scopes?")
        expected = Expected(self.settings.issuer, self.settings.client_id, attempt.nonce, access)
        claims = await self._verified(described, token, expected)
        if self.settings.groups_claim.partition(".")[0] in claims or not described.userinfo:
            return claims
        more = await self._get(described.userinfo, {"Authorization": f"Bearer {access}"})
        if more.get("sub") != claims["sub"]:
            raise TokenRefusedError("what it says of the person is of another one")
        return {**more, **claims}

    async def _redeemed(self, described: Described, attempt: Attempt, code: str) -> Mapping[str, object]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": attempt.back,
            "code_verifier": attempt.verifier,
        }
        name, auth = self.settings.client_id, None
        if self._secret is None or described.by_post:
            form["client_id"] = name
        if self._secret is not None and described.by_post:
            form["client_secret"] = self._secret.reveal()
        elif self._secret is not None:
            # RFC 6749, section 2.3.1: as in a form first.
            quoted = (urlencode({"": name})[1:], urlencode({"": self._secret.reveal()})[1:])
            auth = httpx.BasicAuth(*quoted)
        status, document = await self._ask("POST", described.token, {}, form, auth)
        if status == OK:
            return document
        said = str(document.get("error", ""))[:60]
        raise TokenRefusedError(f"it doesn't take the code: {said or status}")

    async def _verified(self, described: Described, token: str, expected: Expected) -> Mapping[str, object]:
        now_s = int(to_s(self._clock.now()))
        try:
            return verified(token, await self._known_keys(described), expected, now_s)
        except UnknownKeyError:
            keys = await self._known_keys(described, at_most_s=KEYS_ANEW_S)
            return verified(token, keys, expected, now_s)

    async def _known_keys(self, described: Described, at_most_s: float = KEPT_S) -> KeySet:
        async with self._asking:
            if self._keys is None or self._clock.monotonic() - self._keys_s >= at_most_s:
                self._keys = keys_of(await self._get(described.keys))
                self._keys_s = self._clock.monotonic()
            return self._keys

    async def _describe(self) -> Described:
        async with self._asking:
            if self._described is None or self._described.until_s <= self._clock.monotonic():
                url = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
                document = await self._get(url)
                self._described = _described(document, self.settings.issuer, self._clock.monotonic() + KEPT_S)
            return self._described

    async def _get(self, url: str, headers: Mapping[str, str] | None = None) -> Mapping[str, object]:
        status, document = await self._ask("GET", url, headers or {})
        if status != OK:
            raise ProviderAwayError(f"{url} answers {status}")
        return document

    async def _ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
    ) -> tuple[int, Mapping[str, object]]:
        if not is_safe_url(url):
            raise ProviderAwayError(f"{url[:100]} could be read on the way: it has to begin with https")
        try:
            async with asyncio.timeout(TIMEOUT_S):
                status, octets = await self._fetch(method, url, headers, form, auth)
        except TimeoutError as error:
            raise ProviderAwayError(f"{url} didn't answer within {TIMEOUT_S:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            raise ProviderAwayError(f"{url} can't be reached: {str(error) or type(error).__name__}") from error
        try:
            document = json.loads(octets)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise ProviderAwayError(f"{url} answers {status}, and no JSON object")
        return status, document

    async def _fetch(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None, auth: httpx.Auth | None
    ) -> tuple[int, bytes]:
        trusted = True if self._tls is None else self._tls
        async with (
            httpx.AsyncClient(verify=trusted, trust_env=False, timeout=TIMEOUT_S) as client,
            client.stream(
                method, url, headers={"Accept": "application/json", **headers}, data=form, auth=auth
            ) as answer,
        ):
            octets = bytearray()
            async for part in answer.aiter_bytes():
                octets += part
                if len(octets) > OCTETS_AT_MOST:
                    raise ProviderAwayError(f"{url} answers with more than {OCTETS_AT_MOST} octets")
            return answer.status_code, bytes(octets)


def _described(document: Mapping[str, object], issuer: str, until_s: float) -> Described:
    said = {key: str(document.get(key) or "") for key in _PLACES}
    if said["issuer"] != issuer:
        raise ProviderAwayError(
            f"the provider calls itself '{said['issuer'][:100]}', the settings '{issuer}'; write it as it does"
        )
    for key in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not is_safe_url(said[key]):
            raise ProviderAwayError(
                f"the provider's {key} is missing, or could be read on the way: '{said[key][:100]}'"
            )
    ways = document.get("token_endpoint_auth_methods_supported")
    by_post = isinstance(ways, list) and "client_secret_basic" not in ways and "client_secret_post" in ways
    ends, userinfo = said["end_session_endpoint"], said["userinfo_endpoint"]
    return Described(
        said["authorization_endpoint"],
        said["token_endpoint"],
        said["jwks_uri"],
        userinfo if is_safe_url(userinfo) else "",
        ends if is_safe_url(ends) else "",
        by_post,
        until_s,
    )


def _with(url: str, asked: Mapping[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}"


_PLACES: Final = (
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "end_session_endpoint",
)
