"""Formulas of services as data."""

from __future__ import annotations

import pytest

from noc.inventory.formula import Formula
from noc.model.errors import InputError
from noc.settings.schema import validate
from noc.settings.yamltext import parse


def formula(text: str) -> Formula:
    return validate(Formula, parse(text, "x.yaml"))


def test_every_entity_is_found_with_its_path() -> None:
    read = formula("all_of: [site/a, {any_of: [site/b, {at_least: 1, of: [device/c, device/d]}]}]")
    assert list(read.entities()) == [
        (("all_of", 0), "site/a"),
        (("all_of", 1, "any_of", 0), "site/b"),
        (("all_of", 1, "any_of", 1, "of", 0), "device/c"),
        (("all_of", 1, "any_of", 1, "of", 1), "device/d"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", "x.yaml:1:1: error: write one of all_of, any_of, or at_least together with of"),
        (
            "all_of: [site/a]\nany_of: [site/a]",
            "x.yaml:1:1: error: write one of all_of, any_of, or at_least together with of",
        ),
        ("at_least: 2", "x.yaml:1:1: error: write one of all_of, any_of, or at_least together with of"),
        ("of: [site/a]", "x.yaml:1:1: error: write one of all_of, any_of, or at_least together with of"),
        ("at_least: 3\nof: [site/a, site/b]", "x.yaml:1:1: error: at_least 3 can't be reached: `of` names 2"),
        (
            "at_least: 0\nof: [site/a]",
            "x.yaml:1:11: error: at_least: must be greater than or equal to 1, not 0",
        ),
        ("all_of: []", "x.yaml:1:9: error: all_of: names nothing"),
        ("all_of: site/a", "x.yaml:1:9: error: all_of: must be a list, not 'site/a'"),
        ("all_of: [7]", "x.yaml:1:10: error: all_of.0: must be text, not 7"),
        (
            "all_of: [{any: [site/a]}]",
            "x.yaml:1:11: error: unknown key 'any' (did you mean 'any_of'?)",
        ),
        (
            "all_of:\n  - any_of: [site/a, {all_of: []}]",
            "x.yaml:2:31: error: all_of.0.any_of.1.all_of: names nothing",
        ),
    ],
)
def test_formulas_that_make_no_sense(text: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        formula(text)
    assert str(caught.value) == expected
