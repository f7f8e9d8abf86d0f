"""A tree to closures: names looked up, types and units held together. Pure.

Outside of an aggregate a field is written `measurement.field`. Where its measurement has several rows a device
(interfaces, peers, disks) the rule looks at each row by itself; there may be one such measurement in a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal

from alerts.rules.language.figures import FOLDED, compared_with_before, counted, folded, foretold
from alerts.rules.language.parse import parse
from alerts.rules.language.program import Headline, Program
from alerts.rules.language.scene import Cell, Question, Scene
from alerts.rules.language.shown import shown
from alerts.rules.language.tokens import ExpressionError
from alerts.rules.language.tree import (
    Aggregate,
    Arithmetic,
    Both,
    Call,
    Comparison,
    Node,
    Not,
    Number,
    Reference,
    Text,
)
from alerts.rules.language.units import TIME, Quantity, per_second, quantity
from alerts.rules.language.values import (
    Condition,
    Typed,
    Value,
    Word,
    as_number,
    as_words,
    calculated,
    cell_of,
    compared,
    joined,
    negated,
    of_first,
)
from alerts.rules.measurements import ASKED
from noc.model.finding import did_you_mean
from noc.model.snapshot import SENSOR_UNITS

LONGEST_S: Final = 24 * 3_600
"""The longest window of `change`, `rate` and `absent`: numbers are remembered for it."""


def compiled(when: str, clear: str | None, tags: Mapping[str, str]) -> Program:
    """Return the program of a rule. clear: None for the opposite of `when`. tags: what the rows have that it looks at.

    Raises ExpressionError: where `when` alone is right, it is of `clear`.
    """
    compiler = _Compiler(tags, parse(when))
    raised = compiler.condition(compiler.tree)
    if clear is None:
        return compiler.program(when, raised, negated(raised))
    tree = parse(clear)
    compiler.look_over(tree)
    return compiler.program(f"{when} | {clear}", raised, compiler.condition(tree))


class _Compiler:
    def __init__(self, tags: Mapping[str, str], tree: Node) -> None:
        self.tree = tree
        self._tags = tags
        self._columns: dict[str, list[str]] = {}
        self._rows_of = ""
        self._absent: set[Question] = set()
        self._learns: set[tuple[Literal["baseline", "slope"], Question]] = set()
        self._remembers = False
        self._inside: Aggregate | None = None
        self.look_over(tree)
        for tag in tags if self._rows_of else ():
            self._column(self._rows_of, tag)

    def look_over(self, tree: Node) -> None:
        """Find the measurement whose rows are looked at."""
        for reference in _references(tree):
            measurement = ASKED.get(reference.measurement)
            if measurement is None or not measurement.key:
                continue
            if self._rows_of not in ("", reference.measurement):
                raise ExpressionError(
                    f"the rule looks at the rows of {self._rows_of}; of {reference.measurement} "
                    f"take one number of all: max({reference.measurement}.{reference.name})",
                    reference.at,
                )
            self._rows_of = reference.measurement

    def program(self, text: str, when: Condition, clear: Condition) -> Program:
        for tag in ASKED[self._rows_of].tags if self._rows_of else ():
            self._column(self._rows_of, tag)
        if not self._columns:
            raise ExpressionError("no field of any measurement is looked at", 0)
        keeps = len(self._columns) > 1 or self._remembers or bool(self._absent)
        return Program(
            text=text,
            columns={name: tuple(columns) for name, columns in self._columns.items()},
            rows_of=self._rows_of,
            when=when.run,
            clear=clear.run,
            headline=self._headline(),
            absent=frozenset(self._absent),
            keeps=keeps,
            learns=frozenset(self._learns),
        )

    def condition(self, node: Node) -> Condition:
        found = self._typed(node)
        if not isinstance(found, Condition):
            raise ExpressionError("a condition is wanted, true or false: compare it with something", _at(node))
        return found

    def _value(self, node: Node) -> Value:
        found = self._typed(node)
        if not isinstance(found, Value):
            raise ExpressionError("a number is wanted here", _at(node))
        return found

    def _typed(self, node: Node) -> Typed:
        match node:
            case Number(value, unit, per):
                of = quantity(unit, per)
                number = value * of.factor
                return Value(lambda _: number, Quantity(of.dimension), plain_zero=value == 0 and not unit)
            case Text(value):
                return Word(lambda _: value, value)
            case Reference():
                return self._reference(node)
            case Aggregate():
                return self._aggregate(node)
            case Call():
                return self._call(node)
            case Arithmetic(sign, left, right, at):
                return calculated(sign, self._value(left), self._value(right), at)
            case Comparison(comparator, left, right, at):
                return compared(comparator, self._typed(left), self._typed(right), at)
            case Not(inner):
                return negated(self.condition(inner))
            case Both(word, parts):
                return joined(word, [self.condition(part) for part in parts])

    def _reference(self, node: Reference) -> Value | Word:
        inside = self._inside
        name = self._measurement(node)
        measurement = ASKED[name]
        if node.name in measurement.tags:
            return Word(as_words(self._cell(name, node.name)))
        if node.name not in measurement.fields:
            known = (*measurement.fields, *measurement.tags)
            hint = did_you_mean(node.name, known)
            raise ExpressionError(f"'{name}' has no field '{node.name}'{hint}; there are: {', '.join(known)}", node.at)
        of = self._unit(name, node.name, None if inside is None else inside.where)
        return Value(as_number(self._cell(name, node.name), of.factor), Quantity(of.dimension))

    def _measurement(self, node: Reference) -> str:
        if self._inside is not None:
            if node.measurement not in ("", self._inside.measurement):
                raise ExpressionError(f"inside of {self._inside.function}() stand its own fields and tags", node.at)
            return self._inside.measurement
        if not node.measurement:
            raise ExpressionError(f"of which measurement is '{node.name}'? write measurement.{node.name}", node.at)
        if node.measurement not in ASKED:
            hint = did_you_mean(node.measurement, ASKED) or "; docs/reference/series.md has all"
            raise ExpressionError(f"there is no measurement '{node.measurement}'{hint}", node.at)
        return node.measurement

    def _cell(self, measurement: str, name: str) -> Callable[[Scene], Cell]:
        column = self._column(measurement, name)
        if self._inside is not None:
            return cell_of("inner", column)
        return cell_of("row", column) if measurement == self._rows_of else of_first(measurement, column)

    def _column(self, measurement: str, name: str) -> int:
        columns = self._columns.setdefault(measurement, [])
        if name not in columns:
            columns.append(name)
        return columns.index(name)

    def _unit(self, measurement: str, field: str, where: Node | None) -> Quantity:
        """Return what a field is of; a sensor's value is of what its kind is of, where it is told."""
        if (measurement, field) != ("noc_sensor", "value"):
            return quantity(ASKED[measurement].fields[field])
        kind = _kind(where) if where is not None else self._tags.get("kind")
        return quantity(SENSOR_UNITS.get(kind or ""))

    def _aggregate(self, node: Aggregate) -> Value:
        if self._inside is not None:
            raise ExpressionError(f"{node.function}() inside of {self._inside.function}() means nothing", node.at)
        self._measurement(Reference(node.measurement, node.field or "", node.at))
        columns = self._columns.setdefault(node.measurement, [])
        if (node.function == "count") != (not node.field):
            what = "rows: count(measurement where …)" if node.function == "count" else "a field: measurement.field"
            raise ExpressionError(f"{node.function}() takes {what}", node.at)
        self._inside = node
        where = None if node.where is None else self.condition(node.where)
        field = self._value(Reference("", node.field, node.at)) if node.field else None
        self._inside = None
        if not columns:
            self._column(node.measurement, next(iter(ASKED[node.measurement].fields)))
        if field is None:
            return Value(counted(node.measurement, where))
        return Value(folded(node.measurement, where, field.run, FOLDED[node.function]), field.of)

    def _call(self, node: Call) -> Typed:
        if self._inside is not None:
            raise ExpressionError(f"{node.function}() can't stand inside of {self._inside.function}()", node.at)
        wanted = 2 if node.function in ("absent", "change", "rate", "forecast", "until") else 1
        if len(node.arguments) != wanted:
            raise ExpressionError(f"{node.function}() takes {wanted} thing{'s' * (wanted > 1)} in parentheses", node.at)
        first = node.arguments[0]
        if node.function == "abs":
            inner = self._value(first)
            return Value(lambda scene: None if (value := inner.run(scene)) is None else abs(value), inner.of)
        if node.function in ("change", "rate"):
            return self._of_before(node, self._value(first), self._window_s(node.arguments[1]))
        if not isinstance(first, Reference):
            raise ExpressionError(f"{node.function}() is of one field: measurement.field", node.at)
        if node.function == "absent":
            return self._missing(first, self._window_s(node.arguments[1]))
        return self._learned(node, first)

    def _window_s(self, node: Node) -> float:
        if isinstance(node, Number) and quantity(node.unit, node.per).dimension == TIME:
            length_s = node.value * quantity(node.unit).factor
            if 0 < length_s <= LONGEST_S:
                return length_s
        raise ExpressionError("a time is wanted here, at most a day, as in 10 min", _at(node))

    def _missing(self, node: Reference, window_s: float) -> Condition:
        self._reference(node)
        question = (node.measurement, node.name)
        if node.name in ASKED[node.measurement].tags:
            raise ExpressionError(f"'{node.name}' is a tag; absent() is of a field", node.at)
        self._absent.add(question)
        window_ms = 1000 * window_s

        def run(scene: Scene) -> bool | None:
            seen_ms = scene.seen.get(question)
            return None if seen_ms is None else scene.now_ms - seen_ms >= window_ms

        return Condition(run)

    def _of_before(self, node: Call, inner: Value, window_s: float) -> Value:
        self._remembers = True
        series, value, window_ms = f"{shown(node.arguments[0])}/{window_s:g}", inner.run, 1000 * window_s
        is_rate = node.function == "rate"

        def run(scene: Scene) -> float | None:
            now = value(scene)
            before = scene.before(series, now, window_ms)
            if now is None or before is None:
                return None
            return (now - before[1]) / before[0] if is_rate else now - before[1]

        dimension = inner.of.dimension
        return Value(run, Quantity(per_second(dimension) if is_rate else dimension))

    def _learned(self, node: Call, reference: Reference) -> Value:
        value = self._value(reference)
        of = self._unit(reference.measurement, reference.name, None)
        question = (reference.measurement, reference.name)
        if node.function in ("baseline", "spread", "deviation"):
            self._learns.add(("baseline", question))
            return compared_with_before(node.function, question, value, of)
        self._learns.add(("slope", question))
        second = self._value(node.arguments[1])
        if node.function == "forecast" and second.of.dimension != TIME:
            raise ExpressionError("forecast() takes a field and a time, as in 7 d", node.at)
        if node.function == "until" and second.of.dimension != of.dimension and not second.plain_zero:
            raise ExpressionError(f"until() takes a field and a limit in {value.of.shown}", node.at)
        return foretold(node.function, question, value, second.run, of)

    def _headline(self) -> Headline | None:
        """Return the number that an incident shows."""
        for node in _comparisons(self.tree):
            left, right = self._typed(node.left), self._typed(node.right)
            if not isinstance(left, Value) or not isinstance(right, Value):
                continue
            unit, factor = _unit_shown(node)
            if not unit and left.of.dimension:
                unit, factor = left.of.dimension, 1.0
            outof = None
            if isinstance(node.left, Aggregate) and node.left.function == "count" and node.left.where is not None:
                outof = counted(node.left.measurement, None)
            return Headline(shown(node.left), unit, left.run, right.run, factor, outof)
        return None


def _kind(where: Node) -> str | None:
    """Return the kind of sensors that a condition asks for."""
    match where:
        case Comparison("==", Reference(_, "kind"), Text(kind)):
            return kind
        case Both("and", parts):
            return next((found for part in parts if (found := _kind(part))), None)
    return None


def _unit_shown(node: Comparison) -> tuple[str, float]:
    for side in (node.right, node.left):
        if isinstance(side, Number) and side.unit:
            return side.unit + (f"/{side.per}" if side.per else ""), quantity(side.unit, side.per).factor
    return "", 1.0


def _at(node: Node) -> int:
    return node.at


def _below(node: Node) -> tuple[Node, ...]:
    match node:
        case Call(_, arguments):
            return arguments
        case Arithmetic(_, left, right) | Comparison(_, left, right):
            return left, right
        case Not(inner):
            return (inner,)
        case Both(_, parts):
            return parts
    return ()


def _references(node: Node) -> Iterator[Reference]:
    """Yield the fields and tags outside of aggregates, and of `absent`, which is of all rows."""
    if isinstance(node, Reference):
        yield node
    elif not (isinstance(node, Call) and node.function == "absent"):
        for part in _below(node):
            yield from _references(part)


def _comparisons(node: Node) -> Iterator[Comparison]:
    if isinstance(node, Comparison):
        yield node
    elif not isinstance(node, Call):
        for part in _below(node):
            yield from _comparisons(part)
