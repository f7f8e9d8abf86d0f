"""What an address says of its reader goes on to where the page leads: `?zone=` and `?lite` in links, forms and what
htmx fetches, and in the address that something done leads to. Pure.

Templates write addresses in many places, and know nothing of it; a text that comes from elsewhere can't hold a tag.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from markupsafe import Markup, escape

from noc.http.pages import is_page

_TAG: Final = re.compile(r"<[a-z][a-z0-9-]*\b[^<>]*>")
_ADDRESS: Final = re.compile(r'\b(href|action|formaction|hx-get|hx-post)="((?:/(?!/)|\?)[^"]*)"')
_FORM: Final = "<form"
_BY_GET: Final = 'method="get"'
_HAS_ZONE: Final = "data-zone"
"""A form that names the zone of the times in it."""


def carry(html: str, what: Mapping[str, str]) -> str:
    """Return a page whose links and forms carry on what an address says. what: names and values."""
    return _TAG.sub(lambda found: _tag(found[0], what), html) if what else html


def onward(address: str, what: Mapping[str, str]) -> str:
    """Return an address of ours with the same, where it doesn't say otherwise; another one as it is."""
    if not address.startswith(("/", "?")) or address.startswith("//"):
        return address
    parts = urlsplit(address)
    if parts.path and not is_page(parts.path):
        return address
    known = parse_qsl(parts.query, keep_blank_values=True)
    more = [(name, value) for name, value in what.items() if name not in dict(known)]
    if not more:
        return address
    query = "&".join(part for part in (parts.query, urlencode(more, safe="/")) if part)
    return urlunsplit(parts._replace(query=query))


def _tag(tag: str, what: Mapping[str, str]) -> str:
    made = _ADDRESS.sub(lambda found: f'{found[1]}="{escape(onward(unescape(found[2]), what))}"', tag)
    if not tag.startswith(_FORM) or _BY_GET not in tag:
        return made
    # A form by GET drops the query of its address: there it is fields.
    skipped = {"zone"} if _HAS_ZONE in tag else set()
    field = Markup('<input type="hidden" name="{}" value="{}">')
    return made + "".join(field.format(name, value) for name, value in what.items() if name not in skipped)
