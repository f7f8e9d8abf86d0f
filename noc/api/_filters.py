"""Filters of lists, named as NetBox names them: `site=a&site=b`, `name__ic=nbo`, `id__in=a,b`, `since__gte=now-1h`.

Each list declares its fields; a field has the lookups of its kind. The same name several times is "or" (of `__n` and
`__nic`: none of them), different names are "and". What is not declared is refused by the endpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final, Literal, TypeVar

from aiohttp import web

from noc.api import _named as named
from noc.api import _query as query
from noc.api._endpoint import Parameter, time_parameter
from noc.clock import Clock
from noc.http.problems import bad_request
from noc.model.present import Present

Kind = Literal["key", "entity", "name", "word", "text", "number", "time"]
"""key: the id of an item itself. entity: what it is about; the endpoint says whether there is such a one. name: of
something else that there is. word: one of a fixed set. text: anything."""

Value = str | float | Sequence[str] | None
"""What an item has there; several: one that fits is enough."""

Item = TypeVar("Item")
Test = Callable[[Value], bool]
Known = Callable[[], Iterable[str]]

GIVEN_AT_MOST: Final = 100
"""Values of one parameter."""

_LOOKUPS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "key": ("", "n", "in", "ic", "isw"),
    "entity": ("", "n", "ic", "isw"),
    "name": ("", "n"),
    "word": ("", "n"),
    "text": ("", "n", "ic", "nic", "ie", "isw", "iew", "empty"),
    "number": ("", "n", "lt", "lte", "gt", "gte"),
    "time": ("lt", "gte"),
}
_SAID: Final[Mapping[str, str]] = {
    "": "is this",
    "n": "is not this",
    "in": "is one of these, with commas between",
    "ic": "has this in it; capitals are as small letters",
    "nic": "does not have this in it",
    "ie": "is this; capitals are as small letters",
    "isw": "begins with this; capitals are as small letters",
    "iew": "ends with this; capitals are as small letters",
    "empty": "is empty, or is not",
    "lt": "is less than this",
    "lte": "is this or less",
    "gt": "is more than this",
    "gte": "is this or more",
}
_SAID_OF_TIMES: Final[Mapping[str, str]] = {"lt": "is earlier than this", "gte": "is this or later"}
_NUMBERS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "": lambda has, given: has == given,
    "n": lambda has, given: has != given,
    "lt": lambda has, given: has < given,
    "lte": lambda has, given: has <= given,
    "gt": lambda has, given: has > given,
    "gte": lambda has, given: has >= given,
}
_TEXTS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "ic": lambda has, given: given in has,
    "ie": lambda has, given: given == has,
    "isw": lambda has, given: has.startswith(given),
    "iew": lambda has, given: has.endswith(given),
}
_NOT: Final[Mapping[str, str]] = {"n": "", "nic": "ic"}
_TRUTHS: Final = ("true", "false")


@dataclass(frozen=True, slots=True)
class Field:
    """What a list is filtered by. what: of which item, `its name`. words: those of a word. noun: what a name names.

    of: the attribute of an item's shape that has it, where that is called otherwise than its name.
    """

    name: str
    what: str
    kind: Kind
    words: tuple[str, ...] = ()
    noun: str = ""
    of: str = ""

    def parameters(self) -> Iterable[Parameter]:
        """Yield the parameters of its lookups."""
        for lookup in _LOOKUPS[self.kind]:
            said = (_SAID_OF_TIMES if self.kind == "time" else _SAID)[lookup]
            name, told = _joined(self.name, lookup), f"Only those of which {self.what} {said}."
            if self.kind == "time":
                yield time_parameter(name, told.removesuffix("."))
            elif lookup == "empty":
                yield Parameter(name, told, {"type": "boolean"})
            elif self.kind == "number":
                yield Parameter(name, told, {"type": "number"})
            elif lookup == "in":
                yield Parameter(name, told)
            else:
                enum: Mapping[str, object] = {"enum": list(self.words)} if self.words else {"minLength": 1}
                yield Parameter(name, told, {"type": "string", **enum}, repeated=True)


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of one list."""

    fields: tuple[Field, ...]
    parameters: tuple[Parameter, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Make the parameters once."""
        object.__setattr__(self, "parameters", tuple(one for each in self.fields for one in each.parameters()))

    def are_asked(self, request: web.Request) -> bool:
        """Return whether a request asks for any of them."""
        return any(one.takes(name) for name in request.query for one in self.parameters)

    def asked(
        self,
        request: web.Request,
        clock: Clock,
        values: Mapping[str, Callable[[Item], Value]],
        known: Mapping[str, Known],
    ) -> Callable[[Item], bool]:
        """Return what tells whether an item is wanted.

        values: what an item has, by the name of each field; asked for in their order, and only where a request asks.
        Where a field has none, it is an attribute of the item. known: the values that the caller may see, of fields
        that name something. Raises ProblemError (400).
        """
        tests = [
            (values[one.name] if one.name in values else attrgetter(one.of or one.name), test)
            for one in self.fields
            for lookup in _LOOKUPS[one.kind]
            if (test := _test(request, clock, one, lookup, known)) is not None
        ]
        return lambda item: all(test(value(item)) for value, test in tests)


def of_status(present: Present, entity_of: Callable[[Item], str]) -> dict[str, Callable[[Item], Value]]:
    """Return how the fields `status` and `since` are read of what has a status now."""
    return {
        "status": lambda item: present.status(entity_of(item)).status,
        "since": lambda item: present.status(entity_of(item)).since_ms,
    }


def _joined(name: str, lookup: str) -> str:
    return f"{name}__{lookup}" if lookup else name


def _test(request: web.Request, clock: Clock, one: Field, lookup: str, known: Mapping[str, Known]) -> Test | None:
    name = _joined(one.name, lookup)
    if name not in request.query:
        return None
    if one.kind == "time":
        return _of_number(lookup, query.time(request, name, clock) or 0)
    if one.kind == "number":
        return _of_number(lookup, query.number(request, name))
    if lookup == "empty":
        wants_empty = query.word(request, name, _TRUTHS) == "true"
        return lambda value: (not _several(value)) == wants_empty
    given = _given(request, one, lookup, known)
    if lookup in _NOT:
        fits = _of_text(_NOT[lookup], given)
        return lambda value: not fits(value)
    return _of_text(lookup, given)


def _given(request: web.Request, one: Field, lookup: str, known: Mapping[str, Known]) -> Sequence[str]:
    """Return the values of a parameter, each checked."""
    name = _joined(one.name, lookup)
    if one.kind == "word":
        return list(query.words(request, name, one.words))
    if lookup == "in":
        found = (query.text(request, name) or "").split(",")
        if len(found) > GIVEN_AT_MOST:
            raise bad_request(f"/query/{name}", f"names more than {GIVEN_AT_MOST}")
    else:
        # A name that is empty is told so with what names there are.
        may_be_empty = one.kind != "text" and lookup not in _TEXTS
        found = query.many(request, name, GIVEN_AT_MOST, least=0 if may_be_empty else 1)
    if one.name in known and lookup in ("", "n", "in"):
        names = set(known[one.name]())
        for text in found:
            if text not in names:
                raise named.names_nothing(name, one.noun or one.name, text, names)
    return found


def _of_number(lookup: str, given: float) -> Test:
    compare = _NUMBERS[lookup]
    return lambda value: isinstance(value, int | float) and compare(value, given)


def _of_text(lookup: str, given: Sequence[str]) -> Test:
    if lookup in ("", "in"):
        exact = frozenset(given)
        return lambda value: any(text in exact for text in _several(value))
    compare, folded = _TEXTS[lookup], [text.casefold() for text in given]
    return lambda value: any(compare(text.casefold(), one) for text in _several(value) for one in folded)


def _several(value: Value) -> Sequence[str]:
    if value is None or value == "":
        return ()
    return (value,) if isinstance(value, str) else () if isinstance(value, int | float) else value
