"""YAML text to plain data, with the place of every key and value.

PyYAML parses (YAML 1.1 events); what a plain scalar means is decided here by the YAML 1.2 core schema
(https://yaml.org/spec/1.2.2/#103-core-schema), so that `country: NO`, `010` and `12:30` stay what people wrote.
Duplicate keys, merge keys, unknown tags and documents that expand without bound are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

from noc.model.errors import InputError
from noc.model.finding import Finding
from noc.settings.textfile import NOT_PRINTABLE, read_text
from noc.settings.yamlwords import syntax_finding

Scalar = str | int | float | bool | None
Data = Scalar | list["Data"] | dict[str, "Data"]

SECRET_KEY: Final = "!secret"  # noqa: S105 the tag, not a secret
"""A secret reference is data as `{"!secret": "file:/etc/noc/…"}`, so that data stays plain."""

MAX_DEPTH: Final = 64
MAX_NODES: Final = 2_000_000

_NULL = re.compile(r"(?:null|Null|NULL|~|)\Z")
_BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z")
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_MAX_DIGITS = 400  # beyond, Python refuses to write a number as text; no setting needs as much
_VARIABLE = re.compile(r"\$(?:(\$)(?=\{)|\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: line and column count from 1."""

    file: str
    line: int
    column: int

    def finding(self, message: str) -> Finding:
        """Return an error at this place."""
        return Finding(self.file, self.line, self.column, "error", message)


@dataclass(slots=True)
class _Node:
    line: int
    column: int
    scalar: Scalar = None
    keys: dict[str, tuple[int, int]] | None = None
    mapping: dict[str, _Node] | None = None
    sequence: list[_Node] | None = None

    def plain(self) -> Data:
        if self.mapping is not None:
            return {key: child.plain() for key, child in self.mapping.items()}
        if self.sequence is not None:
            return [child.plain() for child in self.sequence]
        return self.scalar

    def child(self, step: str | int) -> _Node | None:
        if self.mapping is not None:
            return self.mapping.get(str(step))
        if self.sequence is not None and isinstance(step, int) and 0 <= step < len(self.sequence):
            return self.sequence[step]
        return None


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: plain data, and the place of everything in it."""

    file: str
    _root: _Node = field(repr=False)

    @property
    def data(self) -> Data:
        """Return dicts, lists and scalars; a new copy each time."""
        return self._root.plain()

    def place(self, *path: str | int) -> Place:
        """Return where the value at a path of keys and indexes stands; of its nearest ancestor if there is none."""
        node = self._walk(path)[0]
        return Place(self.file, node.line, node.column)

    def key_place(self, *path: str | int) -> Place:
        """Return where the key that a path ends with stands; like `place` where the path ends in a list."""
        node, rest = self._walk(path[:-1])
        if path and not rest and node.keys is not None and path[-1] in node.keys:
            return Place(self.file, *node.keys[str(path[-1])])
        return self.place(*path)

    def _walk(self, path: tuple[str | int, ...]) -> tuple[_Node, tuple[str | int, ...]]:
        node = self._root
        for depth, step in enumerate(path):
            child = node.child(step)
            if child is None:
                return node, path[depth:]
            node = child
        return node, ()


UNSET: Final = "environment variable "
"""How a finding of a value begins that can't be had, so that what else is wrong with it tells nothing."""


def read(path: Path, environment: Mapping[str, str] | None = None, findings: list[Finding] | None = None) -> Document:
    """Read a file; see `parse`. A file that can't be read is an InputError too."""
    return parse(read_text(path), str(path), environment, findings)


def parse(
    text: str, file: str, environment: Mapping[str, str] | None = None, findings: list[Finding] | None = None
) -> Document:
    """Turn YAML text into a Document.

    environment: where given, `${NAME}` and `${NAME:-default}` in scalars are replaced from it; `$${` stays `${`.
    Raises InputError with every duplicate key, unknown tag and unset variable; syntax errors come alone.
    findings: where given, these are added to it instead, so that one hides nothing else: of duplicate keys the first
    counts, and a value with an unset variable is null.
    """
    composer = _Composer(file, environment)
    try:
        root = composer.compose(text)
    except yaml.YAMLError as error:
        raise InputError([syntax_finding(error, text, file)]) from error
    if composer.findings and findings is None:
        raise InputError(sorted(composer.findings))
    if findings is not None:
        findings += composer.findings
    return Document(file, root)


class _Composer:
    """Builds nodes from PyYAML's events, without recursion, so that hostile nesting can't exhaust the stack."""

    def __init__(self, file: str, environment: Mapping[str, str] | None) -> None:
        self.file = file
        self.environment = environment
        self.findings: list[Finding] = []
        self._anchors: dict[str, _Node] = {}
        self._extents: dict[int, _Extent] = {}
        self._unset: set[tuple[int, int]] = set()
        self._count = 0

    def compose(self, text: str) -> _Node:
        root: _Node | None = None
        open_nodes: list[_Frame] = []
        documents = 0
        for event in _events(text):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise InputError([self._at(event, "a second document starts here; a file holds one")])
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                node = open_nodes.pop().node
                root = self._attach(open_nodes, node) or root
            elif isinstance(event, yaml.AliasEvent):
                root = self._attach(open_nodes, self._alias(event, open_nodes)) or root
            elif isinstance(event, yaml.ScalarEvent):
                root = self._attach(open_nodes, self._scalar(event, open_nodes)) or root
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                open_nodes.append(self._open(event, len(open_nodes)))
        return root or _Node(1, 1)

    def _at(self, event: yaml.Event, message: str) -> Finding:
        line, column = _position(event)
        return Finding(self.file, line, column, "error", message)

    def _new(self, event: yaml.NodeEvent) -> _Node:
        self._count += 1
        if self._count > MAX_NODES:
            raise InputError([self._at(event, f"more than {MAX_NODES} values; split the file")])
        node = _Node(*_position(event))
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _open(self, event: yaml.CollectionStartEvent, depth: int) -> _Frame:
        self._check_depth(event, depth + 1)
        if event.tag and event.tag not in ("!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            self.findings.append(self._at(event, f"unknown tag '{event.tag}'; only !secret is known"))
        node = self._new(event)
        if isinstance(event, yaml.MappingStartEvent):
            node.mapping, node.keys = {}, {}
        else:
            node.sequence = []
        return _Frame(node)

    def _alias(self, event: yaml.AliasEvent, open_nodes: list[_Frame]) -> _Node:
        target = self._anchors.get(event.anchor or "")
        if target is None:
            raise InputError([self._at(event, f"alias '*{event.anchor}' has no anchor before it")])
        if any(frame.node is target for frame in open_nodes):
            raise InputError([self._at(event, f"alias '*{event.anchor}' stands inside its own anchor")])
        extent = _extent(target, self._extents)
        self._check_depth(event, len(open_nodes) + extent.depth)
        self._count += extent.size
        if self._count > MAX_NODES:
            raise InputError([self._at(event, f"more than {MAX_NODES} values; is an alias repeated without end?")])
        return target

    def _check_depth(self, event: yaml.Event, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise InputError([self._at(event, f"nested deeper than {MAX_DEPTH} levels")])

    def _scalar(self, event: yaml.ScalarEvent, open_nodes: list[_Frame]) -> _Node:
        node = self._new(event)
        text = event.value
        if self.environment is not None and "$" in text:
            known = len(self.findings)
            text = self._expand(event, text, self.environment)
            if len(self.findings) > known:
                self._unset.add((node.line, node.column))
                return node
        is_key = bool(open_nodes) and open_nodes[-1].awaits_key
        if event.tag == "!secret":
            node.mapping = {SECRET_KEY: _Node(node.line, node.column, text)}
            node.keys = {SECRET_KEY: (node.line, node.column)}
        elif event.tag and event.tag not in ("!", "tag:yaml.org,2002:str"):
            self.findings.append(self._at(event, f"unknown tag '{event.tag}'; only !secret is known"))
        elif event.style or event.tag or is_key:
            node.scalar = text
        else:
            node.scalar = core_scalar(text)
        return node

    def _expand(self, event: yaml.ScalarEvent, text: str, environment: Mapping[str, str]) -> str:
        def value(match: re.Match[str]) -> str:
            if match[1]:
                return "$"
            name, default = match[2], match[3]
            if name in environment:
                # A byte that isn't UTF-8 reaches Python as half a surrogate pair, which no text format can carry.
                if NOT_PRINTABLE.search(environment[name]):
                    self.findings.append(self._at(event, f"{UNSET}'{name}' is not plain UTF-8 text"))
                    return ""
                return environment[name]
            if default is None:
                message = f"{UNSET}'{name}' is not set; set it or write ${{{name}:-default}}"
                self.findings.append(self._at(event, message))
            return default or ""

        return _VARIABLE.sub(value, text)

    def _attach(self, open_nodes: list[_Frame], node: _Node) -> _Node | None:
        if not open_nodes:
            return node
        frame = open_nodes[-1]
        if frame.node.sequence is not None:
            frame.node.sequence.append(node)
        elif frame.awaits_key:
            frame.key, frame.awaits_key = node, False
        else:
            self._pair(frame, node)
            frame.awaits_key = True
        return None

    def _pair(self, frame: _Frame, value: _Node) -> None:
        key, mapping, keys = frame.key, frame.node.mapping, frame.node.keys
        if key is None or mapping is None or keys is None:
            return
        place = Place(self.file, key.line, key.column)
        if (key.line, key.column) in self._unset:
            return
        if not isinstance(key.scalar, str):
            self.findings.append(place.finding("a key must be a plain word"))
        elif key.scalar == "<<":
            self.findings.append(place.finding("merge keys (<<) are not YAML 1.2; write the keys out"))
        elif key.scalar in mapping:
            first = keys[key.scalar][0]
            self.findings.append(place.finding(f"duplicate key '{key.scalar}'; it stands in line {first} already"))
        else:
            mapping[key.scalar] = value
            keys[key.scalar] = (key.line, key.column)


@dataclass(slots=True)
class _Frame:
    node: _Node
    awaits_key: bool = False
    key: _Node | None = None

    def __post_init__(self) -> None:
        self.awaits_key = self.node.mapping is not None


def core_scalar(text: str) -> Scalar:
    """Return what a plain scalar means by the YAML 1.2 core schema. Numbers that aren't finite stay text."""
    if _NULL.match(text):
        return None
    if _BOOL.match(text):
        return text[0] in "tT"
    if len(text) < _MAX_DIGITS:
        if _INT.match(text):
            return int(text)
        if _OCTAL.match(text) or _HEX.match(text):
            return int(text, 0)
    # A leading zero (`010`) is a number in the core schema; people who write it mean text (a dialling code).
    if _FLOAT.match(text) and not re.match(r"[-+]?0[0-9]", text):
        number = float(text)
        return number if abs(number) != float("inf") else text
    return text


def _position(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)


@dataclass(frozen=True, slots=True)
class _Extent:
    """How much an alias stands for: values in all, and levels of nesting."""

    size: int
    depth: int


def _extent(node: _Node, known: dict[int, _Extent]) -> _Extent:
    extent = known.get(id(node))
    if extent is None:
        is_scalar = node.mapping is None and node.sequence is None
        children = list(node.mapping.values()) if node.mapping is not None else node.sequence or []
        extents = [_extent(child, known) for child in children]
        depth = 0 if is_scalar else 1 + max((inner.depth for inner in extents), default=0)
        extent = known[id(node)] = _Extent(1 + sum(inner.size for inner in extents), depth)
    return extent


def _events(text: str) -> Iterator[yaml.Event]:
    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    yield from yaml.parse(text, Loader=loader)
