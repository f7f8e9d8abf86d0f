from __future__ import annotations

import json

from noc.web.keys import KEYS, LETTERS, for_script, letters
from noc.web.navigation import BAR, MAILBOX, MORE, Entry


def test_every_page_of_the_menu_has_a_letter_of_its_own() -> None:
    pages = [one.address for one in (*BAR, *MORE, MAILBOX)]
    assert sorted(LETTERS) == sorted(set(pages))
    assert len(set(LETTERS.values())) == len(LETTERS)
    assert all(letter.isalpha() and len(letter) == 1 for letter in LETTERS.values())


def test_letters_that_people_know_stay() -> None:
    assert [LETTERS[page] for page in ("/problems", "/sites", "/top", "/availability")] == ["p", "s", "t", "a"]


def test_a_page_that_comes_takes_a_free_letter_and_moves_none_before_it() -> None:
    before = letters(BAR)
    after = letters((*BAR, Entry("/ppp", "P")))
    assert {key: after[key] for key in before} == before
    assert after["/ppp"] not in before.values()


def test_the_script_gets_addresses_by_letter() -> None:
    assert json.loads(for_script(BAR))["p"] == "/problems"


def test_no_key_stands_twice_in_the_list() -> None:
    pressed = [key for keys, _ in KEYS for key in keys.split(" ")]
    assert len(set(pressed)) == len(pressed)
