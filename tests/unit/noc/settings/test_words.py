"""No word of pydantic's reaches an operator, whatever a model finds wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic_core import ErrorDetails, PydanticKnownError
from pydantic_core._pydantic_core import list_all_errors  # its only list with an example of each

from noc.settings.words import message, shown

JARGON = re.compile(
    r"\b(input|string|dictionary|instance|value error|json|object|tuple|schema|discriminator|union|tag|python|"
    r"callable|array|unicode|validation|attributes?|field|should|boolean|integer|parse|int|iterable)\b",
    re.IGNORECASE,
)
KINDS = {error["type"]: error for error in list_all_errors()}


def detail(kind: str, context: dict[str, Any], value: object) -> ErrorDetails:
    told = PydanticKnownError(kind, context or None).message()  # type: ignore[arg-type]  # one of pydantic's own
    return ErrorDetails(type=kind, loc=("key",), msg=told, input=value, ctx=context)


def test_no_jargon_in_any_message_that_pydantic_knows() -> None:
    assert KINDS
    for kind in sorted(KINDS):
        context = dict(KINDS[kind].get("example_context") or {})
        told = message(detail(kind, context, "x y"))
        if kind in ("value_error", "assertion_error"):
            told = told.replace(str(context["error"]), "")  # our validators' own words
        if kind == "string_pattern_mismatch":
            told = told.replace(str(context["pattern"]), "")
        assert JARGON.search(told) is None, f"{kind}: {told}"


@pytest.mark.parametrize(
    ("kind", "context", "value", "expected"),
    [
        ("string_too_long", {"max_length": 3}, "abcd", "is too long; 3 at most"),
        ("too_long", {"field_type": "Tuple", "max_length": 3, "actual_length": 4}, [1], "is too long; 3 at most"),
        ("too_short", {"field_type": "Tuple", "min_length": 1, "actual_length": 0}, [], "is too short; it needs at"),
        ("less_than_equal", {"le": 5}, 6, "must be less than or equal to 5, not 6"),
        ("greater_than", {"gt": 0.0}, -0.5, "must be greater than 0, not -0.5"),
        ("string_pattern_mismatch", {"pattern": "[a-z]+"}, "A", "'A' is not of the form [a-z]+"),
        ("bool_parsing", {}, "perhaps", "must be true or false, not 'perhaps'"),
        ("union_tag_not_found", {"discriminator": "'kind'"}, {"a": 1}, "a mapping can't stand here"),
    ],
)
def test_words(kind: str, context: dict[str, Any], value: object, expected: str) -> None:
    assert message(detail(kind, context, value)).startswith(expected)


def test_what_our_own_validators_say_is_kept() -> None:
    told = ErrorDetails(type="duration", loc=("key",), msg="a duration must be longer than zero", input="0s")
    assert message(told) == "a duration must be longer than zero"


def test_a_long_text_is_cut_and_a_mapping_shows_nothing() -> None:
    assert len(shown("x" * 1000)) < 70
    assert shown({"password": "hunter2"}) == "a mapping"
    assert shown({"!secret": "env:A"}) == "a secret reference"
