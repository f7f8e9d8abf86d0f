"""What is found by which text, by whom, and how fast."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from time import perf_counter

import pytest

from noc.api.routes import routes
from noc.http.scope import Scope
from noc.http.searchindex import (
    AddressIndex,
    SearchIndex,
    Thing,
    first_of_each,
    inventory_index,
    mac,
    words_of,
)
from noc.http.searchstanding import Standing
from noc.i18n.language import language
from noc.inventory.entities import Circuit, Site
from noc.inventory.inventory import Inventory
from noc.model.snapshot import Snapshot
from tests.live.paged import snapshot_of
from tests.unit.noc.http.house import CIRCUIT, FREE_PORT, INVENTORY, House, build


def keys(text: str, inventory: Inventory = INVENTORY) -> list[str]:
    hits = [*AddressIndex(inventory).find(text), *inventory_index(inventory).find(text)]
    found, _ = first_of_each(hits, lambda _: True, 10, 100)
    return [hit.thing.key for listed in found.values() for hit in listed]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nbo-rtr-1", ["nbo-rtr-1"]),
        ("NAIROBI", ["nairobi", "nbo-sat"]),
        ("192.0.2.1", ["nbo-rtr-1"]),
        ("192.0.2.", ["nbo-rtr-1", "nbo-ups-1", "bgf-rtr-1"]),
        ("192.0.2.2/31", ["nbo-ups-1", "bgf-rtr-1"]),
        ("192.0.2.0/24", ["nbo-rtr-1", "nbo-ups-1", "bgf-rtr-1"]),
        ("2001:db8::/32", ["bds-rtr-1"]),
        ("africa", ["africa"]),
        ("core", ["nbo-rtr-1", "nbo-ups-1", "bgf-rtr-1", "bds-rtr-1"]),
        ("nothing", []),
        ("  ", []),
        ("\n", []),
    ],
)
def test_things_are_found_by_what_they_are_called(text: str, found: list[str]) -> None:
    assert keys(text) == found


def test_circuits_are_found_by_what_their_provider_calls_them() -> None:
    fields = {**CIRCUIT.model_dump(by_alias=True), "provider": "SES", "provider_reference": "SVC-00412/B"}
    inventory = Inventory(circuits={"nbo-sat": Circuit.model_validate(fields)})
    for text in ("svc-00412/b", "00412", "ses"):
        assert keys(text, inventory) == ["nbo-sat"]


def test_a_site_is_found_by_an_address_of_its_networks() -> None:
    fields = {"id": "juba", "name": "Juba", "region": "africa", "class": "rtc", "subnets": ("10.7.0.0/16",)}
    inventory = Inventory(sites={"juba": Site.model_validate(fields)})
    assert keys("10.7.3.4", inventory) == ["juba"]
    assert keys("10.7.3.0/24", inventory) == ["juba"]
    assert keys("10.8.3.4", inventory) == []


def test_what_is_called_so_comes_before_what_begins_so_and_what_holds_it() -> None:
    index = SearchIndex()
    for name in ("old juba", "juba-2", "juba"):
        index.add(Thing("site", name, name, ""), [("name", name)])
    assert [hit.value for hit in index.close().find("JUBA")] == ["juba", "juba-2", "old juba"]


def test_words_and_their_beginnings_come_before_the_middle_of_words() -> None:
    index = SearchIndex()
    for name in ("enterprise bus", "the erpnext host", "erp", "sap erp", "erp-2"):
        index.add(Thing("service", name, name, ""), [("name", name)])
    found = [hit.value for hit in index.close().find("ERP")]
    assert found == ["erp", "erp-2", "sap erp", "the erpnext host", "enterprise bus"]


def test_each_of_several_words_may_stand_in_another_value() -> None:
    index, said = SearchIndex(), SearchIndex()
    for name, tag in (("juba-rtr-1", "core"), ("juba-sw-1", "edge"), ("goma-rtr-1", "core")):
        thing = Thing("device", name, name, "")
        index.add(thing, [("name", name), ("tag", tag)])
        said.add(thing, [("serial", f"SN-{name[:4]}-{tag}")])
    index.close()
    said.close()
    assert [hit.thing.key for hit in index.find("core juba")] == ["juba-rtr-1"]
    assert [hit.thing.key for hit in index.find("rtr core")] == ["juba-rtr-1", "goma-rtr-1"]
    assert [hit.thing.key for hit in index.find("juba goma")] == []
    assert [hit.thing.key for hit in index.find("sn-goma rtr")] == []
    assert [hit.thing.key for hit in index.find("sn-goma rtr", said)] == ["goma-rtr-1"]
    assert [hit.thing.key for hit in said.find("sn-goma rtr", index)] == ["goma-rtr-1"]


def with_classes() -> Inventory:
    one, site = next(iter(INVENTORY.devices.values())), next(iter(INVENTORY.sites.values()))
    names = {"gva": "Geneva (Genève) technology centre", "nbo": "Nairobi"}
    classes = {"gva-1": "router", "gva-2": "satellite-modem", "gva-ups-3": "ups", "nbo-9": "router"}
    devices = {}
    for at, (key, kind) in enumerate(classes.items(), 1):
        address = ip_address(0x0A000000 + at)
        fields = {"id": key, "name": key, "site": key[:3], "device_class": kind, "address": address}
        devices[key] = replace(one, **fields, tags=("core",))  # type: ignore[arg-type]
    sites = {key: site.model_copy(update={"id": key, "name": name}) for key, name in names.items()}
    return Inventory(sites=sites, devices=devices)


@pytest.mark.parametrize(
    ("text", "tag", "found"),
    [
        ("geneva router", "en", ["gva-1"]),
        ("Routers GENEVA", "en", ["gva-1"]),
        ("rout geneva", "en", ["gva-1"]),
        ("geneva ro", "en", []),  # two letters begin too much
        ("geneva modem", "en", ["gva-2"]),
        ("geneva satellite modem", "en", ["gva-2"]),
        ("earth geneva", "en", []),
        ("gva ups", "en", ["gva-ups-3"]),
        ("genève routeur", "fr", ["gva-1"]),
        ("geneve routeur", "fr", ["gva-1"]),
        ("geneva routeur", "en", []),
        ("geneva router", "fr", ["gva-1"]),
        ("geneva módem", "es", ["gva-2"]),
        ("geneva موجه", "ar", ["gva-1"]),
        ("geneva 路由器", "zh", ["gva-1"]),
        ("geneva core", "en", ["gva-1", "gva-2", "gva-ups-3"]),
        ("router", "en", []),  # one word alone is looked for in values
    ],
)
def test_of_several_words_one_may_say_what_a_device_is_and_where_it_stands(
    text: str, tag: str, found: list[str]
) -> None:
    inventory = with_classes()
    asked = Standing(inventory).of(words_of(text), (language(tag),))
    hits = inventory_index(inventory).find(text, None, asked, by_name=True)
    assert [hit.thing.key for hit in hits] == found


def test_a_value_with_breaks_in_it_is_one_line() -> None:
    index = SearchIndex()
    index.add(Thing("site", "a", "a", ""), [("name", "two\nlines\u2028İ"), ("alias", "other")])
    (hit,) = index.close().find("lines")
    assert hit.value == "two lines İ"
    assert [hit.value for hit in index.find("other")] == ["other"]


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("00:1B:2c", "001b2c"),
        ("001b.2cff.0001", "001b2cff0001"),
        ("00-1b-2c-ff-00-01", "001b2cff0001"),
        ("12:34", None),
        ("nairobi", None),
    ],
)
def test_mac_addresses_are_the_same_however_they_are_written(text: str, digits: str | None) -> None:
    assert mac(text) == digits


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = await build(tmp_path, FREE_PORT, routes)
    yield made
    await made.stack.aclose()


async def found(house: House, text: str, **more: object) -> list[tuple[object, object]]:
    answer = await house.asks("/api/v1/search", params={"q": text}, **more)
    items = answer["items"]
    assert isinstance(items, list)
    return [(item["kind"], item["id"]) for item in items]


def read(name: str) -> Snapshot:
    snapshot = snapshot_of(INVENTORY.devices[name])
    port = replace(snapshot.interfaces[0], mac="00:1b:2c:ff:00:01")
    return replace(snapshot, interfaces=(port, *snapshot.interfaces[1:]))


async def test_the_api_finds_serials_descriptions_and_numbers(house: House) -> None:
    house.read("nbo-rtr-1", read("nbo-rtr-1"))
    number = await house.raises()
    assert await found(house, "FGL2514L0AB") == [("device", "nbo-rtr-1")]
    assert await found(house, "mpls to br") == [("interface", "nbo-rtr-1/Gi0/0")]
    assert await found(house, "001b.2cff") == [("interface", "nbo-rtr-1/Gi0/0")]
    assert ("incident", str(number)) in await found(house, f"#{number}")
    await house.asks("/api/v1/search", status=400)
    await house.asks("/api/v1/search", status=400, params={"q": "a", "limit": "1000"})


async def test_nothing_is_found_that_may_not_be_seen(house: House) -> None:
    house.read("nbo-rtr-1", read("nbo-rtr-1"))
    number = await house.raises()
    await house.log_in_as(Scope(frozenset({"europe"})), role="viewer")
    for text in ("nairobi", "192.0.2.0/24", "FGL2514L0AB", "mpls to br", f"#{number}", "africa"):
        assert await found(house, text, bearer=False) == [], text
    assert await found(house, "brindisi", bearer=False) == [("site", "brindisi")]


def test_a_search_of_the_whole_fleet_takes_milliseconds() -> None:
    first = next(iter(INVENTORY.devices.values()))
    devices = {
        f"site{number % 594}-sw-{number}": replace(
            first,
            id=f"site{number % 594}-sw-{number}",
            name=f"Switch {number}",
            address=ip_address(0x0A000000 + number),
        )
        for number in range(20_303)
    }
    inventory = replace(INVENTORY, devices=devices)
    index, addresses = inventory_index(inventory), AddressIndex(inventory)
    for text in (
        "sw",
        "switch 2030",
        "site593-sw",
        "10.0.4",
        "no such thing",
        "10.0.0.0/20",
        "sw 2030",
        "switch site5",
    ):
        begun = perf_counter()
        first_of_each([*addresses.find(text), *index.find(text)], lambda _: True, 8, 2_000)
        assert perf_counter() - begun < 0.5, text
