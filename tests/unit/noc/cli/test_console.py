"""What reaches a terminal can't drive it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.cli._console import print_json, printable


@given(st.text())
def test_printable_text_has_no_control_characters(text: str) -> None:
    assert printable(text).isprintable()


def test_json_escapes_every_control_character_and_keeps_every_language(capsys: pytest.CaptureFixture[str]) -> None:
    controls = "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0))))
    document = {"name": f"نيروبي 内罗毕 {controls}"}
    print_json(document)
    printed = capsys.readouterr().out
    assert json.loads(printed) == document
    assert "نيروبي 内罗毕" in printed
    assert not any(char in controls.replace("\n", "") for char in printed)


def test_isolates_are_left_out_of_what_a_terminal_shows() -> None:
    assert printable("الجهاز \u2068nbo-rtr-1\u2069 لا يجيب") == "الجهاز nbo-rtr-1 لا يجيب"
