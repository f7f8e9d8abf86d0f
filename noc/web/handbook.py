"""The handbook: the pages of `docs`, as they are shipped, with what is found in them. Nothing is asked of a network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Final, Literal

from markupsafe import Markup

from noc.web.markdown import plain, rendered, slug

ADDRESS: Final = "/help"
EXCERPT: Final = 160
"""Characters."""

Shelf = Literal["", "runbooks", "reference", "extend", "adr"]
SHELVES: Final[tuple[Shelf, ...]] = ("", "runbooks", "reference", "extend", "adr")

_HEADING: Final = re.compile(r"(#{1,6}) +(.+?)\s*#*\Z")
_COMMENT: Final = re.compile(r"^<!--.*?-->$\n?", re.MULTILINE | re.DOTALL)
_TABLE_LINE: Final = re.compile(r"[|:\- ]+\Z")
_IN_TITLE, _IN_HEADING, _IN_TEXT = 100, 10, 1


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page below a heading. anchor: its id; text: without marks; raw: as it is written. Of the beginning of
    a page: its title.
    """

    heading: str
    anchor: str
    level: int
    text: str
    raw: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page. name: its address below ADDRESS, `reference/api`. text: Markdown."""

    name: str
    title: str
    text: str
    sections: tuple[Section, ...]

    @property
    def address(self) -> str:
        """Return where it is read."""
        return f"{ADDRESS}/{self.name}"

    @property
    def shelf(self) -> Shelf:
        """Return in which part of the handbook it stands."""
        above = self.name.rpartition("/")[0]
        return next((shelf for shelf in SHELVES if shelf == above), "")


@dataclass(frozen=True, slots=True)
class Found:
    """A part of the handbook that says what was looked for."""

    page: Page
    section: Section
    excerpt: str
    rank: int

    @property
    def address(self) -> str:
        """Return where it is read."""
        return f"{self.page.address}#{self.section.anchor}" if self.section.level > 1 else self.page.address


class Handbook:
    """Reads the pages when they are first asked for. folder: where they are; None: of this installation."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._rendered: dict[str, Markup] = {}

    @cached_property
    def pages(self) -> Mapping[str, Page]:
        """Return all pages by name."""
        folder = folder_of_docs() if self._folder is None else self._folder
        files = sorted(path for shelf in SHELVES for path in (folder / shelf).glob("*.md"))
        names = {path.relative_to(folder).as_posix().removesuffix(".md"): path for path in files}
        return {name: page_of(name, path.read_text(encoding="utf-8")) for name, path in names.items()}

    def open(self) -> int:
        """Read the pages, which takes a moment the first time; return how many there are."""
        return len(self.pages)

    def shelf(self, shelf: Shelf) -> list[Page]:
        """Return the pages of a part, by title; decisions by number."""
        found = [page for page in self.pages.values() if page.shelf == shelf]
        return found if shelf == "adr" else sorted(found, key=lambda page: page.title.casefold())

    def html(self, page: Page) -> Markup:
        """Return a page as HTML."""
        if page.name not in self._rendered:
            self._rendered[page.name] = rendered(page.text, lambda link: self.linked(page, link))
        return self._rendered[page.name]

    def part(self, address: str) -> Markup | None:
        """Return what stands below a heading, as HTML; None where there is none. address: `/help/runbooks/lines#x`."""
        path, _, anchor = address.partition("#")
        page = self.pages.get(path.removeprefix(f"{ADDRESS}/"))
        section = None if page is None else next((one for one in page.sections if one.anchor == anchor), None)
        if page is None or section is None:
            return None
        return rendered(section.raw, lambda link: page.address + link if link[:1] == "#" else self.linked(page, link))

    def linked(self, page: Page, link: str) -> str | None:
        """Return the address for a link of a page: of another page, its own parts, or elsewhere; None: it has none."""
        if link.startswith(("https://", "http://", "mailto:", "#")):
            return link
        path, hash_, anchor = link.partition("#")
        name = normpath(join(dirname(page.name), path)).removesuffix(".md")
        return f"{ADDRESS}/{name}{hash_}{anchor}" if path.endswith(".md") and name in self.pages else None

    def find(self, text: str, at_most: int) -> list[Found]:
        """Return the parts that say all words of a text, in headings first; decisions behind what tells of use."""
        words = text.casefold().split()
        if not words:
            return []
        found = [one for page in self.pages.values() for one in _found(page, words)]
        return sorted(found, key=lambda one: (one.page.shelf == "adr", -one.rank))[:at_most]


def folder_of_docs() -> Path:
    """Return where the pages are: `docs` of a checkout, `noc/shipped/docs` of a wheel.

    Raises FileNotFoundError where the installation is damaged.
    """
    package = Path(__file__).resolve().parent.parent
    for candidate in (package / "shipped" / "docs", package.parent / "docs"):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError("the handbook is not there; reinstall noc-monitor")


def page_of(name: str, text: str) -> Page:
    """Return a page by its text; comments are left out."""
    text = _COMMENT.sub("", text)
    sections = tuple(_sections(text))
    title = sections[0].heading if sections else name
    return Page(name, title, text, sections)


def _sections(text: str) -> Iterator[Section]:
    heading, level, lines, is_code = "", 1, list[str](), False
    for line in text.splitlines():
        if line.startswith("```"):
            is_code = not is_code
        begins = None if is_code else _HEADING.match(line)
        if begins is None:
            lines.append(line)
            continue
        if heading:
            yield _section(heading, level, lines)
        heading, level, lines = begins[2], len(begins[1]), []
    if heading:
        yield _section(heading, level, lines)


def _section(heading: str, level: int, lines: list[str]) -> Section:
    told = (plain(line.strip(" |#>")).replace(" | ", " · ") for line in lines if not _TABLE_LINE.match(line))
    said = " ".join(told)
    return Section(plain(heading), slug(heading), level, " ".join(said.split()), "\n".join(lines))


def _found(page: Page, words: list[str]) -> Iterator[Found]:
    title = page.title.casefold()
    for section in page.sections:
        heading, text = section.heading.casefold(), section.text.casefold()
        if not all(word in heading or word in text or word in title for word in words):
            continue
        if not any(word in heading or word in text for word in words):
            continue
        rank = sum(
            (_IN_TITLE if word in title and section.level == 1 else 0)
            + (_IN_HEADING if word in heading else 0)
            + (_IN_TEXT if word in text else 0)
            for word in words
        )
        yield Found(page, section, _excerpt(section.text, words), rank)


def _excerpt(text: str, words: list[str]) -> str:
    """Return what stands around the first of the words."""
    places = [place for word in words if (place := text.casefold().find(word)) >= 0]
    begin = max(0, min(places, default=0) - EXCERPT // 4)
    begin = text.rfind(" ", 0, begin) + 1 if begin else 0
    shown = text[begin : begin + EXCERPT]
    return ("… " if begin else "") + shown + (" …" if begin + EXCERPT < len(text) else "")
