"""What the server itself shows to people: the log-in page and errors. noc.web dresses them; here they are plain."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from aiohttp import web

from noc.model.account import Account

API: Final = "/api/"
DOCS: Final = "/api/docs"
"""Of the API, for people."""

ASSETS: Final = "/static/"
PROVIDER: Final = "/login/provider"
"""Where somebody is sent on to an identity provider from."""

_FOR_PROGRAMS: Final = frozenset({"/healthz", "/readyz", "/metrics", "/live", "/favicon.ico"})

LoginProblem = Literal[
    "none", "wrong", "used", "limited", "password", "only", "away", "unproven", "denied", "stale", "out", "second"
]
"""Why a log-in didn't work: no such token; used up already; too many tries; name, password or code is wrong; and where
people log in by an identity provider, that; it doesn't answer; what it says can't be believed; it refuses; the log-in
took too long. out: somebody has logged out. second: the password was right, and a passkey is
to follow.
"""


@dataclass(frozen=True, slots=True)
class Ways:
    """By what people may log in. token: one that noc announced. password: all accounts; False: admins alone.

    provider: where an identity provider stands, for people; empty: there is none. why: more about what went wrong, a
    sentence; empty: nothing. onward: where one logs out of the provider as well; empty: nowhere.
    passkey: browsers allow them where noc is reached.
    """

    token: bool = False
    password: bool = True
    provider: str = ""
    why: str = ""
    onward: str = ""
    passkey: bool = False


def is_page(path: str) -> bool:
    """Return whether people look at what is at an address: their errors are pages, those of all else are documents."""
    if f"{path}/".startswith(f"{DOCS}/"):
        return True
    return not f"{path}/".startswith((API, ASSETS)) and path not in _FOR_PROGRAMS


class Pages(Protocol):
    """The hook for templates. Each answers with the given status; who calls may be unknown (`caller_or_none`)."""

    def login(self, request: web.Request, problem: LoginProblem, goal: str, status: int, ways: Ways) -> web.Response:
        """Return the page with a form: POST /login with `name`, `password`, `code`, `next` (the goal).

        Where a token that noc announced will do, too: with `token`, and `name` of the person. Where there is an
        identity provider: a link to PROVIDER, with `next`.
        """
        ...

    def welcome(self, request: web.Request, account: Account, wrong: str, status: int) -> web.Response:
        """Return the page on which somebody who was invited chooses a password: `password` and `again`.

        wrong: why the one before wasn't taken.
        """
        ...

    def error(self, request: web.Request, status: int, title: str, detail: str) -> web.Response:
        """Return the page of an error. title: the status in words; detail: a sentence, may be empty."""
        ...


def say(text: str) -> str:
    """Mark an English text for the catalogues; it is said when a page is made."""
    return text


LOGIN_SENTENCES: dict[LoginProblem, str] = {
    "none": "",
    "wrong": say("This token is not known: it may have expired, or noc was restarted. Use the newest one."),
    "used": say("This token was used already: each opens noc once. Use the newest one that noc printed."),
    "limited": say("Too many tries from this address, or for this name. Wait a minute."),
    "password": say("Name, password or code is wrong."),
    "only": say("Name, password or code is wrong, or this account logs in by the identity provider."),
    "away": say("The identity provider doesn't answer. Try again in a minute, or ask who looks after it."),
    "unproven": say("The identity provider's answer can't be believed; noc's log says why. Try again."),
    "denied": say("The identity provider didn't log you in. Begin anew."),
    "stale": say("This log-in took too long, or was begun in another browser. Begin anew."),
    "out": say("You are logged out."),
    "second": say("The password is right. Now show your passkey."),
}


_BY_TOKEN: Final = '<p><label>or token <input name="token" autocomplete="off"></label></p>'  # noqa: S105 a field


class PlainPages:
    """Pages without a template."""

    def login(self, request: web.Request, problem: LoginProblem, goal: str, status: int, ways: Ways) -> web.Response:
        """Return a form and nothing else."""
        link = f'<p><a href="{PROVIDER}">Log in by {html.escape(ways.provider)}</a></p>' if ways.provider else ""
        form = (
            f"<p>{html.escape(LOGIN_SENTENCES[problem])} {html.escape(ways.why)}</p>{link}"
            '<form method="post" action="/login">'
            f'<input type="hidden" name="next" value="{html.escape(goal)}">'
            '<p><label>Name <input name="name" maxlength="100" autocomplete="username"></label></p>'
            '<p><label>Password <input name="password" type="password" autocomplete="current-password"></label></p>'
            '<p><label>One-time code <input name="code" autocomplete="one-time-code"></label></p>'
            f"{_BY_TOKEN if ways.token else ''}"
            "<p><button>Log in</button></p></form>"
        )
        return _page("Log in", form, status)

    def welcome(self, request: web.Request, account: Account, wrong: str, status: int) -> web.Response:
        """Return a form and nothing else."""
        field = '<input name="{}" type="password" autocomplete="new-password" required>'
        form = (
            f'<p>{html.escape(wrong)}</p><form method="post">'
            f"<p><label>Password {field.format('password')}</label></p>"
            f"<p><label>The same again {field.format('again')}</label></p>"
            "<p><button>Choose it</button></p></form>"
        )
        return _page(f"Welcome, {account.person}", form, status)

    def error(self, request: web.Request, status: int, title: str, detail: str) -> web.Response:
        """Return title and detail."""
        return _page(f"{status} {title}", f"<p>{html.escape(detail)}</p>", status)


def _page(title: str, body: str, status: int) -> web.Response:
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>noc: {html.escape(title)}</title>'
    return web.Response(
        text=f"{head}<h1>{html.escape(title)}</h1>{body}</html>", status=status, content_type="text/html"
    )
