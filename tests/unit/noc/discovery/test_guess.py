"""Where a device may stand, and how it may be called."""

from __future__ import annotations

import pytest

from noc.discovery.guess import Sites, device_class, device_id
from noc.model.discovery import Found, Neighbour
from tests.unit.noc.discovery.houses import found, ground, placed


def test_a_written_network_says_most() -> None:
    sites = Sites(ground(subnets={"nairobi": ("10.0.0.0/8",), "brindisi": ("10.1.0.0/24",)}), {})
    guess = sites.guess(found("10.1.0.77", sys_name="nbo-sw-9"))
    assert guess is not None
    assert guess == ("brindisi", "is in the site's subnet 10.1.0.0/24")


def test_then_a_network_that_a_device_is_connected_to() -> None:
    seen = {"nbo-rtr-1": found("10.1.0.1", networks=("192.0.2.0/24", "10.0.0.0/8"))}
    sites = Sites(ground(), seen)
    assert sites.guess(found("192.0.2.9")) == (
        *("nairobi", "is in 192.0.2.0/24, which a device of the site is connected to"),
    )
    assert sites.guess(found("10.77.0.1")) is None  # a /8 says nothing


def test_a_network_between_two_sites_says_nothing() -> None:
    seen = {"nbo-rtr-1": found("10.1.0.1", networks=("192.0.2.0/30",))}
    seen["bds-rtr-1"] = found("10.2.0.1", networks=("192.0.2.0/30",))
    assert Sites(ground(), seen).guess(found("192.0.2.2")) is None


@pytest.mark.parametrize(
    ("seen", "said", "why"),
    [
        ({"nbo-sw-1": [Neighbour("lldp", "1", "ap-7.example.org", "0")]}, {"sys_name": "AP-7"}, "hear 'AP-7'"),
        ({}, {"neighbours": (Neighbour("cdp", "1", "NBO-SW-1(FDO1)", "1"),)}, "hears 'nbo-sw-1'"),
        ({}, {"sys_name": "NBO-vtc-3"}, "names there begin with 'nbo'"),
        ({}, {"sys_name": "x", "location": "UNON, Nairobi, block D"}, "sysLocation"),
        ({}, {"sys_name": "nairobi-ups"}, "names there begin with 'nairobi'"),
    ],
)
def test_neighbours_names_and_locations_tell(
    seen: dict[str, list[Neighbour]], said: dict[str, object], why: str
) -> None:
    heard = {key: found("10.1.0.2", neighbours=tuple(some)) for key, some in seen.items()}
    guess = Sites(ground(), heard).guess(found("203.0.113.9", **said))
    assert guess is not None
    assert guess.site == "nairobi"
    assert why in guess.why


def test_near_addresses_tell_unless_they_are_of_two_sites() -> None:
    assert Sites(ground(), {}).guess(found("10.1.0.200")) == ("nairobi", "2 devices of the site are in the same /24")
    assert Sites(ground(), {}).guess(found("10.3.0.1")) is None
    mixed = ground(placed("x", "10.1.0.201", "brindisi"))
    assert Sites(mixed, {}).guess(found("10.1.0.202")) == ("brindisi", "a device of the site is in the same /30")
    assert Sites(ground(placed("x", "10.1.0.90", "brindisi")), {}).guess(found("10.1.0.200")) is None


def test_the_last_resort_is_the_site_that_was_asked_for() -> None:
    guess = Sites(ground(), {}, "brindisi").guess(found("198.51.100.1"))
    assert guess == ("brindisi", "was looked for from this site")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("GVA-SW-1.example.org", "gva-sw-1"),
        ("nbo-rtr-1", "nbo-rtr-1-2"),
        ("Сервер", "device-10.9.0.1"),
        ("../../etc/passwd", "device-10.9.0.1"),
        ("<script>alert(1)</script>", "script-alert-1-script"),
        ("\n- evil: true", "evil-true"),
        ("x" * 300, "x" * 100),
        (None, "device-10.9.0.1"),
        ("", "device-10.9.0.1"),
    ],
)
def test_ids_are_made_of_what_devices_call_themselves(name: str | None, wanted: str) -> None:
    taken = set(ground().inventory.devices)
    made = device_id(found("10.9.0.1", sys_name=name), taken)
    assert made == wanted
    assert device_id(Found("2001:db8::1"), taken) == "device-2001-db8--1"


def test_only_classes_that_there_are_are_proposed() -> None:
    assert device_class(found("10.0.0.1", device_class="router")) == "router"
    assert device_class(found("10.0.0.1", device_class="toaster")) == "other"


def test_a_class_that_no_profile_tells_is_guessed_by_the_name() -> None:
    sites = Sites(ground(), {})
    assert sites.device_class(found("10.0.0.1", sys_name="gva-sw7-2")) == "switch"
    assert sites.device_class(found("10.0.0.1", sys_name="gva-sw-2", device_class="router")) == "router"
    assert sites.device_class(found("10.0.0.1", sys_name="gva-sw-rtr")) == "other"  # two words that contradict
    assert sites.device_class(found("10.0.0.1")) == "other"
