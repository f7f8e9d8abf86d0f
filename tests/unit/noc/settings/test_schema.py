"""pydantic's errors as findings: the place, an operator's words, the nearest name."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError, field_validator

from noc.model.errors import InputError
from noc.settings.schema import (
    Duration,
    Settings,
    TimeZone,
    format_duration,
    parse_duration,
    validate,
    validate_at,
    validate_data,
)
from noc.settings.secrets import SecretReference
from noc.settings.yamltext import parse


class Inner(Settings):
    timeout: Duration = timedelta(seconds=2)
    mode: Literal["fast", "slow"] = "fast"
    key: SecretReference | None = None


class Outer(Settings):
    name: str
    retries: int = 1
    ratio: float = 0.5
    on: bool = True
    names: tuple[str, ...] = ()
    inner: Inner = Inner()
    sets: dict[str, Inner] = Field(default_factory=dict)
    kinds: dict[Literal["router", "switch"], int] = Field(default_factory=dict)
    either: int | str | None = None
    zone: TimeZone | None = None
    device_class: str | None = Field(default=None, alias="class")

    @field_validator("ratio")
    @classmethod
    def _ratio(cls, value: float) -> float:
        if value > 1:
            raise ValueError(f"{value} is more than 1")
        return value


def messages(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        validate(Outer, parse(text, "x.yaml"))
    return [str(finding) for finding in caught.value.findings]


def test_good_data_becomes_a_frozen_model() -> None:
    text = "name: a\nclass: router\ninner: {timeout: 1.5s, key: !secret env:KEY}\nzone: Africa/Nairobi\n"
    model = validate(Outer, parse(text, "x.yaml"))
    assert model.inner.timeout == timedelta(seconds=1.5)
    assert model.zone == ZoneInfo("Africa/Nairobi")
    assert model.device_class == "router"
    with pytest.raises(ValidationError, match="frozen"):
        model.name = "b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("retries: 2", "x.yaml:1:1: error: missing key 'name'"),
        ("nane: a", "x.yaml:1:1: error: unknown key 'nane' (did you mean 'name'?)"),
        ("{name:a: }", "x.yaml:1:2: error: unknown key 'name:a': a blank is missing behind the colon"),
        (
            "name: a\nclass: b\nclasss: c",
            "x.yaml:3:1: error: unknown key 'classs' (did you mean 'class'? it is written here already)",
        ),
        ("name: 7", "x.yaml:1:7: error: name: must be text, not 7"),
        ("name: a\nretries: 1.5", "x.yaml:2:10: error: retries: must be a whole number, not 1.5"),
        ("name: a\nretries: two", "x.yaml:2:10: error: retries: must be a whole number, not 'two'"),
        ("name: a\nratio: much", "x.yaml:2:8: error: ratio: must be a number, not 'much'"),
        ("name: a\nratio: 2", "x.yaml:2:8: error: ratio: 2.0 is more than 1"),
        ("name: a\non: yes", "x.yaml:2:5: error: on: must be true or false, not 'yes'"),
        ("name: a\nnames: b", "x.yaml:2:8: error: names: must be a list, not 'b'"),
        ("name: a\nnames: [b, 1]", "x.yaml:2:12: error: names.1: must be text, not 1"),
        ("name: a\ninner: fast", "x.yaml:2:8: error: inner: must be a mapping of keys, not text"),
        ("name: a\nsets: 3", "x.yaml:2:7: error: sets: must be a mapping of keys, not a number"),
        ("name: a\nsets: {b: [1]}", "x.yaml:2:11: error: sets.b: must be a mapping of keys, not a list"),
        ("name:\n", "x.yaml:1:6: error: name: must be text, not nothing"),
        ("- a", "x.yaml:1:1: error: expected a mapping of keys, but this holds a list"),
        ("", "x.yaml:1:1: error: expected a mapping of keys, but this is empty"),
        (
            "name: a\nkinds: {ruter: 1}",
            "x.yaml:2:9: error: kinds: 'ruter' is not one of 'router' or 'switch' (did you mean 'router'?)",
        ),
        (
            "name: a\ninner: {mode: slwo}",
            "x.yaml:2:15: error: inner.mode: 'slwo' is not one of 'fast' or 'slow' (did you mean 'slow'?)",
        ),
        (
            "name: a\ninner:\n  timeot: 1s",
            "x.yaml:3:3: error: unknown key 'timeot' (did you mean 'timeout'?)",
        ),
        (
            "name: a\nsets:\n  b: {zzz: 1}",
            "x.yaml:3:7: error: unknown key 'zzz'; known here: key, mode, timeout",
        ),
        (
            "name: a\ninner: {timeout: 5 min}",
            (
                "x.yaml:2:18: error: inner.timeout: '5 min' is not a duration; "
                "write a number and a unit: 500ms, 30s, 5m, 2h, 1d"
            ),
        ),
        ("name: a\ninner: {timeout: 0s}", "x.yaml:2:18: error: inner.timeout: a duration must be longer than zero"),
        (
            "name: a\nzone: Africa/Nairobbi",
            "x.yaml:2:7: error: zone: unknown time zone 'Africa/Nairobbi' (did you mean 'Africa/Nairobi'?)",
        ),
        (
            "name: a\ndevice_class: router",
            (
                "x.yaml:2:1: error: unknown key 'device_class'; "
                "known here: class, either, inner, kinds, name, names, on, ratio, retries, sets, zone"
            ),
        ),
    ],
)
def test_each_mistake_has_its_place_and_words(text: str, expected: str) -> None:
    assert messages(text) == [expected]


class Paired(Settings):
    states: dict[int, tuple[str, int]]


@pytest.mark.parametrize(("text", "missing"), [("[]", "12"), ("[ok]", "2")])
def test_a_list_that_is_too_short_is_told_by_what_is_missing(text: str, missing: str) -> None:
    with pytest.raises(InputError) as caught:
        validate(Paired, parse(f"states:\n  1: {text}", "x.yaml"))
    assert [str(finding) for finding in caught.value.findings] == [
        f"x.yaml:2:6: error: states.1: value {number} of the list is missing" for number in missing
    ]


def test_all_mistakes_come_at_once_in_order() -> None:
    assert messages("nam: a\nretries: x\ninner: {mode: 3}\n") == [
        "x.yaml:1:1: error: unknown key 'nam' (did you mean 'name'?)",
        "x.yaml:2:10: error: retries: must be a whole number, not 'x'",
        "x.yaml:3:15: error: inner.mode: 3 is not one of 'fast' or 'slow'",
    ]


@pytest.mark.parametrize("key", ["Field", "field", "v[3]", "int"])
def test_a_free_key_of_any_shape_is_part_of_the_place(key: str) -> None:
    assert messages(f"name: a\nsets:\n  {key}:\n    mode: x") == [
        f"x.yaml:4:11: error: sets.{key}.mode: 'x' is not one of 'fast' or 'slow'"
    ]


def test_each_branch_of_a_union_is_told_at_the_value() -> None:
    assert messages("name: a\neither: [1]") == [
        "x.yaml:2:9: error: either: must be a whole number, not a list",
        "x.yaml:2:9: error: either: must be text, not a list",
    ]


def test_a_list_is_not_too_short_because_an_item_is_wrong() -> None:
    class Listed(Settings):
        names: Annotated[tuple[str, ...], Field(min_length=1)]

    def told(text: str) -> str:
        with pytest.raises(InputError) as caught:
            validate(Listed, parse(text, "x.yaml"))
        return str(caught.value)

    assert told("names: [7]") == "x.yaml:1:9: error: names.0: must be text, not 7"
    assert told("names: []") == "x.yaml:1:8: error: names: is too short; it needs at least 1"


def test_a_part_of_a_document_is_validated_with_its_own_places() -> None:
    document = parse("sets:\n  - mode: slow\n  - mode: never\n", "x.yaml")
    assert validate_at(Inner, document, ("sets", 0)).mode == "slow"
    with pytest.raises(InputError) as caught:
        validate_at(Inner, document, ("sets", 1))
    assert str(caught.value) == "x.yaml:3:11: error: mode: 'never' is not one of 'fast' or 'slow'"


def test_data_may_be_given_apart_from_the_document() -> None:
    document = parse("sets:\n  - mode: slow\n", "x.yaml")
    assert validate_data(Inner, {"mode": "fast"}, document, ("sets", 0)).mode == "fast"


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        *(("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("2h", 7_200_000), ("1d", 86_400_000), ("1.5h", 5_400_000)),
        # Times 1000 in binary floating point these are no whole numbers.
        *(("1.005s", 1005), ("0.001s", 1), ("4.035s", 4035)),
    ],
)
def test_durations_are_read(text: str, milliseconds: int) -> None:
    assert parse_duration(text) == timedelta(milliseconds=milliseconds)


@pytest.mark.parametrize("text", ["", "5", "5 s", "-5s", "5S", "5s\n", "١s", "1e3s", "s", 5, None, True])
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is not a duration; write a number and a unit"):
        parse_duration(text)


def test_durations_are_whole_milliseconds_and_countable() -> None:
    with pytest.raises(ValueError, match=r"'0\.5ms': durations are whole milliseconds"):
        parse_duration("0.5ms")
    for text in ("9999999999999d", "9" * 400 + "d", "9" * 9000 + "ms"):
        with pytest.raises(ValueError, match="is longer than noc can count"):
            parse_duration(text)


@given(st.integers(0, 10**14))
def test_a_duration_comes_back_from_its_text(milliseconds: int) -> None:
    value = timedelta(milliseconds=milliseconds)
    assert parse_duration(format_duration(value)) == value


def test_durations_and_zones_are_written_as_people_write_them() -> None:
    assert TypeAdapter(Duration).dump_python(timedelta(minutes=90)) == "90m"
    assert TypeAdapter(TimeZone).dump_python(ZoneInfo("Asia/Bangkok")) == "Asia/Bangkok"
