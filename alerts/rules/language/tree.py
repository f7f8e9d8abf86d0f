"""What an expression is made of. Frozen; every node knows where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Comparator = Literal["<", "<=", ">", ">=", "==", "!=", "like"]
Sign = Literal["+", "-", "*", "/"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number. unit: as it is written, empty for none; per: the unit of time behind a slash."""

    value: float
    unit: str
    per: str
    at: int


@dataclass(frozen=True, slots=True)
class Text:
    """A text in quotes."""

    value: str
    at: int


@dataclass(frozen=True, slots=True)
class Reference:
    """A field or a tag. measurement: empty inside of an aggregate, where its own is meant."""

    measurement: str
    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`count(noc_bgp_peer where state < 6)`. field: empty where rows are counted. where: None for all rows."""

    function: str
    measurement: str
    field: str
    where: Node | None
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function and what it is given."""

    function: str
    arguments: tuple[Node, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """left sign right."""

    sign: Sign
    left: Node
    right: Node
    at: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """left comparator right."""

    comparator: Comparator
    left: Node
    right: Node
    at: int


@dataclass(frozen=True, slots=True)
class Not:
    """not inner."""

    inner: Node
    at: int


@dataclass(frozen=True, slots=True)
class Both:
    """All of them, or one of them."""

    word: Literal["and", "or"]
    parts: tuple[Node, ...]
    at: int


Node = Number | Text | Reference | Aggregate | Call | Arithmetic | Comparison | Not | Both
