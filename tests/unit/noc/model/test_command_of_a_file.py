"""On a platform that a file alone describes, a Command is words behind `show` or `display`, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.command import Command, Platform

PLAIN: Platform = "nokia-sros"
"""A platform of a file alone: nobody here has read what else its `show` takes."""


@pytest.mark.parametrize("text", ["show router bgp summary", "display version", "show interfaces ge-0/0/1.100"])
def test_on_a_platform_of_a_file_what_shows_is_run(text: str) -> None:
    assert Command(PLAIN, text).line == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "get system status",
            "print",
            "admin display-config",
            "configure",
            "shows version",
            "show",
            "show ",
            " show x",
        ),
        *(
            "show  x",
            "show -x",
            "display a.png -write /etc/x",
            "display a.png -resize 3",
            "display a.png /etc/x",
            "show monitor",
            "show x | no-more",
            "show x > cf3:x",
            "show $(reboot)",
            "show `reboot`",
            "show [/reboot]",
        ),
        *("show {x}", "show 'x'", 'show "x"', "show x\nreboot", "show x\rreboot", "show x;reboot", "show x&reboot"),
        *("show x*", "show ~", "show #", "show x=1", "show x\\", "show x?", "show x!", "show tech-support", "show é"),
    ],
)
def test_on_a_platform_of_a_file_nothing_else_is_run(text: str) -> None:
    with pytest.raises(ValueError, match="is not run on nokia-sros"):
        Command(PLAIN, text)


@given(st.text() | st.from_regex(r"(show|display) [ -~\n]*", fullmatch=True))
def test_what_runs_on_a_platform_of_a_file_is_words_alone(text: str) -> None:
    try:
        command = Command(PLAIN, text)
    except ValueError:
        return
    assert command.text.split()[0] in ("show", "display")
    assert set(command.text) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._:/,-")
