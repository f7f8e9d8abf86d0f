"""What a YAML parser found wrong, in an operator's words: what to look at, and what to write instead.

The parser's own words (libyaml's, here) tell what it expected; people want to know which bracket, quote or blank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import yaml

from noc.model.finding import Finding
from noc.settings.textfile import unprintable

_KEY: Final = "write keys as `name: value`, with a blank behind the colon"


@dataclass(frozen=True, slots=True)
class _Mark:
    """A place in a text, lines and columns counted from 0, and what stands there."""

    line: int
    column: int
    lines: tuple[str, ...]

    @property
    def row(self) -> str:
        return self.lines[self.line] if self.line < len(self.lines) else ""

    @property
    def character(self) -> str:
        return self.row[self.column : self.column + 1]

    @property
    def before(self) -> str:
        """What stands before it in its line."""
        return self.row[: self.column]

    @property
    def is_end(self) -> bool:
        return not "".join(self.lines[self.line :])[self.column if self.line < len(self.lines) else 0 :].strip()

    def __str__(self) -> str:
        return f"line {self.line + 1}, column {self.column + 1}"


def syntax_finding(error: yaml.YAMLError, text: str, file: str) -> Finding:
    """Return what makes a text no YAML, with its place."""
    if not isinstance(error, yaml.MarkedYAMLError):
        # yaml.reader.ReaderError counts characters or bytes, as the loader does.
        said = f"not valid YAML: {' '.join(str(error).split())}"
        return unprintable(text, file) or Finding(file, 0, 0, "error", said)
    lines = tuple(text.splitlines())
    problem, context = error.problem or "", error.context or ""
    at, begin = _mark(error.problem_mark, lines), _mark(error.context_mark, lines)
    if at is None:
        return Finding(file, 0, 0, "error", f"not valid YAML: {problem} {context}".rstrip())
    place, said = _said(problem, context, at, begin or at)
    return Finding(file, place.line + 1, place.column + 1, "error", f"not valid YAML: {said}")


def _mark(mark: yaml.Mark | None, lines: tuple[str, ...]) -> _Mark | None:
    return None if mark is None else _Mark(mark.line, mark.column, lines)


def _said(problem: str, context: str, at: _Mark, begin: _Mark) -> tuple[_Mark, str]:
    """Return the place to look at, and what is wrong there.

    at, begin: where the parser gave up, and where what it was reading begins.
    """
    if any(row.startswith(("<<<<<<< ", ">>>>>>> ")) for row in at.lines[max(0, at.line - 1) : at.line + 1]):
        return at, "a conflict of a version control system (<<<<<<<, >>>>>>>) is not resolved; resolve it"
    if "\t" in at.before or at.character == "\t":
        tab = _Mark(at.line, at.row.index("\t"), at.lines)
        return tab, "a tab stands here; YAML indents by blanks alone, so put blanks in its place"
    if "flow" in context and begin != at:
        return _in_brackets(at, begin)
    if "quoted scalar" in context:
        return _quoted(problem, begin, at)
    if "mapping values are not allowed" in problem:
        return _second_colon(at)
    if "expected key" in problem or "expected '-'" in problem or "document start" in problem:
        return _out_of_line(problem, at, begin)
    if "expected ':'" in problem:
        return begin, f"this key has no colon; {_KEY}"
    return at, _of_character(problem, context, at)


def _in_brackets(at: _Mark, begin: _Mark) -> tuple[_Mark, str]:
    """Say what is missing in `[…]` or `{…}`: the closing bracket, where another line begins; else a comma."""
    closing = "]" if begin.character == "[" else "}"
    if at.line > begin.line:
        until = "the end of the file" if at.is_end else f"line {at.line + 1}"
        return begin, f"the {begin.character} here is not closed: a '{closing}', or a comma, is missing before {until}"
    if at.character == ":":
        return at, (
            f"a comma or a '{closing}' is missing before this, or a text that holds ': ' stands without quotes "
            f"(the {begin.character} is in column {begin.column + 1})"
        )
    return (
        at,
        f"a comma or a '{closing}' is missing before this (the {begin.character} is in column {begin.column + 1})",
    )


def _quoted(problem: str, begin: _Mark, at: _Mark) -> tuple[_Mark, str]:
    if "escape" in problem:
        return at, r"in double quotes a \ begins an escape; write \\ for a backslash, or take single quotes"
    return begin, f"the quote that opens here is not closed; put a {begin.character} behind the text"


def _above(at: _Mark) -> str:
    """Return the line above that holds something; empty where there is none."""
    rows = (row for row in reversed(at.lines[: at.line]) if row.strip() and not row.lstrip().startswith("#"))
    return next(rows, "")


def _second_colon(at: _Mark) -> tuple[_Mark, str]:
    """Say why a colon can't stand where it does: in a value, or below a value that goes on over the line's end."""
    if ": " in at.before:
        return at, "a text that holds ': ' must be in quotes; or two keys stand in one line"
    above = _above(at)
    if not above:
        return at, "a key may have 1024 characters at most, and stands in one line"
    if ": " in above:
        return at, "this line is indented below a key that has a value already; give it the indentation of that key"
    place = _Mark(at.lines.index(above), len(above) - len(above.lstrip()), at.lines)
    return place, f"this line is no key with a value; {_KEY}"


def _out_of_line(problem: str, at: _Mark, begin: _Mark) -> tuple[_Mark, str]:
    """Say what doesn't belong to what stands above it."""
    if at.character in ("]", "}"):
        return at, f"this {at.character} closes nothing; take it out"
    if at.before.strip() and at.line >= begin.line:
        inside = "; a ' inside of '…' is written twice" if "'" in at.before else ""
        return at, f"this stands behind a value that is complete; put the whole value in quotes{inside}"
    what = "a list item ('- …')" if "'-'" in problem else "a key"
    if "document" in problem and not _above(at).startswith(("{", "[", "...")):
        return _second_colon(at)
    if "document" in problem:
        return at, "what stands above is complete; a file holds one mapping of keys, begun without a bracket"
    if at.column == begin.column:
        return at, f"{what} is expected here, as in {begin}"
    return at, (
        f"the indentation of this line fits nothing above it; what it may belong to begins in {begin}: "
        "all keys of a mapping, or items of a list, have the same"
    )


def _of_character(problem: str, context: str, at: _Mark) -> str:
    """Say what is wrong with the character that the parser stopped at."""
    character = at.character
    if character in ("@", "`", "%"):
        return f"a value can't begin with {character}; put it in quotes"
    if "entries are not allowed" in problem:
        return (
            "a list doesn't begin behind its key; put each '- item' into a line of its own below, or write [item, item]"
        )
    if "keys are not allowed" in problem:
        return "a ? at the beginning means a key; put the value in quotes"
    if "anchor" in context or "alias" in context:
        return "& and * at the beginning mean an anchor; put the value in quotes"
    if "tag" in problem or "tag" in context:
        return "a ! at the beginning means a tag, of which !secret alone is known; put the value in quotes"
    if "block scalar" in context:
        return "behind | or > nothing else may stand; put the text in quotes, or into the lines below, indented"
    if "node content" in problem:
        if at.is_end:
            return "a value is missing before the end of the file; write it, and close the bracket"
        return f"a value is missing before '{character}'; write it, or take the comma or bracket out"
    return f"{problem} {context}".rstrip()
