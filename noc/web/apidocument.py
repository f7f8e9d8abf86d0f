"""The OpenAPI document as people read it: by nouns, each address with what it takes, gives and how it fails. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

Json = Mapping[str, object]

DEEPEST: Final = 3
"""How far fields within fields are shown."""

_TYPES: Final = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
_MANY: Final = 12


@dataclass(frozen=True, slots=True)
class Given:
    """A parameter. choices: what it may be, where that is a fixed set."""

    name: str
    place: str
    said: str
    type: str
    required: bool
    choices: tuple[str, ...]

    @property
    def compares(self) -> bool:
        """Return whether it is a field with a way to compare behind it, `name__ic`."""
        return self.place == "query" and "__" in self.name


@dataclass(frozen=True, slots=True)
class FieldTold:
    """A field of a body or an answer. depth: 0 is the outermost."""

    depth: int
    name: str
    type: str
    said: str
    required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of an address. fails: what each status of an error means. media: of what types the answer may be."""

    method: str
    path: str
    summary: str
    said: str
    given: tuple[Given, ...]
    body: tuple[FieldTold, ...]
    answer: tuple[FieldTold, ...]
    media: tuple[str, ...]
    fails: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        """Return the id of its part of a page."""
        return f"{self.method.lower()}{self.path}".replace("/", "-").replace("{", "").replace("}", "")

    @property
    def may_be_tried(self) -> bool:
        """Return whether it only asks, and answers at once."""
        return self.method == "GET" and "text/event-stream" not in self.media


@dataclass(frozen=True, slots=True)
class Noun:
    """What addresses have in common."""

    name: str
    said: str
    operations: tuple[Operation, ...]


def nouns(document: Json) -> tuple[Noun, ...]:
    """Return all nouns of a document, by name."""
    by_noun: dict[str, list[Operation]] = {}
    for path, methods in _items(_at(document, "paths")):
        for method, raw in _items(methods):
            (tag,) = _words(raw, "tags")
            by_noun.setdefault(tag, []).append(_operation(document, method.upper(), path, raw))
    told = {str(one["name"]): str(one.get("description", "")) for one in _list(document, "tags")}
    return tuple(Noun(name, told.get(name, ""), tuple(by_noun[name])) for name in sorted(by_noun))


def address(operation: Operation, given: Mapping[str, Sequence[str]]) -> str | None:
    """Return the address with values filled in; None where one of its path is missing. given: values by name."""
    path, query = operation.path, []
    for one in operation.given:
        values = [value for value in given.get(one.name, ()) if value]
        if one.place == "path":
            if not values:
                return None
            path = path.replace(f"{{{one.name}}}", quote(values[0], safe=""))
        elif one.place == "query":
            query += [f"{quote(one.name, safe='')}={quote(value, safe='')}" for value in values]
    return f"{path}?{'&'.join(query)}" if query else path


def _operation(document: Json, method: str, path: str, raw: Json) -> Operation:
    answers = [(status, _resolved(document, one)) for status, one in _items(_at(raw, "responses"))]
    good = next(one for status, one in answers if status.startswith("2"))
    content, body = _at(good, "content"), _at(raw, "requestBody")
    return Operation(
        method,
        path,
        str(raw["summary"]),
        _said(raw),
        tuple(_given(one) for one in _list(raw, "parameters")),
        tuple(_of_content(document, _at(body, "content"))),
        tuple(_of_content(document, content)),
        tuple(content),
        tuple((status, _said(one)) for status, one in answers if not status.startswith("2")),
    )


def _given(raw: Json) -> Given:
    schema = _at(raw, "schema")
    inner = _at(schema, "items") if "items" in schema else schema
    choices = tuple(_words(inner, "enum"))
    said = "" if choices else _plain_type(inner)
    words = f"{said}, several times" if "items" in schema and said else said
    return Given(str(raw["name"]), str(raw["in"]), _said(raw), words, bool(raw.get("required")), choices)


def _of_content(document: Json, content: Json) -> Iterator[FieldTold]:
    return _fields(document, _at(_at(content, "application/json"), "schema"), 0, ())


def _fields(document: Json, schema: Json, depth: int, above: tuple[str, ...]) -> Iterator[FieldTold]:
    name, found = _named(document, schema)
    if name in above or depth > DEEPEST:
        return
    needed = _words(found, "required")
    for key, field in _items(_at(found, "properties")):
        told = _said(field) or _said(_named(document, field)[1])
        yield FieldTold(depth, key, type_words(document, field), told, key in needed)
        for inner in _inner(field):
            yield from _fields(document, inner, depth + 1, (*above, name))


def _inner(schema: Json) -> Iterator[Json]:
    """Yield the schemas whose fields stand below a field."""
    if "$ref" in schema:
        yield schema
    for one in _list(schema, "anyOf"):
        yield from _inner(one)
    for key in ("items", "additionalProperties"):
        if key in schema:
            yield from _inner(_at(schema, key))


def type_words(document: Json, schema: Json) -> str:
    """Return what a value is, in words."""
    if "anyOf" in schema:
        kinds = [type_words(document, one) for one in _list(schema, "anyOf")]
        return " or ".join(dict.fromkeys(kinds))
    name, found = _named(document, schema)
    if found.get("type") == "array":
        return f"list of {type_words(document, _at(found, 'items'))}"
    if "enum" in found or "const" in found:
        words = _words(found, "enum") or [str(found.get("const"))]
        return "one of " + ", ".join(words[:_MANY]) + (", …" if len(words) > _MANY else "")
    if "properties" in found or found.get("type") == "object":
        return "object" if not name else name.rpartition(".")[2]
    return _plain_type(found)


def _plain_type(schema: Json) -> str:
    kind = str(schema.get("type", "anything"))
    if schema.get("format") == "date-time":
        return "time"
    words = _TYPES.get(kind, kind)
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return f"{words} from {least} to {most}"
    return words if least is None else f"{words} from {least} on"


def _named(document: Json, schema: Json) -> tuple[str, Json]:
    reference = str(schema.get("$ref", ""))
    return (reference.rpartition("/")[2], _resolved(document, schema)) if reference else ("", schema)


def _resolved(document: Json, schema: Json) -> Json:
    found = schema
    while "$ref" in found:
        node = document
        for part in str(found["$ref"]).removeprefix("#/").split("/"):
            node = _at(node, part)
        found = node
    return found


def _said(node: Json) -> str:
    """Return what is said of something, without marks."""
    return str(node.get("description", "")).replace("`", "")


def _at(node: Json, key: str) -> Json:
    """Return the object below a key; an empty one where there is none."""
    found = node.get(key)
    return found if isinstance(found, Mapping) else {}


def _list(node: Json, key: str) -> list[Json]:
    found = node.get(key)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _words(node: Json, key: str) -> list[str]:
    found = node.get(key)
    return [str(one) for one in found] if isinstance(found, list) else []


def _items(node: Json) -> list[tuple[str, Json]]:
    return [(key, one) for key, one in node.items() if isinstance(one, Mapping)]
