"""Text to tokens, each with its place. Pure."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

TokenKind = Literal["number", "text", "name", "sign", "end"]

LENGTH_AT_MOST: Final = 1_000
"""Characters of an expression."""

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
      | (?P<text>"[^"\n]*"|'[^'\n]*')
      | (?P<name>°C\b|[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign><=|>=|==|!=|[-+*/<>(),.%])
      | (?P<end>\Z)
    )""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """One token. at: its first character, from 0. Of a text without its quotes."""

    kind: TokenKind
    text: str
    at: int


class ExpressionError(ValueError):
    """An expression is wrong. at: the character where, from 0; the text says what to do."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


def tokens(text: str) -> list[Token]:
    """Return the tokens of an expression, the last one of kind `end`. Raises ExpressionError."""
    if len(text) > LENGTH_AT_MOST:
        raise ExpressionError(f"is longer than {LENGTH_AT_MOST} characters: make two rules of it", LENGTH_AT_MOST)
    found: list[Token] = []
    at = 0
    while True:
        match = _TOKEN.match(text, at)
        if match is None:
            place = at + len(text[at:]) - len(text[at:].lstrip())
            raise ExpressionError(f"{text[place]!r} means nothing here{_hint(text, place)}", place)
        kind: TokenKind = match.lastgroup  # type: ignore[assignment]  # one of the groups above
        word = match[kind]
        begin = match.start(kind)
        found.append(Token(kind, word[1:-1] if kind == "text" else word, begin))
        if kind == "end":
            return found
        at = match.end()


def _hint(text: str, place: int) -> str:
    if text[place] in "\"'":
        return ": the text is not closed"
    if text[place] == "=":
        return ": equal is written =="
    if text[place] in "&|!":
        return ": write and, or, not"
    return ""
