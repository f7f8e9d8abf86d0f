"""YAML text to plain data with places; and nothing but InputError, whatever the text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from noc.model.errors import InputError
from noc.model.finding import Finding
from noc.settings import textfile, yamltext
from noc.settings.yamltext import SECRET_KEY, Data, Document, Place, core_scalar, parse, read
from tests.examples import at_least


def messages(text: str, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(InputError) as caught:
        parse(text, "x.yaml", environment)
    return [str(finding) for finding in caught.value.findings]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("010", "010"),
        ("12:30", "12:30"),
        ("2026-03-01", "2026-03-01"),
        ("1_000", "1_000"),
        ("2c", "2c"),
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("FALSE", False),
        ("0", 0),
        ("-7", -7),
        ("0o17", 15),
        ("0xff", 255),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e999", "1e999"),
        ("9" * 500, "9" * 500),
        ("0x" + "f" * 500, "0x" + "f" * 500),
        ("0o" + "7" * 500, "0o" + "7" * 500),
    ],
)
def test_a_plain_scalar_means_what_the_core_schema_says(text: str, value: object) -> None:
    result = core_scalar(text)
    assert result == value
    assert type(result) is type(value)


def test_quoted_scalars_and_keys_stay_text() -> None:
    document = parse("1: '1'\ntrue: \"true\"\nnull: |\n  0\n", "x.yaml")
    assert document.data == {"1": "1", "true": "true", "null": "0\n"}


def test_an_empty_document_is_nothing() -> None:
    assert parse("", "x.yaml").data is None
    assert parse("# only a comment\n", "x.yaml").data is None


def test_places_of_values_keys_and_what_is_missing() -> None:
    document = parse("sites:\n  nairobi:\n    tags: [core, vsat]\n", "x.yaml")
    assert document.place("sites", "nairobi", "tags") == Place("x.yaml", 3, 11)
    assert document.place("sites", "nairobi", "tags", 1) == Place("x.yaml", 3, 18)
    assert document.key_place("sites", "nairobi", "tags") == Place("x.yaml", 3, 5)
    assert document.key_place("sites", "nairobi", "tags", 0) == Place("x.yaml", 3, 12)
    assert document.place("sites", "nairobi", "latitude") == Place("x.yaml", 3, 5)
    assert document.place("regions", "africa") == Place("x.yaml", 1, 1)


def test_all_findings_of_the_text_come_at_once() -> None:
    text = "a: 1\nb: !!python/object:os.system x\na: 2\n<<: {c: 1}\n[d]: 1\nlist: !things [1]\n"
    assert messages(text) == [
        "x.yaml:2:4: error: unknown tag 'tag:yaml.org,2002:python/object:os.system'; only !secret is known",
        "x.yaml:3:1: error: duplicate key 'a'; it stands in line 1 already",
        "x.yaml:4:1: error: merge keys (<<) are not YAML 1.2; write the keys out",
        "x.yaml:5:1: error: a key must be a plain word",
        "x.yaml:6:7: error: unknown tag '!things'; only !secret is known",
    ]


def test_a_file_holds_one_document() -> None:
    assert messages("a: 1\n---\nb: 2\n") == ["x.yaml:2:1: error: a second document starts here; a file holds one"]


def test_syntax_errors_have_their_place() -> None:
    assert messages("a: 1\nb: [1, 2\nc: 3\n") == [
        "x.yaml:2:4: error: not valid YAML: the [ here is not closed: a ']', or a comma, is missing before line 3"
    ]
    [message] = messages("a:\n\t- 1\n")
    assert message.startswith("x.yaml:2:1: error: not valid YAML: a tab stands here")


@pytest.mark.parametrize("before", ["", "ä: ö\n", "name: 日本\nb: é"])
def test_a_control_character_is_found_where_it_stands(before: str) -> None:
    text = before + "x\x01y\n"
    line = text[: text.index("\x01")].count("\n") + 1
    column = text.index("\x01") - (text.rfind("\n", 0, text.index("\x01")) + 1) + 1
    assert messages(text) == [f"x.yaml:{line}:{column}: error: the control character U+0001 is not allowed; remove it"]


def test_environment_variables_are_replaced_in_scalars() -> None:
    text = "a: ${HOST}\nb: ${PORT:-162}\nc: $${HOST}\nd: '${EMPTY}'\ne: $HOST\n"
    assert parse(text, "x.yaml", {"HOST": "bds", "EMPTY": ""}).data == {
        "a": "bds",
        "b": 162,
        "c": "${HOST}",
        "d": "",
        "e": "$HOST",
    }
    assert parse("a: ${HOST}", "x.yaml").data == {"a": "${HOST}"}


def test_an_unset_variable_is_named() -> None:
    assert messages("a: 1\nb: x ${NOC_NOT_SET}\n", {}) == [
        "x.yaml:2:4: error: environment variable 'NOC_NOT_SET' is not set; set it or write ${NOC_NOT_SET:-default}"
    ]


def test_a_variable_that_is_not_text_is_named_without_its_value() -> None:
    assert messages("b: ${NOC_RAW}\n", {"NOC_RAW": "a\udcffb"}) == [
        "x.yaml:1:4: error: environment variable 'NOC_RAW' is not plain UTF-8 text"
    ]


def test_a_secret_reference_is_plain_data() -> None:
    document = parse("community: !secret file:community\n", "x.yaml")
    assert document.data == {"community": {SECRET_KEY: "file:community"}}
    assert document.place("community") == Place("x.yaml", 1, 12)


def test_an_alias_bomb_ends_in_an_error() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    [message] = messages("\n".join(levels))
    assert message == "x.yaml:7:10: error: more than 2000000 values; is an alias repeated without end?"


def test_a_file_has_a_bounded_number_of_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yamltext, "MAX_NODES", 4)
    assert parse("[1, 2, 3]", "x.yaml").data == [1, 2, 3]
    assert messages("[1, 2, 3, 4]") == ["x.yaml:1:11: error: more than 4 values; split the file"]


def test_a_chain_of_aliases_counts_as_depth() -> None:
    levels = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 3000)]
    [message] = messages("\n".join(levels))
    assert message == "x.yaml:64:12: error: nested deeper than 64 levels"


def test_aliases_in_reason_are_fine() -> None:
    document = parse("a: &list [1, 2]\nb: *list\nc: [*list, *list]\n", "x.yaml")
    assert document.data == {"a": [1, 2], "b": [1, 2], "c": [[1, 2], [1, 2]]}


def test_an_alias_needs_an_anchor_that_is_closed() -> None:
    assert messages("a: *b\n") == ["x.yaml:1:4: error: alias '*b' has no anchor before it"]
    assert messages("a: &a [*a]\n") == ["x.yaml:1:8: error: alias '*a' stands inside its own anchor"]


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}"), ("- ", "")])
def test_deep_nesting_ends_in_an_error(opening: str, closing: str) -> None:
    [message] = messages(opening * 5000 + closing * 5000)
    assert message.endswith("error: nested deeper than 64 levels")


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path / "absent.yaml")
    assert str(caught.value) == f"{tmp_path}/absent.yaml: error: can't be read: no such file or directory"

    latin = tmp_path / "latin.yaml"
    latin.write_bytes("name: Genève".encode("latin-1"))
    with pytest.raises(InputError) as caught:
        read(latin)
    assert str(caught.value) == f"{latin}: error: is not UTF-8 text (byte 9); save it as UTF-8"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textfile, "MAX_BYTES", 3)
    path = tmp_path / "big.yaml"
    path.write_text("a: 1\n")
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value) == f"{path}: error: 5 bytes is more than the 3 a file may have"


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    document = read(path)
    assert document.data == {"a": 1}
    assert document.key_place("a") == Place(str(path), 1, 1)


WORDS = st.from_regex(r"[A-Za-zÀ-ž日本][A-Za-z0-9 À-ž日本._-]{0,8}[A-Za-z0-9]", fullmatch=True)
TREES = st.recursive(
    WORDS | st.integers(-999, 999),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4)
        | st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)


def lines_of(tree: object, indent: str) -> list[str]:
    """Write block style by hand, so that the test shares nothing with what it tests."""
    if isinstance(tree, dict):
        return [
            line
            for key, value in tree.items()
            for line in (
                [f"{indent}{key}:", *lines_of(value, indent + "  ")]
                if isinstance(value, dict | list)
                else [f"{indent}{key}: {json.dumps(value, ensure_ascii=False)}"]
            )
        ]
    if isinstance(tree, list):
        return [
            line
            for value in tree
            for line in (
                [f"{indent}-", *lines_of(value, indent + "  ")]
                if isinstance(value, dict | list)
                else [f"{indent}- {json.dumps(value, ensure_ascii=False)}"]
            )
        ]
    return [f"{indent}{json.dumps(tree, ensure_ascii=False)}"]


def leaves(tree: Data, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Data]]:
    if isinstance(tree, dict):
        return [leaf for key, value in tree.items() for leaf in leaves(value, (*path, key))]
    if isinstance(tree, list):
        return [leaf for index, value in enumerate(tree) for leaf in leaves(value, (*path, index))]
    return [(path, tree)]


@given(TREES)
def test_the_place_of_every_scalar_points_at_its_text(tree: Data) -> None:
    lines = lines_of(tree, "")
    document = parse("\n".join(lines), "x.yaml")
    assert document.data == tree
    for path, value in leaves(tree):
        place = document.place(*path)
        assert lines[place.line - 1][place.column - 1 :] == json.dumps(value, ensure_ascii=False)
        if path and isinstance(path[-1], str):
            key = document.key_place(*path)
            assert lines[key.line - 1][key.column - 1 :].startswith(f"{path[-1]}:")


TOKENS = (
    *("a", "b: ", "- ", "\n", "  ", "[", "]", "{", "}", ",", "&a ", "*a", "!secret ", "!!str ", "'", '"', "|\n", "? "),
    *("#", "---\n", "...\n", "%YAML 1.2\n", "<<: ", "\t", "\x00", "é", "\u2028", "${A}", "0x1", "\\ud800"),
)
YAML_LIKE = st.lists(st.sampled_from(TOKENS), max_size=30).map("".join)


@at_least(60)
@given(st.text() | YAML_LIKE)
@example("a: &a\n  b: *a")
@example('"\\ud800"')
@example("a: 0x" + "f" * 5000)
def test_any_text_gives_a_document_or_an_input_error(text: str) -> None:
    findings: tuple[Finding, ...] = ()
    document: Document | None = None
    try:
        document = parse(text, "x.yaml", {"A": "value"})
    except InputError as error:
        findings = error.findings
    if document is not None:
        json.dumps(document.data, allow_nan=False).encode()
    else:
        assert findings
        assert all(finding.message and 0 <= finding.line <= len(text.splitlines()) + 2 for finding in findings)
