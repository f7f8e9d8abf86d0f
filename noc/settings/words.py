"""What pydantic found wrong, in an operator's words."""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from typing import Final

from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from noc.model.finding import did_you_mean
from noc.settings.yamltext import SECRET_KEY

_SHOWN_AT_MOST = 60

_OF_PYDANTIC: Final = frozenset(typing.get_args(ErrorType))

_MAPPING_EXPECTED: Final = frozenset(
    {"dict_type", "mapping_type", "model_type", "model_attributes_type", "dataclass_type"}
)

_EXPECTED: Final[Mapping[str, str]] = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "set_type": "must be a list",
    "frozen_set_type": "must be a list",
    "path_type": "must be a path",
    "none_required": "must be empty",
    **dict.fromkeys(_MAPPING_EXPECTED, "must be a mapping of keys"),
}

_BOUNDS: Final[Mapping[str, tuple[str, str]]] = {
    "greater_than": ("must be greater than", "gt"),
    "greater_than_equal": ("must be greater than or equal to", "ge"),
    "less_than": ("must be less than", "lt"),
    "less_than_equal": ("must be less than or equal to", "le"),
    "multiple_of": ("must be a multiple of", "multiple_of"),
}


def message(detail: ErrorDetails) -> str:
    """Return what is wrong with a value and what it must be, without its name and place."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind not in _OF_PYDANTIC:
        return detail["msg"]  # of our own validators: durations, time zones, secrets
    if kind in _EXPECTED:
        return f"{_EXPECTED[kind]}, not {_sort(value) if kind in _MAPPING_EXPECTED else shown(value)}"
    if kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        limit = context.get(bound)
        written = int(limit) if isinstance(limit, float) and limit.is_integer() else limit
        return f"{words} {written}, not {shown(value)}"
    if kind in ("literal_error", "enum"):
        allowed = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return f"{shown(value)} is not one of {context.get('expected')}{did_you_mean(str(value), allowed)}"
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", "")) or _unfit(value)
    if kind in ("too_short", "string_too_short"):
        return f"is too short; it needs at least {context.get('min_length')}"
    if kind in ("too_long", "string_too_long"):
        return f"is too long; {context.get('max_length')} at most"
    if kind == "int_parsing_size":
        return f"{shown(value)} is larger than noc can count"
    if kind == "string_pattern_mismatch":
        return f"{shown(value)} is not of the form {context.get('pattern')}"
    return _unfit(value)


def shown(value: object) -> str:
    """Return a value as messages show it: short, and nothing of what is inside a mapping or a list."""
    if isinstance(value, dict):
        return "a secret reference" if SECRET_KEY in value else "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    text = text if len(text) <= _SHOWN_AT_MOST else f"{text[: _SHOWN_AT_MOST - 3]}…"
    return f"'{text}'" if isinstance(value, str) else text


def _unfit(value: object) -> str:
    return f"{shown(value)} can't stand here"


def _sort(value: object) -> str:
    """Say what sort of thing stands where a mapping should; not the thing: it may be a secret gone astray."""
    return {str: "text", int: "a number", float: "a number", bool: "true or false"}.get(type(value)) or shown(value)
