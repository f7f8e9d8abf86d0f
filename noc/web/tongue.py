"""In which language a page is: what its reader chose, or else what their browser asks for. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from markupsafe import Markup, escape

from noc.i18n.language import LOCALES, Language

COOKIE: Final = "noc_language"

_ACCEPTED_AT_MOST: Final = 500
_ENGLISH: Final = "en"

Say = Callable[..., Markup]


def tag_for(chosen: str | None, accepted: str) -> str:
    """Return the tag of the language of a page. chosen: by the reader, if anything. accepted: Accept-Language."""
    return chosen if chosen is not None and chosen in LOCALES else preferred(accepted)


def preferred(accepted: str) -> str:
    """Return the first of noc's languages that a browser asks for (RFC 9110, section 12.5.4), or else English."""
    found: list[tuple[float, int, str]] = []
    for place, item in enumerate(accepted[:_ACCEPTED_AT_MOST].split(",")):
        tag, _, quality = item.strip().partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=")) if quality else 1.0
        except ValueError:
            continue
        primary = tag.strip().lower().partition("-")[0]
        if primary in LOCALES and weight > 0:
            found.append((-weight, place, primary))
    return min(found)[2] if found else _ENGLISH


def saying(language: Language) -> Say:
    """Return `say` of templates: a text in the reader's language, with values that are made safe unless they are."""

    def said(text: str, /, **values: object) -> Markup:
        written = escape(language.say(text))
        return written.format(**values) if values else written

    return said


def counting(language: Language) -> Say:
    """Return `count` of templates: a text about a number of things, `{n}`."""

    def said(one: str, many: str, number: int, /, **values: object) -> Markup:
        return escape(language.words.ngettext(one, many, number)).format(n=language.number(number), **values)

    return said
