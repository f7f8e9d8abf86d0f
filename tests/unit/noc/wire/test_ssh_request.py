"""What goes over SSH: text made clean, secrets not shown."""

from __future__ import annotations

import socket
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.settings.secrets import Secret
from noc.wire.ssh.request import Link, SshLogin, clean, last_line


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("", ""),
        ("\r\n a\r\nb\n\n", " a\nb"),
        ("a\rb", "a\nb"),
        ("\x1b[31;1mred\x1b[0m", "red"),
        ("\x1b[?2004l\rtext", "text"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]0;title\x1b\\text", "text"),
        ("\x1b(B\x1bMtext\x1b=", "text"),
        ("tab\there", "tab\there"),
        ("bell\x07 null\x00 delete\x7f c1\x9b", "bell� null� delete� c1�"),
        ("turned \u202eround", "turned �round"),
        ("عربي 中文 é €", "عربي 中文 é €"),
        ("\x1b", "�"),
    ],
)
def test_text_of_a_device_is_made_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(st.text())
def test_clean_text_is_printable_and_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    assert all(character.isprintable() or character in "\n\t" for character in cleaned)
    assert clean(cleaned) == cleaned
    assert last_line(text).isprintable()
    assert len(last_line(text)) <= 120


def test_the_last_word_is_the_last_line_with_text() -> None:
    assert last_line("one\r\n\x1b[1mtwo\x1b[0m \r\n \n") == "two"
    assert last_line("x" * 500) == "x" * 120
    assert last_line("\n \r\n") == ""


def test_a_log_in_shows_no_secret() -> None:
    login = SshLogin("noc", Secret("tell-nobody"), Secret("tell-nobody"), Secret("tell-nobody"), Secret("tell-nobody"))
    assert "tell-nobody" not in f"{login} {login!r}"
    with pytest.raises(TypeError, match="a Secret is not pickled"):
        asdict(login)


def test_a_link_that_is_cut_wakes_its_reader_and_may_be_cut_again() -> None:
    here, there = socket.socketpair()
    with here, there:
        link = Link(here)
        assert not link.is_cut
        link.cut()
        assert link.is_cut
        assert here.recv(1) == b""
        link.cut()
    link.cut()
