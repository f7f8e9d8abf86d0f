"""A profile begun from a recording: it is a file that loads, and holds what noc did not know."""

from __future__ import annotations

import functools
from pathlib import Path

from noc.inventory.profiles.draft import Plain, Samples, draft, text_or_octets
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.profiles.load import load_names, load_profiles
from noc.inventory.profiles.names import Names
from noc.inventory.shipped import shipped
from tests.families import some_families

PROFILES, _ = kept_profiles([shipped("profiles")])
ACME = (1, 3, 6, 1, 4, 1, 32473)


def agent(**more: Plain) -> dict[tuple[int, ...], Plain]:
    return {
        (1, 3, 6, 1, 2, 1, 1, 1, 0): "Acme 'Relay' 7\x1b[2J",
        (1, 3, 6, 1, 2, 1, 1, 2, 0): "1.3.6.1.4.1.32473.7.1.2",
        (1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 1): "eth0",
        (*ACME, 1, 1, 0): 42,
        (*ACME, 1, 2, 0): "up",
        **{(*ACME, 2, 1, column, row): row * column for column in (1, 2, 3) for row in (0, 1, 2)},
    }


@functools.cache
def names() -> Names:
    return load_names([shipped("profiles")])


def begun(tmp_path: Path, recorded: Samples) -> str:
    """Return a draft that loads beside the generic family and what that extends."""
    text = draft("Acme's relay", recorded, PROFILES, names())
    others = some_families(["generic"], tmp_path / "shipped")
    (tmp_path / "acme-relay.yaml").write_text(text)
    profiles, findings = load_profiles([others, tmp_path])
    assert [str(finding) for finding in findings] == []
    assert "acme-relay" in profiles
    return text


def test_it_loads_and_names_the_family_scalars_and_tables(tmp_path: Path) -> None:
    text = begun(tmp_path, agent())
    assert "sys_object_id: 1.3.6.1.4.1.32473.7" in text
    assert "object32473_1_1: {oid: 1.3.6.1.4.1.32473.1.1}   # 42" in text
    assert "object32473_1_2: {oid: 1.3.6.1.4.1.32473.1.2, type: string}   # up" in text
    assert "oid: 1.3.6.1.4.1.32473.2.1" in text
    assert "Column3: {id: 3}" in text
    assert "ifTable: 1 (generic)" in text
    assert "\x1b" not in text


def test_an_agent_without_a_sysobjectid_is_matched_by_its_description(tmp_path: Path) -> None:
    recorded = agent()
    del recorded[1, 3, 6, 1, 2, 1, 1, 2, 0]
    assert "sys_descr: 'Acme'" in begun(tmp_path, recorded)


def test_what_noc_knows_by_name_is_not_repeated_under_made_up_names(tmp_path: Path) -> None:
    known = {(1, 3, 6, 1, 2, 1, 33, 1, 2, 4, 0): 100, (1, 3, 6, 1, 4, 1, 8000, 22, 2, 1, 0): 135}
    assert "8000" not in begun(tmp_path, agent() | known)


def test_octets_that_are_no_text_are_shown_in_hexadecimal(tmp_path: Path) -> None:
    octets = {
        (*ACME, 1, 3, 0): text_or_octets(b"\x07\xea\x0b\x15"),  # a DateAndTime
        (*ACME, 1, 4, 0): text_or_octets(b"\x00\x01"),
        (*ACME, 1, 5, 0): text_or_octets(b"Rev C\0\0"),
    }
    text = begun(tmp_path, agent() | octets)
    assert "{oid: 1.3.6.1.4.1.32473.1.3, type: hex}   # 07 ea 0b 15" in text
    assert "{oid: 1.3.6.1.4.1.32473.1.4, type: hex}   # 00 01" in text
    assert "{oid: 1.3.6.1.4.1.32473.1.5, type: string}   # Rev C" in text
    assert all(one.isprintable() or one == "\n" for one in text)
    assert "\ufffd" not in text
