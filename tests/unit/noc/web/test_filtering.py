from __future__ import annotations

import pytest

from noc.web.filtering import Key, Term, completions, merged, read, shortcut, written

KEYS = {
    "severity": Key("word", ("critical", "major")),
    "priority": Key("number", ("1", "2")),
    "owner": Key("name", ("me", "*", "Kofi Mensah")),
    "since": Key("length"),
    "region": Key("word", ("africa", "asia")),
}


def test_terms_are_read_with_their_places() -> None:
    text = 'severity:critical,major -owner:* since:<2h  "two words" rtr'
    query = read(text, KEYS)
    assert query.faults == ()
    assert query.terms == (
        Term("severity", ("critical", "major")),
        Term("owner", ("*",), is_not=True),
        Term("since", ("2h",), sign="<"),
        Term("", ("two words",)),
        Term("", ("rtr",)),
    )
    written_at = [text[term.at : term.end] for term in query.terms]
    assert written_at == ["severity:critical,major", "-owner:*", "since:<2h", '"two words"', "rtr"]


@pytest.mark.parametrize(
    ("text", "said", "part"),
    [
        ("a severty:major", "Did you mean", "severty:major"),
        ("wxyz:1", "put quotes", "wxyz:1"),
        ("severity:loud b", "write one of", "severity:loud"),
        ("priority:high", "no number", "priority:high"),
        ("since:<2", "length of time", "since:<2"),
        ("since:", "lacks a value", "since:"),
        ('a "b', "not closed", '"b'),
    ],
    ids=["near", "unknown", "word", "number", "length", "empty", "quote"],
)
def test_what_is_not_understood_is_told_with_its_place_and_the_rest_holds(text: str, said: str, part: str) -> None:
    query = read(text, KEYS)
    (fault,) = query.faults
    assert said in fault.said
    assert text[fault.at : fault.end] == part
    assert len(query.terms) == len(text.split()) - 1


@pytest.mark.parametrize(
    "text", ["severity:critical,major", "-owner:*", "since:<2h", "priority:>=2", 'owner:"Kofi Mensah"', '"a, b"']
)
def test_a_term_is_written_as_it_was_read(text: str) -> None:
    (term,) = read(text, KEYS).terms
    assert written(term) == text


def test_a_device_name_or_address_is_a_text() -> None:
    texts = ["10.1.2.3", "device/nbo-rtr-1", "peer/x/bgp:10.0.0.1", "2001:db8::1", "#12"]
    query = read(" ".join(texts), KEYS)
    assert [term.values[0] for term in query.terms] == texts


@pytest.mark.parametrize(
    ("text", "was", "chosen", "made"),
    [
        ("", "", {"severity": "major"}, "severity:major"),
        ("rtr severity:major", "rtr severity:major", {"severity": "critical"}, "rtr severity:critical"),
        ("rtr severity:major", "rtr severity:major", {"severity": ""}, "rtr"),
        ("rtr severity:major", "rtr", {"severity": ""}, "rtr severity:major"),
        ("severity:critical,major", "severity:critical,major", {"severity": "="}, "severity:critical,major"),
        ("", "", {"owner": "Kofi Mensah", "region": "asia"}, 'owner:"Kofi Mensah" region:asia'),
        ("-owner:me", "-owner:me", {"owner": "Kofi Mensah"}, 'owner:"Kofi Mensah"'),
    ],
    ids=["link", "changed", "cleared", "typed", "as-written", "quoted", "turned"],
)
def test_selects_write_the_filter_and_leave_alone_what_they_did_not_change(
    text: str, was: str, chosen: dict[str, str], made: str
) -> None:
    assert merged(text, was, chosen, KEYS) == made


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("severity:major", "major"),
        ("severity:*", "="),
        ("-severity:major", "="),
        ("severity:major,critical", "="),
    ],
)
def test_a_select_shows_what_it_can(text: str, shown: str) -> None:
    assert shortcut(read(text, KEYS), "severity") == shown


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("rtr se", ["rtr severity:"]),
        ("-o", ["-owner:"]),
        ("severity:cr", ["severity:critical"]),
        ("severity:critical,", ["severity:critical,critical", "severity:critical,major"]),
        ("owner:ko", ['owner:"Kofi Mensah"']),
        ("nothing:", []),
        ("since:", ["since:<1h", "since:<24h", "since:>1h", "since:>1d"]),
    ],
)
def test_a_word_that_is_begun_is_completed(text: str, made: list[str]) -> None:
    assert completions(text, KEYS) == made


def test_an_empty_filter_proposes_its_keys() -> None:
    assert completions("", KEYS) == [f"{key}:" for key in KEYS]


@pytest.mark.parametrize(
    ("text", "number", "holds"),
    [
        ("since:<2h", 7_199, True),
        ("since:<2h", 7_200, False),
        ("since:>=1d", 86_400, True),
        ("priority:1,2", 2, True),
        ("priority:<=2", 3, False),
        ("priority:*", 3, True),
    ],
)
def test_numbers_and_lengths_compare(text: str, number: float, holds: bool) -> None:
    (term,) = read(text, KEYS).terms
    assert term.holds_number(number) is holds
    assert not term.holds_number(None)


def test_a_name_takes_stars_and_no_other_pattern() -> None:
    (term,) = read("owner:kofi*", KEYS).terms
    assert term.holds_name("Kofi Mensah")
    assert not term.holds_name("", None, "Amina")
    (term,) = read("owner:[k]ofi", KEYS).terms
    assert not term.holds_name("kofi")
    assert term.holds_name("[K]ofi")


def test_a_filter_is_bounded() -> None:
    assert len(read("a " * 400, KEYS).terms) == 30
    assert "at most" in read("a " * 400, KEYS).faults[0].said
