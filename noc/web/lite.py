"""Pages as text, for a line that is thin: what a page says and does without scripts, drawings and pictures. Pure.

The same page is made and then cut down: so none is forgotten, and none says something else. What is kept: texts, links,
forms, tables by parts, and the few attributes by which screen readers and browsers know them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from markupsafe import escape

ROWS: Final = 25
"""Of one table, or items of one list; the others are behind a link."""

PART: Final = "rows"
"""In an address: which rows of which table, `?rows=3.2`: of the third the second 25."""

STYLE: Final = "lite.css"

_NO_ICON: Final = '<link rel="icon" href="data:,">'
"""Or else browsers ask for /favicon.ico."""

_VOID: Final = frozenset(("br", "hr", "img", "input", "link", "meta", "wbr", "col", "source"))
_DROPPED: Final = frozenset(
    ("script", "style", "svg", "canvas", "dialog", "datalist", "template", "iframe", "img", "link")
)
"""With all that stands in them; so is what begins with `noc-`."""

_BARE: Final = frozenset(("span", "time", "bdi"))
"""Are left out themselves where none of their attributes is kept."""

_NAMES: Final = """
href action formaction method enctype name value type for rel accept open checked selected required disabled multiple
placeholder autocomplete inputmode maxlength minlength min max step rows scope colspan rowspan lang dir role aria-label
aria-labelledby aria-describedby aria-current aria-invalid aria-hidden charset content http-equiv
"""
_KEPT: Final = frozenset(_NAMES.split())
_WITH_ID: Final = frozenset(("h1", "h2", "h3", "main", "input", "select", "textarea", "section", "div", "p"))
"""Labels, descriptions and links of a page itself lead to these."""

_APART: Final = frozenset(("a", "span", "button"))
"""Stand apart by style alone where they follow another element without a space."""

_ELSEWHERE: Final = frozenset(("narrow-only", "print-only", "wide-only"))
"""Say again what stands elsewhere, for a kind of screen."""

_FIELDS: Final = frozenset(("input", "select", "textarea"))
_LOADED: Final = ("load", "revealed")
_ASIDE: Final = "visually-hidden"
_SPACE: Final = re.compile(r"\s+")
_ROWED: Final = {"tbody": "tr", "ul": "li", "ol": "li"}
"""What is cut into parts, and what is counted in it."""


@dataclass(frozen=True, slots=True)
class LiteWords:
    """What a page says as text that it doesn't say else. rows: with `{first}`, `{last}`, `{total}`."""

    rows: str
    before: str
    after: str
    load: str


def slim(html: str, address: str, style: str, words: LiteWords) -> str:
    """Return a page as text. address: its own, path and query. style: the address of its style."""
    made = _Slim(address, style, words)
    made.feed(html)
    made.close()
    return made.text()


@dataclass
class _Rows:
    """A table body or list that is being read. number: of those of the page, from 1. part: which 25 are shown, from 1.

    depth: of the elements in it. count: rows so far.
    """

    tag: str
    number: int
    part: int
    depth: int = 0
    count: int = 0

    @property
    def is_shown(self) -> bool:
        return not self.count or (self.count - 1) // ROWS + 1 == self.part


@dataclass
class _Waiting:
    """A part of the page that scripts would fetch: a link to it stands in its place."""

    tag: str
    address: str
    label: str
    depth: int = 1
    heading: list[str] = field(default_factory=list)
    in_heading: bool = False


class _Slim(HTMLParser):
    def __init__(self, address: str, style: str, words: LiteWords) -> None:
        super().__init__(convert_charrefs=False)
        self._address, self._style, self._words = address, style, words
        self._out: list[str] = []
        self._dropped: list[str] = []
        self._opened: list[tuple[str, bool]] = []
        self._rows: list[_Rows] = []
        self._pending: list[str] = []
        self._known = 0
        self._waiting: _Waiting | None = None
        self._is_behind = False
        asked = dict(parse_qsl(urlsplit(address).query)).get(PART, "")
        number, _, part = asked.partition(".")
        self._asked = (int(number), int(part)) if _is_number(number) and _is_number(part) else (0, 1)

    def text(self) -> str:
        return "".join(self._out)

    # What the parser of the standard library calls: names are its own.

    def handle_decl(self, decl: str) -> None:
        self._out.append(f"<!{decl}>\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            self.handle_starttag(tag, attrs)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._is_behind and tag in _APART:
            self._write(" ")
        self._is_behind = False
        if self._dropped:
            self._dropped += [tag] if tag == self._dropped[-1] and tag not in _VOID else []
        elif self._waiting is not None:
            self._wait(self._waiting, tag)
        elif _is_dropped(tag, given):
            self._dropped += [] if tag in _VOID else [tag]
        elif "hx-get" in given and any(word in given.get("hx-trigger", "") for word in _LOADED) and tag not in _FIELDS:
            self._waiting = _Waiting(tag, given["hx-get"], given.get("data-name", given.get("aria-label", "")))
        else:
            self._open(tag, given)

    def handle_endtag(self, tag: str) -> None:
        self._is_behind = self._is_behind or not self._dropped
        if self._dropped:
            if tag == self._dropped[-1]:
                self._dropped.pop()
        elif self._waiting is not None:
            self._waited(self._waiting, tag)
        elif tag not in _VOID:
            self._close(tag)

    def handle_data(self, data: str) -> None:
        self._is_behind = False
        if self._waiting is not None and self._waiting.in_heading and not self._dropped:
            self._waiting.heading.append(data)
        keeps = any(tag in ("pre", "textarea") for tag, _ in self._opened[-6:])
        if keeps:
            self._write(data)
        elif not (data.isspace() and self._out and self._out[-1].endswith((" ", "\n"))):
            self._write(_SPACE.sub(lambda found: "\n" if "\n" in found[0] else " ", data))

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def _open(self, tag: str, given: dict[str, str]) -> None:
        if tag in _ROWED:
            self._known += 1
            part = self._asked[1] if self._asked[0] == self._known else 1
            self._rows.append(_Rows(tag, self._known, part))
        elif self._rows and tag == _ROWED[self._rows[-1].tag] and not self._rows[-1].depth:
            self._rows[-1].count += 1
        if self._rows and tag not in _VOID:
            self._rows[-1].depth += tag not in _ROWED
        kept = _attributes(tag, given)
        is_bare = tag in _BARE and not kept
        if tag not in _VOID:
            self._opened.append((tag, is_bare))
        if not is_bare:
            self._write(f"<{tag}{kept}>")
        if tag == "head":
            self._write(f'<link rel="stylesheet" href="{escape(self._style)}">{_NO_ICON}')

    def _close(self, tag: str) -> None:
        if all(tag != opened for opened, _ in self._opened):
            return
        while True:
            opened, is_bare = self._opened.pop()
            ended = self._rows.pop() if opened in _ROWED else None
            if ended is None and self._rows:
                self._rows[-1].depth -= 1
            if not is_bare:
                self._write(f"</{opened}>")
            if ended is not None:
                self._end_rows(ended)
            if opened == "table":
                self._out += self._pending
                self._pending.clear()
            if opened == tag:
                return

    def _end_rows(self, rows: _Rows) -> None:
        """Say which rows are shown, behind the table or list: a table itself takes no paragraphs."""
        if rows.count <= ROWS:
            return
        first, last = (rows.part - 1) * ROWS + 1, min(rows.part * ROWS, rows.count)
        said = self._words.rows.format(first=first, last=last, total=rows.count)
        links = [
            f'<a href="{escape(self._to(rows.number, part))}">{escape(word)}</a>'
            for part, word in ((rows.part - 1, self._words.before), (rows.part + 1, self._words.after))
            if 1 <= part <= -(-rows.count // ROWS)
        ]
        line = f"<p>{escape(said)} {' '.join(links)}</p>"
        if rows.tag == "tbody":
            self._pending.append(line)
        else:
            self._write(line)

    def _to(self, number: int, part: int) -> str:
        parts = urlsplit(self._address)
        query = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != PART]
        return urlunsplit(parts._replace(query=urlencode([*query, (PART, f"{number}.{part}")], safe="/")))

    def _write(self, text: str) -> None:
        if not self._dropped and self._waiting is None and all(rows.is_shown for rows in self._rows):
            self._out.append(text)

    def _wait(self, waiting: _Waiting, tag: str) -> None:
        waiting.depth += tag == waiting.tag
        waiting.in_heading = waiting.in_heading or tag in ("h2", "h3")

    def _waited(self, waiting: _Waiting, tag: str) -> None:
        waiting.depth -= tag == waiting.tag
        waiting.in_heading = waiting.in_heading and tag not in ("h2", "h3")
        if waiting.depth:
            return
        self._waiting = None
        label = escape(waiting.label) if waiting.label else "".join(waiting.heading) or escape(self._words.load)
        self._write(f'<p><a href="{escape(waiting.address)}">{label}</a></p>')


def _is_dropped(tag: str, given: dict[str, str]) -> bool:
    """Return whether something is for scripts alone, or is drawn; `data-full` marks what else is not for text."""
    if tag in _DROPPED or tag.startswith("noc-") or "data-full" in given:
        return True
    if _ELSEWHERE & set(given.get("class", "").split()):
        return True
    if "hidden" in given and "data-lite" not in given:
        return True
    if tag == "meta":
        return given.get("name") in ("htmx-config", "noc-now", "noc-build")
    return (tag == "button" and given.get("type") == "button") or (tag in ("input", "select") and "name" not in given)


def _attributes(tag: str, given: dict[str, str]) -> str:
    kept = {name: value for name, value in given.items() if name in _KEPT}
    if "id" in given and (tag in _WITH_ID or given.get("role")):
        kept["id"] = given["id"]
    if _ASIDE in given.get("class", "").split() or "skip" in given.get("class", "").split():
        kept["class"] = _ASIDE
    return "".join(f' {name}="{escape(value)}"' if value else f" {name}" for name, value in kept.items())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6 and int(text) > 0
