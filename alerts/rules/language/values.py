"""Typed closures: what a part of an expression yields, and how two of them become one. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import translate
from typing import Final, Literal

from alerts.rules.language.program import Figure, Test, Truth
from alerts.rules.language.scene import Cell, Scene
from alerts.rules.language.tokens import ExpressionError
from alerts.rules.language.tree import Comparator, Sign
from alerts.rules.language.units import PLAIN, TIME, Quantity, per_second

Words = Callable[[Scene], "str | None"]


@dataclass(frozen=True, slots=True)
class Value:
    """A number. plain_zero: a nought without a unit, which goes with every unit."""

    run: Figure
    of: Quantity = PLAIN
    plain_zero: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A text; constant: what stands in quotes."""

    run: Words
    constant: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """True, false, or unknown."""

    run: Test


Typed = Value | Word | Condition


def cell_of(place: Literal["row", "inner"], column: int) -> Callable[[Scene], Cell]:
    """Return what reads a column of the row that is looked at."""
    if place == "row":
        return lambda scene: scene.row[column]
    return lambda scene: scene.inner[column]


def of_first(measurement: str, column: int) -> Callable[[Scene], Cell]:
    """Return what reads a column of a measurement that has one row."""

    def run(scene: Scene) -> Cell:
        rows = scene.tables.get(measurement)
        return rows[0][column] if rows else None

    return run


def as_number(read: Callable[[Scene], Cell], factor: float) -> Figure:
    """Return a number in the base of its dimension."""

    def plain(scene: Scene) -> float | None:
        cell = read(scene)
        return cell if isinstance(cell, float | int) else None

    def scaled(scene: Scene) -> float | None:
        cell = read(scene)
        return cell * factor if isinstance(cell, float | int) else None

    return plain if factor == 1 else scaled


def as_words(read: Callable[[Scene], Cell]) -> Words:
    """Return a tag."""

    def run(scene: Scene) -> str | None:
        cell = read(scene)
        return cell if isinstance(cell, str) else None

    return run


def calculated(sign: Sign, left: Value, right: Value, at: int) -> Value:
    """Return one number of two. Raises ExpressionError where the units don't go together."""
    return Value(_arithmetic(sign, left.run, right.run), _unit_of(sign, left, right, at))


def _unit_of(sign: Sign, left: Value, right: Value, at: int) -> Quantity:
    one, other = left.of, right.of
    if sign in "+-":
        if one.dimension == other.dimension or right.plain_zero:
            return Quantity(one.dimension)
        if left.plain_zero:
            return Quantity(other.dimension)
        raise ExpressionError(f"{one.shown} and {other.shown} can't be added or subtracted", at)
    if not other.dimension:
        return Quantity(one.dimension)
    if sign == "*" and not one.dimension:
        return Quantity(other.dimension)
    if sign == "/" and one.dimension == other.dimension:
        return PLAIN
    if sign == "/" and other.dimension == TIME:
        return Quantity(per_second(one.dimension))
    word = "multiplied by" if sign == "*" else "divided by"
    raise ExpressionError(f"{one.shown} can't be {word} {other.shown}", at)


def _arithmetic(sign: Sign, left: Figure, right: Figure) -> Figure:
    def run(scene: Scene) -> float | None:
        one, other = left(scene), right(scene)
        if one is None or other is None:
            return None
        if sign == "+":
            return one + other
        if sign == "-":
            return one - other
        if sign == "*":
            return one * other
        return one / other if other else None

    return run


_COMPARED: Final[dict[Comparator, Callable[[float, float], bool]]] = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
}


def compared(comparator: Comparator, left: Typed, right: Typed, at: int) -> Condition:
    """Return a comparison. Raises ExpressionError where the two can't be compared."""
    if isinstance(left, Word) and isinstance(right, Word):
        return Condition(_of_words(comparator, left, right, at))
    if not isinstance(left, Value) or not isinstance(right, Value):
        raise ExpressionError("a number is compared with a number, a tag with a text in quotes", at)
    if comparator == "like":
        raise ExpressionError('like compares a tag with a text in quotes, as in name like "Fan *"', at)
    if left.of.dimension != right.of.dimension and not (left.plain_zero or right.plain_zero):
        plain = not (left.of.dimension and right.of.dimension)
        hint = ": write the unit behind the number" if plain else ": only what has one unit can be compared"
        raise ExpressionError(f"{left.of.shown} is compared with {right.of.shown}{hint}", at)
    test, one, other = _COMPARED[comparator], left.run, right.run

    def run(scene: Scene) -> Truth:
        first, second = one(scene), other(scene)
        return None if first is None or second is None else test(first, second)

    return Condition(run)


def _of_words(comparator: Comparator, left: Word, right: Word, at: int) -> Test:
    one, other = left.run, right.run
    if comparator == "like":
        if right.constant is None:
            raise ExpressionError('behind like stands a text in quotes, as in "Fan *"', at)
        pattern = re.compile(translate(right.constant))  # only * and ?, so it is linear enough

        def fits(scene: Scene) -> Truth:
            word = one(scene)
            return None if word is None else pattern.match(word) is not None

        return fits
    if comparator not in ("==", "!="):
        raise ExpressionError("texts are compared by ==, != and like", at)
    negated = comparator == "!="

    def run(scene: Scene) -> Truth:
        first, second = one(scene), other(scene)
        return None if first is None or second is None else (first == second) != negated

    return run


def joined(word: Literal["and", "or"], parts: Sequence[Condition]) -> Condition:
    """Return all of them or any of them, in three values (Kleene). Every part runs: some of them remember."""
    tests, ends = [part.run for part in parts], word == "or"

    def run(scene: Scene) -> Truth:
        found = [test(scene) for test in tests]
        if ends in found:
            return ends
        return None if None in found else not ends

    return Condition(run)


def negated(condition: Condition) -> Condition:
    """Return the opposite; what is unknown stays so."""
    test = condition.run

    def run(scene: Scene) -> Truth:
        found = test(scene)
        return None if found is None else not found

    return Condition(run)
