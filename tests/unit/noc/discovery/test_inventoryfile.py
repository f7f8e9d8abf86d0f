"""Devices written into a file of the inventory that people write too."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.discovery.inventoryfile import read_or_none, with_devices, write_whole
from noc.model.errors import InputError, UsageError
from noc.settings.yamltext import parse

NEW = {"nbo-ups-1": {"name": "UPS, block D", "site": "nairobi", "address": "10.1.0.9", "class": "ups"}}


def data(text: str) -> object:
    return parse(text, "f", {}).data


def test_the_first_device_makes_the_file() -> None:
    text = with_devices(None, NEW, "f")
    assert text.startswith("# Devices that were found")
    assert text.endswith(
        'devices:\n  nbo-ups-1:\n    name: "UPS, block D"\n    site: nairobi\n    address: "10.1.0.9"\n    class: ups\n'
    )


KEPT = """\
# ours
devices:
    a:    # the first
        {site: x, address: 10.0.0.1, class: router}

    b: {site: x, address: 10.0.0.2, class: router}   # the second
    # that was all

# sites follow
sites:
    x: {region: r}
"""


def test_comments_and_what_follows_stay_where_they_are() -> None:
    text = with_devices(KEPT, NEW, "f")
    before, after = text.split("    nbo-ups-1:\n")
    assert before + after.partition("class: ups\n")[2] == KEPT
    assert "# the second\n    # that was all\n    nbo-ups-1:" in text
    assert list(data(text)["devices"]) == ["a", "b", "nbo-ups-1"]  # type: ignore[index]


@pytest.mark.parametrize(
    "old",
    [
        "",
        "\n\n",
        "# nothing yet\n",
        "devices:\n",
        "devices: # none\n",
        "sites: {x: {region: r}}\n",
        "---\ndevices:\n  a: {site: x}\n...\n",
        "devices:\n  a: {site: x}",  # no line feed at the end
        "devices:\n  a:\n    site: x\n    name: |\n      long\n      text\n",
        'devices:\n  a: {name: "two\u2028lines"}\n',
    ],
)
def test_it_reads_back_as_what_it_was_and_the_new_device(old: str) -> None:
    before = parse(old, "f").data or {}
    assert isinstance(before, dict)
    found = data(with_devices(old, NEW, "f"))
    assert found == {**before, "devices": {**(before.get("devices") or {}), **NEW}}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("old", "said"),
    [
        ("devices: {a: {site: x}}\n", "can't be added"),
        ("devices: {}\n", "can't be added"),
        ("- a\n", "holds no mapping"),
        ("devices:\n  nbo-ups-1: {site: x}\n", "stands there already"),
        ("{devices: {a: {site: x}}}\n", "can't be added"),
    ],
)
def test_what_can_not_be_added_to_is_refused(old: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        with_devices(old, NEW, "f")


def test_a_file_that_is_wrong_is_not_touched() -> None:
    with pytest.raises(InputError):
        with_devices("devices: [", NEW, "f")


@given(st.text(min_size=1, max_size=60))
def test_whatever_a_device_calls_itself_stays_its_name(name: str) -> None:
    text = with_devices(KEPT, {"d": {"name": name, "address": "10.0.0.1"}}, "f")
    printable = "".join(one for one in name if one.isprintable())
    assert data(text)["devices"]["d"] == {"name": printable, "address": "10.0.0.1"}  # type: ignore[index]


@pytest.mark.parametrize(
    "name", ["${HOME}", "$${x}", "!secret file:/etc/shadow", "null", "*a", "x\n  evil: {}", "- a", "a: b"]
)
def test_a_hostile_name_is_a_name(name: str) -> None:
    found = data(with_devices(None, {"d": {"name": name}}, "f"))
    assert found["devices"]["d"] == {"name": name.replace("\n", "")}  # type: ignore[index]


def test_a_file_is_replaced_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "discovered.yaml"
    assert read_or_none(path) is None
    write_whole(path, "devices:\n")
    path.chmod(0o640)
    write_whole(path, KEPT)
    assert read_or_none(path) == KEPT
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["discovered.yaml"]
    write_whole(path, None)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be written"):
        write_whole(tmp_path / "gone" / "discovered.yaml", KEPT)
