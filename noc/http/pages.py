"""What the server itself shows to people: the log-in page and errors. noc.web dresses them; here they are plain."""

from __future__ import annotations

import html
from typing import Final, Literal, Protocol

from aiohttp import web

from noc.model.account import Account

API: Final = "/api/"
ASSETS: Final = "/assets/"
_FOR_PROGRAMS: Final = frozenset({"/healthz", "/readyz", "/metrics", "/live", "/favicon.ico"})

LoginProblem = Literal["none", "wrong", "used", "limited", "password"]
"""Why a log-in didn't work: no such token; used up already; too many tries; name, password or code is wrong."""


def is_page(path: str) -> bool:
    """Return whether people look at what is at an address: their errors are pages, those of all else are documents."""
    return not f"{path}/".startswith((API, ASSETS)) and path not in _FOR_PROGRAMS


class Pages(Protocol):
    """The hook for templates. Each answers with the given status; who calls may be unknown (`caller_or_none`)."""

    def login(
        self, request: web.Request, problem: LoginProblem, goal: str, status: int, *, by_token: bool
    ) -> web.Response:
        """Return the page with a form: POST /login with `name`, `password`, `code`, `next` (the goal).

        by_token: a token that noc announced will do, too: then with `token`, and `name` of the person.
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
}


_BY_TOKEN: Final = '<p><label>or token <input name="token" autocomplete="off"></label></p>'  # noqa: S105 a field


class PlainPages:
    """Pages without a template."""

    def login(
        self, request: web.Request, problem: LoginProblem, goal: str, status: int, *, by_token: bool
    ) -> web.Response:
        """Return a form and nothing else."""
        form = (
            f"<p>{html.escape(LOGIN_SENTENCES[problem])}</p>"
            '<form method="post" action="/login">'
            f'<input type="hidden" name="next" value="{html.escape(goal)}">'
            '<p><label>Name <input name="name" maxlength="100" autocomplete="username"></label></p>'
            '<p><label>Password <input name="password" type="password" autocomplete="current-password"></label></p>'
            '<p><label>One-time code <input name="code" autocomplete="one-time-code"></label></p>'
            f"{_BY_TOKEN if by_token else ''}"
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
