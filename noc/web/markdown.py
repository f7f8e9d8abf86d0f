"""Markdown as HTML, for the handbook: the one door to markdown-it-py. HTML in the text stays text.

CommonMark (https://spec.commonmark.org) with tables. Headings get the ids that code forges give them, so that links
into a page work in both places; tables and code may be scrolled by keyboard. Options, `--json`, and other short words
with hyphens stay whole at the end of a line: broken, they read as something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token
from markupsafe import Markup

Linked = Callable[[str], str | None]
"""Gives the address that stands for a link of the text; None: it leads nowhere, and only its text stays."""

_NO_WORD: Final = re.compile(r"[^\w\- ]")
_MARKS: Final = re.compile(r"[`*]|\[([^\]]*)\]\([^)]*\)")
_WIDE: Final = '<div class="wide" tabindex="0" role="group" aria-label="Table">'

_WHOLE_AT_MOST: Final = 24
"""Letters of a word of code that is not broken: longer ones would not fit beside others on a phone."""

_OPTION: Final = re.compile(rf"(?<![\w/.-])--?[A-Za-z][\w-]{{0,{_WHOLE_AT_MOST - 3}}}(?![\w-])")


def _code(_: object, tokens: Sequence[Token], at: int, *__: object) -> str:
    """Return a piece of code within a line as HTML."""
    return f"<code>{' '.join(map(_word, escapeHtml(tokens[at].content).split(' ')))}</code>"


def _word(word: str) -> str:
    if _OPTION.search(word):
        return _OPTION.sub(r'<span class="nowrap">\g<0></span>', word)
    return f'<span class="whole">{word}</span>' if "-" in word and len(word) <= _WHOLE_AT_MOST else word


_READER: Final = MarkdownIt("commonmark", {"html": False}).enable("table")
_READER.add_render_rule("code_inline", _code)


def slug(heading: str) -> str:
    """Return the id of a heading: small letters, without what is no letter, number, blank or hyphen."""
    return _NO_WORD.sub("", plain(heading).strip().lower()).replace(" ", "-")


def plain(text: str) -> str:
    """Return a line without its marks: `**a** [b](c)` is `a b`."""
    return _MARKS.sub(lambda found: found[1] or "", text)


def rendered(text: str, linked: Linked) -> Markup:
    """Return a text as HTML."""
    tokens = _READER.parse(text)
    for before, token in pairwise(tokens):
        if before.type == "heading_open":
            before.attrSet("id", slug(token.content))
    for token in tokens:
        if token.children is not None:
            token.children = _lead(token.children, linked)
        if token.type in ("fence", "code_block"):
            token.attrSet("tabindex", "0")
    html = str(_READER.renderer.render(tokens, _READER.options, {}))
    # Written by the renderer alone: in what the text says, < is &lt; by now.
    return Markup(html.replace("<table>", f'{_WIDE}<table class="table">').replace("</table>", "</table></div>"))  # noqa: S704


def _lead(tokens: Sequence[Token], linked: Linked) -> list[Token]:
    """Return the tokens of a line with links that lead somewhere; of others, and of pictures, the text."""
    kept: list[Token] = []
    dropped: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            address = linked(str(token.attrGet("href") or ""))
            dropped.append(address is None)
            if address is None:
                continue
            token.attrSet("href", address)
            if not address.startswith(("/", "#")):
                token.attrSet("rel", "noreferrer")
        elif token.type == "link_close" and dropped.pop():
            continue
        elif token.type == "image":
            token = Token("text", "", 0, content=token.content)
        kept.append(token)
    return kept
