"""Plain data to checked, frozen values; pydantic's errors to Findings with file, line and column.

All errors of a document are told at once, in an operator's words, with the nearest known name.
"""

from __future__ import annotations

import json
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Protocol, TypeVar, Union
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from noc.model.errors import InputError
from noc.model.finding import Finding, did_you_mean, nearest
from noc.model.instants import length_ms
from noc.settings.words import message, shown
from noc.settings.yamltext import Data, Document, Place

Model = TypeVar("Model", bound=BaseModel)

_MAX_DIGITS = 24  # exact in Decimal, and more than any duration needs
_UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)\Z")


class Places(Protocol):
    """What knows where things stand: a Document, a table, or several documents merged."""

    def place(self, *path: str | int) -> Place:
        """Return where the value at a path stands; of its nearest ancestor if there is none."""
        ...

    def key_place(self, *path: str | int) -> Place:
        """Return where the key that a path ends with stands."""
        ...


class Settings(BaseModel):
    """The base of all settings: unknown keys are errors, values are frozen, types are not guessed."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,  # the input may hold a secret that somebody wrote out
        arbitrary_types_allowed=True,
    )


def parse_duration(text: object) -> timedelta:
    """Return the duration that `500ms`, `30s`, `5m`, `2h`, `1d` or `1.5h` mean. Raises ValueError."""
    if isinstance(text, timedelta):
        return text
    match = _DURATION.match(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"{text!r} is not a duration; write a number and a unit: 500ms, 30s, 5m, 2h, 1d")
    if len(match[1]) > _MAX_DIGITS:
        raise ValueError(f"'{match[1][:_MAX_DIGITS]}…{match[2]}' is longer than noc can count")
    milliseconds = Decimal(match[1]) * _UNITS_MS[match[2]]
    if milliseconds != int(milliseconds):
        raise ValueError(f"{text!r}: durations are whole milliseconds")
    try:
        return timedelta(milliseconds=int(milliseconds))
    except OverflowError as error:
        raise ValueError(f"{text!r} is longer than noc can count") from error


def format_duration(value: timedelta) -> str:
    """Return the shortest form that `parse_duration` reads back."""
    milliseconds = length_ms(value)
    for unit in ("d", "h", "m", "s"):
        if milliseconds and milliseconds % _UNITS_MS[unit] == 0:
            return f"{milliseconds // _UNITS_MS[unit]}{unit}"
    return f"{milliseconds}ms"


def _positive_duration(value: object) -> timedelta:
    try:
        duration = parse_duration(value)
    except ValueError as error:
        raise PydanticCustomError("duration", "{reason}", {"reason": str(error)}) from error
    if duration <= timedelta(0):
        raise PydanticCustomError("duration", "a duration must be longer than zero")
    return duration


def _time_zone(value: object) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    known = _time_zones()
    if not isinstance(value, str) or value not in known:
        hint = did_you_mean(str(value), known)
        raise PydanticCustomError("time_zone", "unknown time zone '{name}'{hint}", {"name": str(value), "hint": hint})
    return ZoneInfo(value)


def known_zone(name: str) -> bool:
    """Return whether there is a time zone of this name."""
    return name in _time_zones()


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())  # walks the disk: 12 ms a call


Duration = Annotated[timedelta, BeforeValidator(_positive_duration), PlainSerializer(format_duration, return_type=str)]
"""A positive duration, written `30s`."""

TimeZone = Annotated[ZoneInfo, BeforeValidator(_time_zone), PlainSerializer(str, return_type=str)]
"""A time zone by its IANA name, `Africa/Nairobi`."""


def validate(model: type[Model], document: Document, context: Mapping[str, object] | None = None) -> Model:
    """Return the document's data as a model. Raises InputError with every finding."""
    return validate_at(model, document, (), context)


def validate_at(
    model: type[Model], document: Document, path: tuple[str | int, ...], context: Mapping[str, object] | None = None
) -> Model:
    """Like `validate`, for what stands at a path of the document."""
    data = document.data
    for step in path:
        data = data[step]  # type: ignore[index]  # the caller has been there
    return validate_data(model, data, document, path, context)


def validate_data(
    model: type[Model],
    data: Data,
    document: Places,
    path: tuple[str | int, ...] = (),
    context: Mapping[str, object] | None = None,
    *,
    label: tuple[str | int, ...] = (),
) -> Model:
    """Like `validate`, for data that stands at `path` of the document.

    label: what messages say before the names of keys; `path`, where people know the value by it.
    """
    if not isinstance(data, dict):
        what = "is empty" if data is None else f"holds {shown(data)}"
        raise InputError([document.place(*path).finding(_named(label, f"expected a mapping of keys, but this {what}"))])
    try:
        # As JSON, so that strict validation takes a list for a tuple and a text for an address.
        return model.model_validate_json(json.dumps(data), context=dict(context or {}))
    except ValidationError as error:
        all_wrong = [
            _Wrong(model, document, path, label, _location(detail["loc"], data), detail, data)
            for detail in error.errors(include_url=False)
            if not _follows(detail)
        ]
        meant = {wrong.meant for wrong in all_wrong}
        findings = {wrong.finding() for wrong in all_wrong if not (wrong.is_missing and wrong.location in meant)}
        raise InputError(sorted(findings)) from error


@dataclass(frozen=True, slots=True)
class _Wrong:
    """One error of pydantic's. location: of keys and indexes, from `path` on. data: all that is validated."""

    model: type[BaseModel]
    document: Places
    path: tuple[str | int, ...]
    label: tuple[str | int, ...]
    location: tuple[str | int, ...]
    detail: ErrorDetails
    data: Data

    @property
    def is_missing(self) -> bool:
        """Return whether a key is missing."""
        return self.detail["type"] == "missing"

    @property
    def meant(self) -> tuple[str | int, ...] | None:
        """Return where the key stands that an unknown one was probably meant to be; None where it isn't known."""
        if self.detail["type"] != "extra_forbidden":
            return None
        key, free = str(self.location[-1]), self._free_keys()
        glued = key.partition(":")[0]
        name = glued if glued in free else nearest(key, free)
        return None if name is None else (*self.location[:-1], name)

    def finding(self) -> Finding:
        """Return it with its place and words."""
        full = (*self.path, *self.location)
        named = (*self.label, *self.location)
        if self.detail["type"] == "extra_forbidden":
            return self.document.key_place(*full).finding(_named(self.label and named[:-1], self._unknown_key()))
        if self.detail["loc"][-1:] == ("[key]",):
            return self.document.key_place(*full).finding(_named(named[:-1], message(self.detail)))
        if self.is_missing:
            return self.document.place(*full[:-1]).finding(self._missing(named))
        return self.document.place(*full).finding(_named(named, message(self.detail)))

    def _missing(self, named: tuple[str | int, ...]) -> str:
        last = named[-1]
        if isinstance(last, int):
            return _named(named[:-1], f"value {last + 1} of the list is missing")
        return _named(self.label and named[:-1], f"missing key '{last}'")

    def _unknown_key(self) -> str:
        key, known, meant = str(self.location[-1]), _known_keys(self.model, self.location[:-1]), self.meant
        if meant is not None and key.startswith(f"{meant[-1]}:"):
            return f"unknown key '{key}': a blank is missing behind the colon"
        if meant is not None:
            return f"unknown key '{key}' (did you mean '{meant[-1]}'?)"
        if (there := nearest(key, known)) is not None:
            return f"unknown key '{key}' (did you mean '{there}'? it is written here already)"
        return f"unknown key '{key}'" + (f"; known here: {', '.join(sorted(known))}" if known else "")

    def _free_keys(self) -> set[str]:
        """Return the keys that are known where this one stands, and not written there."""
        here = self.data
        for step in self.location[:-1]:
            here = here[step]  # type: ignore[index]  # `_location` has been there
        return _known_keys(self.model, self.location[:-1]) - set(here if isinstance(here, dict) else ())


def _follows(detail: ErrorDetails) -> bool:
    """Tell whether a list is called too short only because items of it are wrong, of which pydantic tells too."""
    items = detail["input"]
    return detail["type"] == "too_short" and isinstance(items, list) and len(items) >= detail["ctx"]["min_length"]


def _named(name: tuple[str | int, ...], text: str) -> str:
    return f"{'.'.join(map(str, name))}: {text}" if name else text


def _location(location: tuple[str | int, ...], data: Data) -> tuple[str | int, ...]:
    """Return the keys and indexes of pydantic's path, without the branches of unions, which it puts between."""
    kept: list[str | int] = []
    here: Data = data
    for step in location:
        if isinstance(here, dict) and step in here:
            here = here[str(step)]
        elif isinstance(here, list) and isinstance(step, int):
            here = here[step] if step < len(here) else None  # a missing item
        elif isinstance(here, dict) and not _looks_like_branch(step):
            here = None  # a missing key
        else:
            continue
        kept.append(step)
    return tuple(kept)


def _looks_like_branch(step: int | str) -> bool:
    # `ClassName`, a tag, or `function-before[…]`; keys that we define look otherwise, keys of people are in the data.
    return isinstance(step, str) and ("[" in step or step[:1].isupper())


def _known_keys(model: type[BaseModel], location: tuple[int | str, ...]) -> set[str]:
    """Return the keys that a model knows at a location inside it; of all branches where there are several."""
    kinds: list[Any] = [model]
    for step in location:
        kinds = [inner for kind in kinds for inner in _step_into(kind, step)]
    return {
        field.alias or name
        for kind in kinds
        if isinstance(kind, type) and issubclass(kind, BaseModel)
        for name, field in kind.model_fields.items()
    }


def _step_into(kind: Any, step: int | str) -> list[Any]:  # noqa: ANN401 a type annotation is any object
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if step in (name, field.alias):
                return _alternatives(field.annotation)
        return []
    arguments = typing.get_args(kind)
    return _alternatives(arguments[-1 if not isinstance(step, int) else 0]) if arguments else []


def _alternatives(kind: Any) -> list[Any]:  # noqa: ANN401 a type annotation is any object
    origin = typing.get_origin(kind)
    if origin is Annotated:
        return _alternatives(typing.get_args(kind)[0])
    if origin in (Union, types.UnionType):
        return [inner for argument in typing.get_args(kind) for inner in _alternatives(argument)]
    return [kind]
