"""Accounts come and go; what others wrote in the broker's files stays to the letter."""

from __future__ import annotations

import base64
import hashlib

from hypothesis import given
from hypothesis import strategies as st

from noc.app.brokeraccounts import (
    Accounts,
    hashed,
    rights_of_centre,
    rights_of_poller,
    rights_of_reader,
    user_of,
)

OTHERS = Accounts(
    "# mine\nscada:$7$101$x$y\n", "# all may\ntopic read weather/#\n\nuser scada\ntopic readwrite scada/#\n"
)
NAMES = st.sampled_from(["noc-poller-a", "noc-poller-a.b", "noc-poller-b", "noc-centre"])


def test_a_poller_may_do_what_is_its_own_and_see_who_is_there() -> None:
    made = OTHERS.having(user_of("nbo-1"), "$7$…", rights_of_poller("nbo-1"))
    assert made.passwords == OTHERS.passwords + "noc-poller-nbo-1:$7$…\n"
    assert made.access == OTHERS.access + (
        "\n"
        "user noc-poller-nbo-1\n"
        "topic write noc/v1/poller/nbo-1/presence\n"
        "topic write noc/v1/poller/nbo-1/observations\n"
        "topic write noc/v1/poller/nbo-1/samples\n"
        "topic write noc/v1/poller/nbo-1/tales\n"
        "topic read noc/v1/poller/nbo-1/acks\n"
        "topic read noc/v1/poller/nbo-1/plan\n"
        "topic read noc/v1/poller/nbo-1/orders\n"
        "topic read noc/v1/poller/nbo-1/incidents\n"
        "topic read noc/v1/poller/+/presence\n"
    )
    assert rights_of_centre() == [("readwrite", "noc/v1/#")]
    assert {right for right, _ in rights_of_reader()} == {"read"}


def test_who_was_let_in_by_an_older_noc_gets_what_is_missing_and_nothing_else_changes() -> None:
    rights = [one for one in rights_of_poller("a") if not one[1].endswith(("/tales", "/incidents"))]
    old = OTHERS.having(user_of("a"), "$7$old", [*rights, ("read", "mine/#")])
    old = old.having(user_of("b"), "$7$b", rights_of_poller("b"))
    assert old.lacking() == ("a",)
    made = old.completed()
    assert (made.lacking(), made.passwords) == ((), old.passwords)
    added = "topic write noc/v1/poller/a/tales\ntopic read noc/v1/poller/a/incidents\n"
    assert made.access.replace(added, "") == old.access
    assert made.completed() == made
    without = Accounts(old.passwords, OTHERS.access)
    assert without.lacking() == ("a", "b")
    assert without.completed().lacking() == ()
    assert without.completed().access.startswith(OTHERS.access)


@given(st.lists(st.tuples(NAMES, st.booleans())))
def test_whatever_comes_and_goes_others_stay_and_the_last_word_holds(steps: list[tuple[str, bool]]) -> None:
    accounts, there = OTHERS, dict[str, str]()
    for number, (name, comes) in enumerate(steps):
        if comes:
            there[name] = f"secret{number}"
            accounts = accounts.having(name, there[name], [("read", f"of/{name}/{number}")])
        else:
            there.pop(name, None)
            accounts = accounts.without(name)
    assert set(accounts.names()) == {"scada", *there}
    for name, secret in there.items():
        assert accounts.passwords.count(f"{name}:{secret}\n") == 1
        assert accounts.access.count(f"user {name}\n") == 1
    for name in there:
        accounts = accounts.without(name)
    assert accounts == OTHERS


def test_a_password_is_kept_as_mosquitto_reads_it() -> None:
    _, kind, rounds, salt, made = hashed("hunter2", b"0123456789ab").split("$")
    assert (kind, base64.b64decode(salt)) == ("7", b"0123456789ab")
    assert base64.b64decode(made) == hashlib.pbkdf2_hmac("sha512", b"hunter2", b"0123456789ab", int(rounds))


def test_a_name_that_begins_as_another_is_another() -> None:
    both = Accounts().having("noc-poller-a", "1", []).having("noc-poller-a.b", "2", [])
    assert both.without("noc-poller-a").names() == ("noc-poller-a.b",)
