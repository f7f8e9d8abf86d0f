"""What the server itself shows to people: the log-in page and errors. noc.web dresses them; here they are plain."""

from __future__ import annotations

import html
from typing import Final, Literal, Protocol

from aiohttp import web

API: Final = "/api/"
ASSETS: Final = "/assets/"
_FOR_PROGRAMS: Final = frozenset({"/healthz", "/readyz", "/metrics", "/live", "/favicon.ico"})

LoginProblem = Literal["none", "wrong", "used", "limited"]
"""Why a log-in didn't work: no such token; used up already; too many tries from this address."""


def is_page(path: str) -> bool:
    """Return whether people look at what is at an address: their errors are pages, those of all else are documents."""
    return not f"{path}/".startswith((API, ASSETS)) and path not in _FOR_PROGRAMS


class Pages(Protocol):
    """The hook for templates. Each answers with the given status; who calls may be unknown (`caller_or_none`)."""

    def login(self, request: web.Request, problem: LoginProblem, goal: str, status: int) -> web.Response:
        """Return the page with a form: POST /login with the fields `token`, `name` (of the person), `next` (goal)."""
        ...

    def error(self, request: web.Request, status: int, title: str, detail: str) -> web.Response:
        """Return the page of an error. title: the status in words; detail: a sentence, may be empty."""
        ...


LOGIN_SENTENCES: dict[LoginProblem, str] = {
    "none": "",
    "wrong": "This token is not known: it may have expired, or noc was restarted. Use the newest one.",
    "used": "This token was used already: each opens noc once. Use the newest one that noc printed.",
    "limited": "Too many tries from this address. Wait a minute.",
}


class PlainPages:
    """Pages without a template."""

    def login(self, request: web.Request, problem: LoginProblem, goal: str, status: int) -> web.Response:
        """Return a form and nothing else."""
        form = (
            f"<p>{html.escape(LOGIN_SENTENCES[problem])}</p>"
            '<form method="post" action="/login">'
            f'<input type="hidden" name="next" value="{html.escape(goal)}">'
            '<p><label>Token <input name="token" autocomplete="off" required></label></p>'
            '<p><label>Your name <input name="name" maxlength="60"></label></p>'
            "<p><button>Log in</button></p></form>"
        )
        return _page("Log in", form, status)

    def error(self, request: web.Request, status: int, title: str, detail: str) -> web.Response:
        """Return title and detail."""
        return _page(f"{status} {title}", f"<p>{html.escape(detail)}</p>", status)


def _page(title: str, body: str, status: int) -> web.Response:
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>noc: {html.escape(title)}</title>'
    return web.Response(
        text=f"{head}<h1>{html.escape(title)}</h1>{body}</html>", status=status, content_type="text/html"
    )
