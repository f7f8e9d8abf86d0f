"""One page of a list, and the addresses of those before and behind it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from aiohttp import web

from noc.http.problems import bad_request
from noc.web.lite import ROWS
from noc.web.reader import is_lite

PER_PAGE: Final = 100
_Item = TypeVar("_Item")
_Other = TypeVar("_Other")


@dataclass(frozen=True, slots=True)
class Page(Generic[_Item]):
    """Some of `total` items. first, last: counted from 1; 0 where there is none. before, after: addresses."""

    items: Sequence[_Item]
    total: int
    first: int
    last: int
    before: str | None
    after: str | None

    def with_items(self, items: Sequence[_Other]) -> Page[_Other]:
        """Return the same page of what was made of its items."""
        return Page(items, self.total, self.first, self.last, self.before, self.after)


def page_of(items: Sequence[_Item], request: web.Request, per_page: int = PER_PAGE) -> Page[_Item]:
    """Return the page that an address asks for by `?page=`, from 1. Raises ProblemError (400) for no such number.

    A number behind the last page gives the last one: lists get shorter while people read them.
    """
    url = request.rel_url
    text = url.query.get("page", "1")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) == int(text)):
        raise bad_request("/query/page", "must be a number from 1 on")
    per_page = min(per_page, ROWS) if is_lite(request) else per_page
    number = min(int(text), max(1, -(-len(items) // per_page)))
    start = (number - 1) * per_page
    shown = items[start : start + per_page]
    return Page(
        items=shown,
        total=len(items),
        first=start + 1 if shown else 0,
        last=start + len(shown),
        before=str(url.update_query(page=number - 1)) if number > 1 else None,
        after=str(url.update_query(page=number + 1)) if start + len(shown) < len(items) else None,
    )


def chosen(request: web.Request, name: str, known: Sequence[str], otherwise: str = "") -> str:
    """Return a choice of the address, `?severity=major`. Raises ProblemError (400) for none of the known ones."""
    text = request.query.get(name, "") or otherwise
    if text and text not in known:
        raise bad_request(f"/query/{name}", f"must be one of {', '.join(known)}")
    return text
