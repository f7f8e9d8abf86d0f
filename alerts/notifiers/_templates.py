"""Templates of one's own: Jinja2 in its sandbox, tried when the settings are read. Not a notifier itself.

A template sees data only: texts and numbers of the message, and the secrets that its notifier was given. What it makes
is put into its place by noc (JSON is written, forms and URLs are quoted), so that no word of a device gets out of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urlencode

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from alerts.notifiers._facts import Plain, letter_data, message_data
from alerts.notifiers._ports import Letter, Message
from noc.model.incident import Incident

MADE_AT_MOST: Final = 256 * 1024
"""Characters that a template may make."""

_RAISED: Final = (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)
"""What a template can raise: it is a program of somebody else's."""

_SAMPLE: Final = Message(
    "7-0",
    "7-0",
    "+254207621234",
    "A. Reader",
    "major: a is down",
    "a is down\n",
    "<p>a is down</p>",
    "page",
    Incident(7, "device/a", "device-down", "major", "standard", 0, 0, {"status": "down"}, key="0" * 16),
    "major: a is down",
)


class TemplateWrongError(ValueError):
    """A template that can't be used. The text says which and why, and nothing of what it was given."""


def _quoted(value: object) -> str:
    return quote("" if value is None else str(value), safe="")


def _shown(value: object) -> object:
    return "" if value is None else value


class _Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox, in which nothing can be made that fills the memory at one stroke."""

    intercepted_binops = frozenset({"*", "**"})

    def __init__(self, finalize: Callable[[object], object]) -> None:
        # No page is made here: JSON, forms and texts are, and what is put into a URL is quoted.
        super().__init__(undefined=StrictUndefined, finalize=finalize, autoescape=False)
        for name in ("range", "lipsum"):  # loops go over what there is: nothing runs for hours
            del self.globals[name]

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """Multiply numbers, and nothing else. Raises SecurityError."""
        if operator == "*" and isinstance(left, int | float) and isinstance(right, int | float):
            return left * right
        raise SecurityError(f"'{operator}' is for numbers only")


_PLAIN: Final = _Sandbox(_shown)
_IN_URL: Final = _Sandbox(_quoted)


@lru_cache(maxsize=512)
def _compiled(text: str, *, in_url: bool) -> Template:
    return (_IN_URL if in_url else _PLAIN).from_string(text)


def render(text: str, data: Mapping[str, Plain], *, in_url: bool = False) -> str:
    """Return what a template makes. in_url: what it puts in is quoted. Raises TemplateWrongError."""
    made: list[str] = []
    length = 0
    try:
        for piece in _compiled(text, in_url=in_url).generate(data):
            length = _length(length + len(piece))
            made.append(piece)
    except _RAISED as error:
        # What other errors say may hold a value, and that a secret.
        reason = error.message if isinstance(error, TemplateError) else None
        raise TemplateWrongError(f"{reason or type(error).__name__}{_line(error)}") from None
    return "".join(made)


def _length(length: int) -> int:
    if length > MADE_AT_MOST:
        raise SecurityError(f"it makes more than {MADE_AT_MOST} characters")
    return length


def rendered(value: Plain, data: Mapping[str, Plain]) -> Plain:
    """Return data with all texts in it, but the names of keys, made by templates. Raises TemplateWrongError."""
    if isinstance(value, str):
        return render(value, data)
    if isinstance(value, dict):
        return {key: rendered(one, data) for key, one in value.items()}
    if isinstance(value, list):
        return [rendered(one, data) for one in value]
    return value


def form(values: Mapping[str, str], data: Mapping[str, Plain]) -> bytes:
    """Return a form as browsers send it. Raises TemplateWrongError."""
    return urlencode({key: render(value, data) for key, value in values.items()}).encode()


def json_body(value: Plain) -> bytes:
    """Return JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def known(message: Message, secrets: Mapping[str, str]) -> dict[str, Plain]:
    """Return what templates may use. html is left out: where it fits, the text does."""
    return {**message_data(message), "secrets": dict(secrets)}


def known_of_letter(letter: Letter, secrets: Mapping[str, str]) -> dict[str, Plain]:
    """Return what templates may use of a letter: the same names, but that there is no incident."""
    return {**letter_data(letter), "secrets": dict(secrets)}


def tried(secrets: Mapping[str, object], make: Callable[[Mapping[str, Plain]], object]) -> None:
    """Make something of a made-up message, to find what is wrong before the first real one. Raises ValueError."""
    make(known(_SAMPLE, dict.fromkeys(secrets, "x")))


def _line(error: Exception) -> str:
    number = getattr(error, "lineno", None)
    return f" (line {number} of the template)" if number else ""
