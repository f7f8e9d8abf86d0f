"""A real OpenID Connect provider on a free loopback port: it checks clients, redirect addresses and PKCE, signs by RSA.

People don't type passwords here: its page has a button for each. What a test changes of its tokens is told by `twist`.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from html import escape
from urllib.parse import unquote_plus, urlencode

from aiohttp import BasicAuth, web
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "noc"
SECRET = "it is: 100% secret+"
CODE_LIVES_S = 60

Claims = dict[str, object]


@cache
def signing_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


@dataclass
class Granted:
    """A code that was given out, for one redemption."""

    who: str
    asked: dict[str, str]
    until_s: float


@dataclass
class Provider:
    """people: claims by subject. twist: changes what a token says. kid: of the key that signs. ended: who logged out.

    in_token: whether groups stand in the token; else they are told by userinfo alone. asked: paths, in order.
    """

    people: dict[str, Claims] = field(default_factory=dict)
    twist: Callable[[Claims], Claims] = lambda claims: claims
    kid: str = "first"
    in_token: bool = True
    down: bool = False
    port: int = 0
    asked: list[str] = field(default_factory=list)
    ended: list[dict[str, str]] = field(default_factory=list)
    _codes: dict[str, Granted] = field(default_factory=dict)
    _access: dict[str, str] = field(default_factory=dict)
    _runner: web.AppRunner | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        app = web.Application(middlewares=[self._note])
        app.add_routes(
            [
                web.get("/.well-known/openid-configuration", self._discovery),
                web.get("/keys", self._keys),
                web.get("/authorize", self._ask),
                web.post("/authorize", self._grant),
                web.post("/token", self._token),
                web.get("/userinfo", self._userinfo),
                web.get("/end", self._end),
            ]
        )
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _note(
        self, request: web.Request, handler: Callable[[web.Request], web.StreamResponse]
    ) -> web.StreamResponse:
        self.asked.append(request.path)
        if self.down:
            return web.Response(status=502, text="<h1>Bad gateway</h1>", content_type="text/html")
        return await handler(request)  # type: ignore[misc]

    async def _discovery(self, _: web.Request) -> web.Response:
        places = {"authorization": "authorize", "token": "token", "userinfo": "userinfo", "end_session": "end"}
        document = {f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in places.items()}
        return web.json_response({**document, "issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"})

    async def _keys(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": [signing_key(self.kid).as_dict(private=False)]})

    async def _ask(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        wanted = {"response_type": "code", "client_id": CLIENT, "code_challenge_method": "S256"}
        if any(asked.get(key) != value for key, value in wanted.items()) or "openid" not in asked["scope"].split():
            return web.Response(status=400, text="this is no request of a client of mine")
        fields = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in asked.items())
        buttons = "".join(f'<button name="who" value="{escape(who)}">{escape(who)}</button>' for who in self.people)
        page = f'<!doctype html><title>Provider</title><form method="post">{fields}{buttons}</form>'
        return web.Response(text=page, content_type="text/html")

    async def _grant(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        code = secrets.token_urlsafe(16)
        self._codes[code] = Granted(form["who"], form, time.time() + CODE_LIVES_S)
        back = {"code": code, "state": form["state"], "iss": self.issuer}
        return web.Response(status=303, headers={"Location": f"{form['redirect_uri']}?{urlencode(back)}"})

    async def _token(self, request: web.Request) -> web.Response:
        sent = BasicAuth.decode(request.headers.get("Authorization", "Basic Og=="))
        if (unquote_plus(sent.login), unquote_plus(sent.password)) != (CLIENT, SECRET):
            return web.json_response({"error": "invalid_client"}, status=401)
        form = await request.post()
        granted = self._codes.pop(str(form.get("code")), None)
        digest = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            granted is None
            or granted.until_s < time.time()
            or granted.asked["redirect_uri"] != form.get("redirect_uri")
            or granted.asked["code_challenge"] != challenge
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        access = secrets.token_urlsafe(16)
        self._access[access] = granted.who
        return web.json_response(
            {"access_token": access, "token_type": "Bearer", "id_token": self._signed(granted, access)}
        )

    def _signed(self, granted: Granted, access: str) -> str:
        now = int(time.time())
        half = hashlib.sha256(access.encode()).digest()[:16]
        claims: Claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": granted.who,
            "iat": now,
            "exp": now + 300,
            "nonce": granted.asked.get("nonce"),
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
            **self.people[granted.who],
        }
        if not self.in_token:
            claims.pop("groups", None)
        return jwt.encode({"alg": "RS256", "kid": self.kid}, self.twist(claims), signing_key(self.kid))

    async def _userinfo(self, request: web.Request) -> web.Response:
        who = self._access.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if who is None:
            return web.json_response({"error": "invalid_token"}, status=401)
        return web.json_response({"sub": who, **self.people[who]})

    async def _end(self, request: web.Request) -> web.Response:
        self.ended.append(dict(request.query))
        return web.Response(status=303, headers={"Location": request.query["post_logout_redirect_uri"]})
