"""That templates have no words of their own: all that people read goes through the catalogues."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest
from jinja2 import Environment, nodes

from noc.web.manifest import STATIC, Manifest
from noc.web.pages import TEMPLATES, environment

FILES: Final = sorted(TEMPLATES.glob("*.html"))
PAGES: Final = environment(Manifest(STATIC))
READ: Final = frozenset(("alt", "aria-label", "data-label", "data-summary", "placeholder", "title"))
"""Attributes that people read."""

MACHINE: Final = frozenset(("code", "kbd", "script", "style"))
"""Elements whose text is for machines, and the same in every language."""

WORDS: Final = frozenset(("noc", "UTC", "HTML", "PDF", "ICMP", "ms", "Es", "site", "nairobi"))
"""What is the same in every language: names, units, forms of files; and the example of an entity."""

KEYS: Final = frozenset(("Enter", "Esc"))
"""Keys of a keyboard."""

ATTRIBUTES: Final = frozenset(("live",))
"""Macros that write attributes of a tag, none of which is read."""

SAYING: Final = frozenset(("say", "count", "code", "plain", "strftime", "url_for"))
"""Functions whose texts are in the catalogues, or are for machines."""


class Reader(HTMLParser):
    """Takes what people read out of a page. found: words that stand in it as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside += [tag] if tag in MACHINE else []
        for name, value in attrs:
            if name in READ:
                self._take(value or "")

    def handle_endtag(self, tag: str) -> None:
        if self._inside and tag == self._inside[-1]:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self._take(data)

    def _take(self, text: str) -> None:
        self.found += [word for word in re.findall("[A-Za-z]{2,}", text) if word not in WORDS]


def literal(node: nodes.Node) -> Iterator[str]:
    """Yield what a template writes as it is, in its order; where it writes a value, a dash."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Macro) and child.name in ATTRIBUTES:
            continue
        if isinstance(child, nodes.TemplateData):
            yield child.data
        elif isinstance(node, nodes.Output):
            yield "-"
        else:
            yield from literal(child)


def constants(node: nodes.Node) -> Iterator[str]:
    """Yield texts for people inside of expressions that nobody says."""
    if isinstance(node, nodes.Call):
        called = node.node.attr if isinstance(node.node, nodes.Getattr) else getattr(node.node, "name", "")
        if called in SAYING:
            return
    if (
        isinstance(node, nodes.Const)
        and isinstance(node.value, str)
        and re.search(r"\b[A-Z][a-z]|[a-z]{2,} [a-z]", node.value)
    ):
        yield from [] if node.value in KEYS else [node.value]
    for child in node.iter_child_nodes():
        yield from constants(child)


@cache
def tree_of(path: Path) -> nodes.Template:
    return PAGES.parse(path.read_text(encoding="utf-8"))


def words_of(tree: nodes.Template) -> list[str]:
    reader = Reader()
    # A tag whose name is a value is a tag all the same.
    reader.feed("".join(literal(tree)).replace("<-", "<g").replace("</-", "</g"))
    reader.close()
    return [*reader.found, *constants(tree)]


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_template_has_no_words_of_its_own(path: Path) -> None:
    assert words_of(tree_of(path)) == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Nothing yet.</p>", ["Nothing", "yet"]),
        ('<p>{{ say("Nothing yet.") }}</p>', []),
        ("<p>{{ n }} sites</p>", ["sites"]),
        ("{% if a %}<b>on</b>{% else %}{{ b }}{% endif %}", ["on"]),
        ('<input placeholder="Name" name="name">', ["Name"]),
        ('<td{% if a %} class="first"{% endif %} data-label="{{ b }}">', []),
        ('<b>{{ "Leave it out" if a else "x" }}</b>', ["Leave it out"]),
        ('{{ table("Where") }}', ["Where"]),
        ('{{ m.code("noc discover list") }} UTC <code>noc check</code>', []),
    ],
    ids=["text", "said", "beside", "branch", "attribute", "class", "choice", "argument", "machine"],
)
def test_words_are_found_wherever_they_stand(source: str, words: list[str]) -> None:
    assert words_of(Environment(autoescape=True).parse(source)) == words


JOINED: Final = ("assets", "impact", "incident_symptoms", "services", "system", "windowparts")
INLINE: Final = re.compile("</?(?:a|b|bdi|i|small|span)\\b[^>]*>")


@pytest.mark.parametrize("name", JOINED)
def test_what_belongs_together_is_joined_as_its_language_does_it(name: str) -> None:
    """A colon takes a narrow space in French, and is another letter in Chinese: the catalogue has it."""
    text = INLINE.sub("", "".join(literal(tree_of(TEMPLATES / f"{name}.html"))))
    assert re.findall("-: -", text) == []


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_template_finds_its_filters_and_tests(path: Path) -> None:
    tree = tree_of(path)
    assert {one.name for one in tree.find_all(nodes.Filter)} <= PAGES.filters.keys()
    assert {one.name for one in tree.find_all(nodes.Test)} <= PAGES.tests.keys()
