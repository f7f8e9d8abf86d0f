"""The filter language of lists: `severity:critical region:africa -owner:* since:<2h text`. Pure.

Terms stand beside each other, and all have to hold. `key:value` compares, `key:a,b` takes either, `-` in front turns a
term round, `key:*` takes whatever has any; numbers and lengths of time take `<`, `<=`, `>`, `>=`. What has no key is
looked for in names. Quotes hold spaces together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final, Literal

from noc.i18n.marking import say
from noc.model.finding import nearest

LENGTH_AT_MOST: Final = 500
TERMS_AT_MOST: Final = 30
ANY: Final = "*"
AS_WRITTEN: Final = "="
"""What a select shows where the filter says more than it could."""

_KEY: Final = re.compile(r"([A-Za-z]+):")
_SIGNS: Final = re.compile(r"[<>]=?")
_LENGTH: Final = re.compile(r"([0-9]{1,6})([smhdw])\Z")
_SECONDS: Final[Mapping[str, int]] = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True, slots=True)
class Key:
    """A word before a colon. words: its values; of `name` those that are proposed, others are taken too.

    word: one of them. number: from 0 on. length: of time, `2h`. name: what people or settings call something; `*`
    stands for any letters.
    """

    kind: Literal["word", "number", "length", "name"]
    words: Sequence[str] = ()


Keys = Mapping[str, Key]


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. key: empty for a text. at, end: where it stands in what was written, counted from 0."""

    key: str
    values: tuple[str, ...]
    is_not: bool = False
    sign: str = ""
    at: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    def holds_number(self, number: float | None) -> bool:
        """Return whether a number is meant, without `is_not`. For `length` it is in seconds."""
        if number is None:
            return False
        return self.values == (ANY,) or any(_compared(self.sign, number, _number(value)) for value in self.values)

    def holds_name(self, *names: str | None) -> bool:
        """Return whether one of these names is meant, without `is_not`; capital letters or not."""
        known = [name.casefold() for name in names if name]
        return any(fnmatchcase(name, value.casefold().replace("[", "[[]")) for value in self.values for name in known)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is not understood. said: a text of the catalogues. at, end: where, counted from 0."""

    said: str
    values: Mapping[str, str]
    at: int
    end: int


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody wrote. Terms with a fault are left out of `terms`."""

    text: str
    terms: tuple[Term, ...]
    faults: tuple[Fault, ...]

    def of(self, key: str) -> list[Term]:
        """Return the terms of a key."""
        return [term for term in self.terms if term.key == key]

    def without(self, term: Term) -> str:
        """Return the text without one of its terms."""
        return " ".join(f"{self.text[: term.at]} {self.text[term.end :]}".split())


def read(text: str, keys: Keys) -> Query:
    """Return what a text asks for; what is not understood stands in `faults`."""
    text = text[:LENGTH_AT_MOST]
    terms: list[Term] = []
    faults: list[Fault] = []
    for start, end in _tokens(text):
        if len(terms) == TERMS_AT_MOST:
            faults.append(Fault(say("A filter has {n} words at most."), {"n": str(TERMS_AT_MOST)}, start, len(text)))
            break
        found = _term(text[start:end], start, end, keys)
        terms.append(found) if isinstance(found, Term) else faults.append(found)
    return Query(text, tuple(terms), tuple(faults))


def written(term: Term) -> str:
    """Return a term as people write it."""
    values = ",".join(_quoted(value) for value in term.values)
    return f"{'-' * term.is_not}{term.key}{':' * bool(term.key)}{term.sign}{values}"


def shortcut(query: Query, key: str) -> str:
    """Return what a select shows for a key: its one value, nothing, or AS_WRITTEN where the filter says more."""
    terms = query.of(key)
    if not terms:
        return ""
    only = terms[0]
    is_plain = len(terms) == 1 and len(only.values) == 1 and not (only.is_not or only.sign or only.values == (ANY,))
    return only.values[0] if is_plain else AS_WRITTEN


def merged(text: str, was: str, chosen: Mapping[str, str], keys: Keys) -> str:
    """Return the filter that a form asks for. was: the text that it was made with; chosen: what its selects say now.

    A select that says what it said then leaves the text alone: so both can be changed, each by itself.
    """
    before = read(was, keys)
    for key, value in chosen.items():
        if value in (AS_WRITTEN, shortcut(before, key)):
            continue
        query = read(text, keys)
        for term in reversed(query.of(key)):
            text = f"{text[: term.at]} {text[term.end :]}"
        if value:
            text = f"{text} {written(Term(key, (value,)))}"
    return " ".join(text.split())[:LENGTH_AT_MOST]


def completions(text: str, keys: Keys, at_most: int = 12) -> list[str]:
    """Return texts that go on where somebody stopped writing."""
    start = next((start for start, end in _tokens(text) if end == len(text)), len(text))
    head, token = text[:start], text[start:]
    sign, word = ("-", token[1:]) if token.startswith("-") else ("", token)
    found = _KEY.match(word)
    if found is None:
        return [f"{head}{sign}{key}:" for key in keys if key.startswith(word.lower())][:at_most]
    key = keys.get(found[1].lower())
    if key is None:
        return []
    given, comma, last = word[found.end() :].rpartition(",")
    begun = f"{head}{sign}{found[1].lower()}:{given}{comma}"
    last = last.lstrip('"').casefold()
    values = [value for value in key.words if value.casefold().startswith(last)]
    values += [value for value in key.words if last in value.casefold() and value not in values]
    if key.kind == "length" and not last:
        values = ["<1h", "<24h", ">1h", ">1d"]
    if key.kind == "number" and not last:
        values = values or [">0"]
    return [begun + (value if value[:1] in "<>" else _quoted(value)) for value in values[:at_most]]


def seconds(value: str) -> int:
    """Return a length of time, `2h`, in seconds."""
    found = _LENGTH.match(value)
    return int(found[1]) * _SECONDS[found[2]] if found else 0


def _tokens(text: str) -> Iterator[tuple[int, int]]:
    """Yield where words begin and end; a quote that is never closed goes on to the end."""
    start, is_quoted = -1, False
    for place, letter in enumerate(text):
        if letter == '"':
            is_quoted = not is_quoted
        if letter.isspace() and not is_quoted:
            if start >= 0:
                yield start, place
            start = -1
        elif start < 0:
            start = place
    if start >= 0:
        yield start, len(text)


def _term(token: str, start: int, end: int, keys: Keys) -> Term | Fault:
    if token.count('"') % 2:
        return Fault(say("The quote is not closed."), {}, start, end)
    is_not = token.startswith("-") and len(token) > 1
    word = token[is_not:]
    found = _KEY.match(word)
    if found is None:
        return Term("", (word.replace('"', ""),), is_not, "", start, end)
    name = found[1].lower()
    if name not in keys:
        near, values = nearest(name[:60], keys), {"key": name[:60]}
        if near is None:
            unknown = say("No “{key}:” is known; write one of {words}, or put quotes around it to look for it.")
            return Fault(unknown, {**values, "words": ", ".join(keys)}, start, end)
        return Fault(say("No “{key}:” is known. Did you mean “{near}:”?"), {**values, "near": near}, start, end)
    key, rest = keys[name], word[found.end() :]
    sign = _SIGNS.match(rest) if key.kind in ("number", "length") else None
    given = tuple(_values(rest[sign.end() if sign else 0 :]))
    term = Term(name, given, is_not, sign[0] if sign else "", start, end)
    return _wrong(term, key) or term


def _wrong(term: Term, key: Key) -> Fault | None:
    """Return what is wrong with the values of a term."""
    for value in term.values or ("",):
        values = {"key": term.key, "value": value[:60], "words": ", ".join(key.words)}
        if not value:
            return Fault(say("“{key}:” lacks a value."), {"key": term.key}, term.at, term.end)
        if value == ANY and not term.sign:
            continue
        if key.kind == "word" and value not in key.words:
            return Fault(say("“{value}” is no {key}; write one of {words}."), values, term.at, term.end)
        if key.kind == "number" and not (value.isascii() and value.isdigit() and len(value) < 10):
            return Fault(say("“{value}” is no number."), {"value": value[:60]}, term.at, term.end)
        if key.kind == "length" and _LENGTH.match(value) is None:
            return Fault(
                say("“{value}” is no length of time; write one such as 30m, 2h, 3d."),
                {"value": value[:60]},
                term.at,
                term.end,
            )
    return None


def _values(text: str) -> Iterable[str]:
    """Return the values of a term: apart by commas that stand in no quotes."""
    part, is_quoted = "", False
    for letter in text:
        if letter == '"':
            is_quoted = not is_quoted
        elif letter == "," and not is_quoted:
            yield part
            part = ""
        else:
            part += letter
    yield part


def _quoted(value: str) -> str:
    needs = (
        not value or any(letter.isspace() or letter in ',"' for letter in value) or value[0] == "-" or _KEY.match(value)
    )
    return '"{}"'.format(value.replace('"', "")) if needs else value


def _number(value: str) -> int:
    return int(value) if value.isdigit() else seconds(value)


def _compared(sign: str, number: float, limit: float) -> bool:
    if sign == "<":
        return number < limit
    if sign == "<=":
        return number <= limit
    if sign == ">":
        return number > limit
    return number >= limit if sign == ">=" else number == limit
