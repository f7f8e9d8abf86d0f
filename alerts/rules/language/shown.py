"""A tree as text again, one way to write each: to name a series, and for people. Pure."""

from __future__ import annotations

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


def shown(node: Node) -> str:
    """Return an expression as text."""
    match node:
        case Number(value, unit, per):
            return f"{value:g}{f' {unit}' if unit else ''}{f'/{per}' if per else ''}"
        case Text(value):
            return f'"{value}"'
        case Reference(measurement, name):
            return f"{measurement}.{name}" if measurement else name
        case Aggregate(function, measurement, field, where):
            condition = "" if where is None else f" where {shown(where)}"
            return f"{function}({measurement}{f'.{field}' if field else ''}{condition})"
        case Call(function, arguments):
            return f"{function}({', '.join(map(shown, arguments))})"
        case Arithmetic(sign, left, right):
            return f"({shown(left)} {sign} {shown(right)})"
        case Comparison(comparator, left, right):
            return f"{shown(left)} {comparator} {shown(right)}"
        case Not(inner):
            return f"not ({shown(inner)})"
        case Both(word, parts):
            return f" {word} ".join(f"({shown(part)})" if isinstance(part, Both) else shown(part) for part in parts)
