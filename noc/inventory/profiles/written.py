"""Compiled profiles as plain JSON, and back: each by itself, so that only those are read that are needed. Pure.

A value that JSON has no form for is a list that begins with a tag: `t` tuple, `f` frozenset, `r` regular expression,
`o` the number of an object, `s` that of a part, or the name of its class. Objects and parts (tables, sensors, records),
which profiles have in common, stand once beside them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from noc.inventory.profiles import compiled
from noc.inventory.profiles.compiled import Match, Object, Profile

_CLASSES: Final = {
    kind.__name__: kind
    for kind in (
        compiled.Arithmetic,
        compiled.Condition,
        compiled.EntitySensorSpec,
        compiled.Find,
        compiled.First,
        compiled.IndexPart,
        compiled.IndexValue,
        compiled.Lookup,
        compiled.Match,
        compiled.Modified,
        compiled.Profile,
        compiled.RecordSpec,
        compiled.SensorSpec,
        compiled.State,
        compiled.Table,
        compiled.Text,
        compiled.Total,
        compiled.Value,
    )
}
_SHARED: Final = (compiled.EntitySensorSpec, compiled.RecordSpec, compiled.SensorSpec, compiled.Table)
_FIELDS: Final[Mapping[type, tuple[str, ...]]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in _CLASSES.values()
}


class Profiles(Mapping[str, Profile]):
    """Profiles by name, each read when it is first asked for. document: what `document_of` gave."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._objects = [Object(*one) for one in document["objects"]]
        self._texts: Sequence[str] = document["parts"]
        self._parts: dict[int, Any] = {}
        self._matches: Mapping[str, Any] = document["matches"]
        self._bodies: Mapping[str, str] = document["bodies"]
        self._read: dict[str, Profile] = {}
        self._matched: dict[str, tuple[Match, ...]] = {}

    def __getitem__(self, name: str) -> Profile:
        """Return a profile. Raises KeyError."""
        known = self._read.get(name)
        if known is None:
            known = self._read[name] = self._value(json.loads(self._bodies[name]))
        return known

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(self._bodies)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._bodies)

    def __contains__(self, name: object) -> bool:
        """Return whether there is a profile of this name, without reading it."""
        return name in self._bodies

    def matches_of(self, name: str) -> tuple[Match, ...]:
        """Return by what a profile is recognised, without reading the rest of it."""
        known = self._matched.get(name)
        if known is None:
            known = self._matched[name] = self._value(self._matches[name])
        return known

    def _value(self, data: Any) -> Any:  # noqa: ANN401 whatever a profile is made of
        if isinstance(data, dict):
            return {key: self._value(value) for key, value in data.items()}
        if not isinstance(data, list):
            return data
        tag = data[0]
        if tag == "o":
            return self._objects[data[1]]
        if tag == "s":
            return self._part(data[1])
        if tag == "r":
            return re.compile(data[1], data[2])
        if tag in ("t", "f"):
            values = map(self._value, data[1:])
            return tuple(values) if tag == "t" else frozenset(values)
        return _CLASSES[tag](*map(self._value, data[1:]))

    def _part(self, number: int) -> Any:  # noqa: ANN401 one of _SHARED
        known = self._parts.get(number)
        if known is None:
            kind, *values = json.loads(self._texts[number])
            known = self._parts[number] = _CLASSES[kind](*map(self._value, values))
        return known


def matches_of(profiles: Mapping[str, Profile], name: str) -> Sequence[Match]:
    """Return by what a profile is recognised."""
    return profiles.matches_of(name) if isinstance(profiles, Profiles) else profiles[name].matches


def document_of(profiles: Mapping[str, Profile]) -> dict[str, Any]:
    """Return profiles as JSON has it. Raises TypeError for what has no form here."""
    writer = _Writer()
    return {
        "matches": {name: writer.plain(profile.matches) for name, profile in profiles.items()},
        "bodies": {name: _text(writer.plain(profile)) for name, profile in profiles.items()},
        "objects": [[getattr(one, field.name) for field in fields(Object)] for one in writer.objects],
        "parts": list(writer.parts),
    }


class _Writer:
    """Puts values into JSON's forms. objects, parts: those that were met, with their numbers."""

    def __init__(self) -> None:
        self.objects: dict[Object, int] = {}
        self.parts: dict[str, int] = {}
        self._met: dict[int, list[Any]] = {}  # form of a part by its identity: families share what they inherit

    def plain(self, value: object) -> Any:  # noqa: ANN401 JSON
        """Return the form of a value. Raises TypeError."""
        if value is None or isinstance(value, str | int | float):
            return value
        if isinstance(value, _SHARED):
            return self._part(value)
        if isinstance(value, Object):
            return ["o", self.objects.setdefault(value, len(self.objects))]
        if isinstance(value, tuple):
            return ["t", *map(self.plain, value)]
        if isinstance(value, frozenset):
            return ["f", *sorted(map(self.plain, value))]
        if isinstance(value, re.Pattern):
            return ["r", value.pattern, value.flags & ~re.UNICODE]  # Python gives it to every text by itself
        if isinstance(value, Mapping):
            return {key: self.plain(one) for key, one in value.items()}
        names = _FIELDS.get(type(value))
        if names is None:
            raise TypeError(f"{type(value).__name__} has no form in the cache of profiles")
        return [type(value).__name__, *(self.plain(getattr(value, name)) for name in names)]

    def _part(self, value: object) -> list[Any]:
        known = self._met.get(id(value))
        if known is None:
            kind = type(value)
            form = [kind.__name__, *(self.plain(getattr(value, name)) for name in _FIELDS[kind])]
            known = self._met[id(value)] = ["s", self.parts.setdefault(_text(form), len(self.parts))]
        return known


def _text(form: object) -> str:
    return json.dumps(form, separators=(",", ":"))
