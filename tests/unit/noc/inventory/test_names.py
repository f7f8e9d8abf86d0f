"""The nearest name, among few and among many."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.names import Names

MANY = {
    f"{place}-{kind}-{number}" for place in ("nbo", "bds", "vlc") for kind in ("rtr", "sw") for number in range(400)
}
SHARED = Names(MANY)


def test_few_names_are_searched_whole() -> None:
    names = Names({"cisco-iosxe", "generic"})
    assert "generic" in names
    assert names.hint("cisco-iosxz") == " (did you mean 'cisco-iosxe'?)"
    assert names.hint("zzz") == ""
    assert Names(()).hint("x") == ""


def test_many_names_are_sifted_by_one_letter() -> None:
    assert SHARED.hint("nbo-rtt-17") == " (did you mean 'nbo-rtr-17'?)"
    assert SHARED.hint("nb-rtr-17") == " (did you mean 'nbo-rtr-17'?)"
    assert SHARED.hint("nbo-rtrr-17") == " (did you mean 'nbo-rtr-17'?)"
    assert SHARED.hint("nbo-rrt-17") == " (did you mean 'nbo-rtr-17'?)"
    assert SHARED.hint("completely-else") == ""
    assert SHARED.hint("x" * 5000) == ""


@given(st.sampled_from(sorted(MANY)), st.integers(0, 20), st.sampled_from("abcxyz0129-"), st.sampled_from("adr"))
def test_one_wrong_letter_always_gives_a_known_name(name: str, where: int, letter: str, how: str) -> None:
    at = where % len(name)
    wrong = {
        "a": name[:at] + letter + name[at:],
        "d": name[:at] + name[at + 1 :],
        "r": name[:at] + letter + name[at + 1 :],
    }[how]
    hint = SHARED.hint(wrong)
    assert hint.removeprefix(" (did you mean '").removesuffix("'?)") in MANY
