"""Words of commands: each has to be known to show and do nothing, wherever it stands."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.command import MAX_COMMAND_CHARACTERS, PLATFORMS, Command, Platform
from noc.model.commandvocabulary import NAMED, SHOWN
from noc.model.commandwords import ACTING

LISTED: tuple[Platform, ...] = ("linux", "fortinet", "mikrotik")
CLI: tuple[Platform, ...] = tuple(platform for platform in PLATFORMS if platform not in LISTED)
OF_A_FILE: Platform = "nokia-sros"
VERBS = {platform: "display" if platform in ("hp-comware", "huawei-vrp") else "show" for platform in CLI}


@pytest.mark.parametrize("platform", CLI)
def test_each_cli_has_its_own_verb(platform: Platform) -> None:
    other = "show" if VERBS[platform] == "display" else "display"
    with pytest.raises(ValueError, match=f"noc runs only `{VERBS[platform]} …`"):
        Command(platform, f"{other} version")


ACTING_COMMANDS = [
    "{verb} platform hardware qfp active statistics drop clear",
    "{verb} platform hardware qfp active statistics drop Clear",
    "{verb} platform hardware qfp active statistics drop cle",
    "{verb} platform hardware qfp active statistics drop clear_drop",
    "{verb} interfaces counters clear-on-read",
    "{verb} logging process wncd to-file bootflash:x.txt",
    "{verb} logging process wncd bootflash:x.txt",
    "{verb} logbuffer save",
    "{verb} logbuffer sav",
    "{verb} running-config file disk0:x",
    "{verb} crashinfo save",
    "{verb} monitor capture buffer x export tftp://192.0.2.1/x",
    "{verb} reload x",
    "{verb} processes stop",
    "{verb} x set",
    "{verb} interfaces tech-support",
    "{verb} TECH-SUPPORT",
]


@pytest.mark.parametrize("text", ACTING_COMMANDS)
def test_a_word_behind_the_verb_that_acts_is_refused(text: str) -> None:
    for platform in (*CLI, OF_A_FILE):
        with pytest.raises(ValueError, match=f"is not run on {platform}"):
            Command(platform, text.format(verb=VERBS.get(platform, "show")))


def test_quotes_do_not_hide_a_word_that_acts() -> None:
    for word in ('"clear"', 'cle"a"r', "(clear)", "[save]"):
        with pytest.raises(ValueError, match="is not run on cisco-ios"):
            Command("cisco-ios", f"show x {word}")


@pytest.mark.parametrize(
    ("platform", "text"),
    [
        ("cisco-ios", "show logging | include clear"),
        ("cisco-ios", "show startup-config"),
        ("cisco-ios", "show clock detail"),
        ("cisco-ios", "show file systems"),
        ("cisco-ios", "show monitor session all"),
        ("cisco-ios", "show flash:"),
        ("cisco-nxos", "show system reset-reason"),
        ("arista-eos", "show reload cause"),
        ("huawei-vrp", "display mpls te tunnel"),
        ("cisco-asa", "show crypto ipsec sa detail"),
        ("vyos", "show vpn ipsec sa"),
        ("cisco-iosxr", "show configuration commit list"),
        ("cisco-ios", "show bgp ipv6 unicast neighbors fe80::1"),
    ],
)
def test_what_shows_alone_is_run_though_it_looks_like_a_word_that_acts(platform: Platform, text: str) -> None:
    assert Command(platform, text).line == text


@pytest.mark.parametrize("platform", [*CLI, "nokia-sros"])
@pytest.mark.parametrize(
    "rest", ["frobnicate", "version frobnicate", "interface up x", "ip route commit-now", "'version'"]
)
def test_a_word_that_nobody_knows_to_show_is_not_run(platform: Platform, rest: str) -> None:
    with pytest.raises(ValueError, match=f"is not run on {platform}"):
        Command(platform, f"{VERBS.get(platform, 'show')} {rest}")


def test_the_message_names_the_word_and_the_nearest_that_is_known() -> None:
    with pytest.raises(
        ValueError, match=r"'summry' is no word that noc knows to show alone \(did you mean 'summary'\?\)"
    ):
        Command("cisco-ios", "show ip bgp summry")


@pytest.mark.parametrize(
    "text",
    [
        "show bgp vrf CUST-A ipv4 unicast summary",
        "show interfaces GigabitEthernet0/1 transceiver detail",
        "show ip route vrf Red_1 192.0.2.0/24",
        "show bgp ipv6 unicast neighbors 2001:db8::1",
        "show ospf neighbor instance core",
        "show interface Bundle-Ether100.200",
        "show processes cpu history",
    ],
)
def test_names_stand_behind_words_that_announce_them_and_numbers_anywhere(text: str) -> None:
    assert Command("cisco-iosxr", text).line == text


@given(st.sampled_from([*CLI, "nokia-sros"]), st.lists(st.text("abcdeghjklmopqrstuvwxyz-", min_size=1), min_size=1))
def test_what_runs_holds_known_words_alone(platform: Platform, words: list[str]) -> None:
    text = " ".join([VERBS.get(platform, "show"), *words])
    try:
        Command(platform, text)
    except ValueError:
        return
    assert all(word in SHOWN or before in NAMED for before, word in zip(["", *words], words, strict=False))


def test_every_command_that_acts_has_no_word_in_the_vocabulary() -> None:
    assert not SHOWN & ACTING
    refused = {"up", "ap", "run", "conf", "rel", "wr", "clear-on-read", "commit-now", "tech-support", "redirect"}
    assert not SHOWN & refused


def test_what_is_exempt_is_so_alone() -> None:
    for text in ("show reload clear", "show monitor session 1 clear", "show file systems save", "show ipsec sa sa"):
        with pytest.raises(ValueError, match="may do more than show"):
            Command("cisco-ios", text)


@given(
    st.sampled_from(sorted(ACTING)),
    st.integers(1, 9),
    st.lists(st.sampled_from(["ip", "vrf", "x", "0/1"]), max_size=3),
    st.sampled_from(["cisco-iosxe", "arista-eos", "nokia-sros"]),
)
def test_a_word_that_acts_is_refused_wherever_it_stands_and_however_short(
    word: str, letters: int, before: list[str], platform: Platform
) -> None:
    text = " ".join(["show", "ip", *before, word[:letters].upper(), "x"])
    with pytest.raises(ValueError, match="is not run on"):
        Command(platform, text)


@pytest.mark.parametrize("name", ["", "Cisco", "a b", "../x", "-x", "x" * 41, "x\n"])
def test_a_name_that_is_none_of_a_platform_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no platform: small letters"):
        Command(name, "show version")


def test_a_command_is_frozen_and_a_copy_is_checked_too() -> None:
    command = Command("linux", "uptime")
    with pytest.raises(FrozenInstanceError):
        command.text = "reboot"  # type: ignore[misc]
    with pytest.raises(ValueError, match="'reboot' is not run on linux"):
        replace(command, text="reboot")
    with pytest.raises(ValueError, match="is not run on cisco-ios"):
        replace(command, platform="cisco-ios")


def test_a_line_that_would_wrap_is_refused() -> None:
    long = "show vrf " + "x" * 60 + " detail vrf " + "x" * 60 + " brief" * 9 + " bgp"
    long += " " + "1" * (MAX_COMMAND_CHARACTERS - len(long) - 1)
    assert len(long) == MAX_COMMAND_CHARACTERS
    assert Command("cisco-ios", long).text == long
    with pytest.raises(ValueError, match="longer than 200 characters"):
        Command("cisco-ios", long + "1")


def test_the_message_repeats_no_control_characters_of_the_text() -> None:
    with pytest.raises(ValueError, match="is not run on linux") as raised:
        Command("linux", "\x1b[2J\n" + "x" * 100)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 300


@given(
    st.sampled_from(PLATFORMS),
    st.text() | st.from_regex(r"(show|display|cat|df|ip|uptime|get|export)[ -~\n]*", fullmatch=True),
)
def test_nothing_that_separates_redirects_or_substitutes_ever_passes(platform: Platform, text: str) -> None:
    try:
        command = Command(platform, text)
    except ValueError:
        return
    assert command.text.isprintable()
    assert command.text == command.text.strip() or platform != "linux"
    assert not set(command.text) & set(";&`<>\\!?")
    assert platform != "linux" or not set(command.text) & set("|$*(){}[]'\"~#")
    assert ".." not in command.text or platform != "linux"
