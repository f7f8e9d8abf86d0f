"""Tokens to a tree, by recursive descent. Pure.

or := and {"or" and};  and := not {"and" not};  not := "not" not | comparison
comparison := sum [("<" | "<=" | ">" | ">=" | "==" | "!=" | "like") sum]
sum := product {("+" | "-") product};  product := one {("*" | "/") one}
one := "-" one | number [unit ["/" unit]] | text | "(" or ")" | name "." name
     | aggregate "(" name ["." name] ["where" or] ")" | function "(" or {"," or} ")"
"""

from __future__ import annotations

from typing import Final, Literal, NoReturn, cast

from alerts.rules.language.tokens import ExpressionError, Token, TokenKind, tokens
from alerts.rules.language.tree import (
    Aggregate,
    Arithmetic,
    Both,
    Call,
    Comparator,
    Comparison,
    Node,
    Not,
    Number,
    Reference,
    Sign,
    Text,
)
from alerts.rules.language.units import SHORT, UNITS, is_time
from noc.model.finding import did_you_mean

AGGREGATES: Final = ("count", "sum", "min", "max", "mean")
FUNCTIONS: Final = ("absent", "change", "rate", "baseline", "spread", "deviation", "forecast", "until", "abs")
DEEP_AT_MOST: Final = 30

_COMPARATORS: Final = frozenset({"<", "<=", ">", ">=", "==", "!="})
_WORDS: Final = frozenset({"and", "or", "not", "where", "like"})
_FOUND: Final = {"number": "a number", "text": "a text", "end": "the end"}


def parse(text: str) -> Node:
    """Return the tree of an expression. Raises ExpressionError."""
    return _Parser(tokens(text)).whole()


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._next = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._or()
        if self._here.kind != "end":
            self._wrong("the expression should end, or go on with and, or, a comparison or a sign,")
        return node

    @property
    def _here(self) -> Token:
        return self._tokens[self._next]

    def _wrong(self, wanted: str) -> NoReturn:
        here = self._here
        raise ExpressionError(f"here {wanted} is wanted, not {_FOUND.get(here.kind, repr(here.text))}", here.at)

    def _is(self, kind: TokenKind, *words: str) -> bool:
        return self._here.kind == kind and (not words or self._here.text in words)

    def _take(self) -> Token:
        token = self._here
        self._next += 1
        return token

    def _expect(self, sign: str) -> None:
        if not self._is("sign", sign):
            self._wrong(f"'{sign}'")
        self._take()

    def _or(self) -> Node:
        self._depth += 1
        if self._depth > DEEP_AT_MOST:
            raise ExpressionError(f"parentheses are nested deeper than {DEEP_AT_MOST}", self._here.at)
        node = self._joined("or")
        self._depth -= 1
        return node

    def _joined(self, word: Literal["and", "or"]) -> Node:
        at = self._here.at
        below = self._not if word == "and" else lambda: self._joined("and")
        parts = [below()]
        while self._is("name", word):
            self._take()
            parts.append(below())
        return parts[0] if len(parts) == 1 else Both(word, tuple(parts), at)

    def _not(self) -> Node:
        at, turns = self._here.at, 0
        while self._is("name", "not"):
            self._take()
            turns += 1
        node = self._comparison()
        return Not(node, at) if turns % 2 else node

    def _comparison(self) -> Node:
        left = self._sum()
        if not (self._is("sign", *_COMPARATORS) or self._is("name", "like")):
            return left
        token = self._take()
        right = self._sum()
        if self._is("sign", *_COMPARATORS):
            raise ExpressionError("comparisons are not chained: write a < b and b < c", self._here.at)
        return Comparison(cast("Comparator", token.text), left, right, left.at)

    def _sum(self) -> Node:
        node = self._product()
        while self._is("sign", "+", "-"):
            sign = cast("Sign", self._take().text)
            node = Arithmetic(sign, node, self._product(), node.at)
        return node

    def _product(self) -> Node:
        node = self._one()
        while self._is("sign", "*", "/"):
            sign = cast("Sign", self._take().text)
            node = Arithmetic(sign, node, self._one(), node.at)
        return node

    def _one(self) -> Node:
        here = self._here
        if self._is("sign", "-"):
            return self._negative()
        if self._is("number"):
            return self._number()
        if self._is("text"):
            return Text(self._take().text, here.at)
        if self._is("sign", "("):
            self._take()
            node = self._or()
            self._expect(")")
            return node
        if not self._is("name") or here.text in _WORDS:
            self._wrong("a number, a text, measurement.field, a function or '('")
        return self._named()

    def _negative(self) -> Number:
        at = self._take().at
        if not self._is("number"):
            self._wrong("a number")
        number = self._number()
        return Number(-number.value, number.unit, number.per, at)

    def _number(self) -> Number:
        token = self._take()
        unit = per = ""
        if self._is("sign", "%"):
            self._take()
            unit = "percent"
        elif self._is("name") and self._here.text not in _WORDS:
            unit = self._unit()
        if unit and self._is("sign", "/") and is_time(self._tokens[self._next + 1].text):
            self._take()
            per = self._unit()
        return Number(float(token.text), unit, per, token.at)

    def _unit(self) -> str:
        token = self._take()
        if token.text not in UNITS:
            hint = did_you_mean(token.text, UNITS)
            raise ExpressionError(f"unknown unit '{token.text}'{hint}; there are: {', '.join(SHORT)}", token.at)
        return token.text

    def _named(self) -> Node:
        name = self._take()
        if self._is("sign", "("):
            return self._called(name)
        if not self._is("sign", "."):
            return Reference("", name.text, name.at)
        self._take()
        return Reference(name.text, self._name(), name.at)

    def _name(self) -> str:
        if not self._is("name") or self._here.text in _WORDS:
            self._wrong("a name")
        return self._take().text

    def _called(self, name: Token) -> Node:
        self._take()
        if name.text in AGGREGATES:
            return self._aggregate(name)
        if name.text not in FUNCTIONS:
            known = (*AGGREGATES, *FUNCTIONS)
            hint = did_you_mean(name.text, known)
            raise ExpressionError(f"there is no function '{name.text}'{hint}; there are: {', '.join(known)}", name.at)
        arguments = [self._or()]
        while self._is("sign", ","):
            self._take()
            arguments.append(self._or())
        self._expect(")")
        return Call(name.text, tuple(arguments), name.at)

    def _aggregate(self, name: Token) -> Node:
        measurement, field, where = self._name(), "", None
        if self._is("sign", "."):
            self._take()
            field = self._name()
        if self._is("name", "where"):
            self._take()
            where = self._or()
        self._expect(")")
        return Aggregate(name.text, measurement, field, where, name.at)
