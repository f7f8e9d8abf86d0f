"""Each `noc …` that the documents tell people to type is a command that noc has, with options that it takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException
from typer.main import get_command

from noc.cli._root import build

HOME = Path(__file__).parents[2]
PAGES = [HOME / "README.md", HOME / "CONTRIBUTING.md", *sorted((HOME / "docs").rglob("*.md"))]
UNITS = sorted((HOME / "systemd").glob("*.service"))
SAMPLE = HOME / "config/noc.yaml"
ROOT = get_command(build())

# A line of a block: `noc …`, perhaps with variables before it, or the path of where noc is installed.
LINE = re.compile(r"^\s*(?:\$ )?(?:Exec\w+=)?(?:[A-Z_]+=\S+ )*(?:/\S+/)?noc (?=[a-z-])(.*)$")
SPOKEN_OF = re.compile(r"`(?:cat [^`|]*\| )?noc ([a-z-][^`]*)`")
OTHER_COMMANDS = set("|;&><")
# What a sentence leaves out, or has a letter for: `noc report show ID`.
FORGIVEN = ("NoArgsIsHelpError", "MissingParameter", "BadParameter", "BadOptionUsage")


def blocks(text: str) -> Iterator[str]:
    """Lines of code blocks: fenced, or indented by four after an empty line."""
    fenced, indented, before = False, False, ""
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        indented = line.startswith("    ") and (indented or not before.strip())
        if fenced or indented:
            yield line
        before = line


def typed(lines: Iterator[str]) -> list[str]:
    """What stands behind `noc` on these lines."""
    return [found[1] for line in lines if (found := LINE.match(line))]


def spoken_of(text: str) -> list[str]:
    return [" ".join(found[1].split()) for found in SPOKEN_OF.finditer(text)]


def words(line: str) -> list[str]:
    """The arguments of a command line, up to a comment, a pipe or another command; what may be left out is taken."""
    lexer = shlex.shlex(re.sub(r"\[options\]|[\[\]]|\| (?=--)", " ", line), posix=True, punctuation_chars="|;&><")
    lexer.whitespace_split, lexer.commenters = True, "#"
    taken: list[str] = []
    for word in lexer:
        if set(word) <= OTHER_COMMANDS:
            break
        taken.append(word)
    return taken


def wrong(line: str) -> tuple[str, str] | None:
    """What noc's own parser says against a line: the class of the error, and its words."""
    context, command, rest, name = None, ROOT, words(line), "noc"
    try:
        while True:
            context = command.make_context(name, rest, parent=context)
            rest = [*getattr(context, "_protected_args", []), *context.args]
            if not isinstance(command, TyperGroup) or not rest:
                return None
            called, found, rest = command.resolve_command(context, rest)
            assert isinstance(found, TyperCommand | TyperGroup)
            name, command = called or "", found
    except TyperException as error:
        return type(error).__name__, str(error)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOME)))
def test_noc_takes_what_a_page_says_is_typed(page: Path) -> None:
    text = page.read_text()
    assert {line: said for line in typed(blocks(text)) if (said := wrong(line))} == {}
    spoken = {line: wrong(line) for line in spoken_of(text) if not line.endswith("--help")}
    assert {line: said for line, said in spoken.items() if said and said[0] not in FORGIVEN} == {}


@pytest.mark.parametrize("file", [*UNITS, SAMPLE], ids=lambda file: file.name)
def test_noc_takes_what_units_and_the_sample_say(file: Path) -> None:
    text = file.read_text()
    assert {line: said for line in typed(iter(text.splitlines())) if (said := wrong(line))} == {}
    spoken = {line: wrong(line) for line in spoken_of(text)}
    assert {line: said for line, said in spoken.items() if said and said[0] not in FORGIVEN} == {}


def test_this_would_find_what_is_wrong() -> None:
    lines = {"incident ack 7 --fro 4h": "NoSuchOption", "incident acknowledge 7": "UsageError", "window approve": ""}
    told = {line: wrong(line) for line in lines}
    assert all(told.values()), "none of these is right"
    assert [said[0] for said in told.values() if said] == ["NoSuchOption", "UsageError", "MissingParameter"]
    assert len([line for page in PAGES for line in typed(blocks(page.read_text()))]) > 100
