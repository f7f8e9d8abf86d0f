from __future__ import annotations

import pytest

from noc.i18n.language import LOCALES, language
from noc.inventory.entities import Circuit, Region, Site
from noc.inventory.inventory import Inventory
from noc.web.places import named, place_of
from tests.things import device

REGION = Region(id="r", name="Africa")
SITE = Site.model_validate({"id": "s", "name": "Goma", "region": "r", "class": "field"})
CIRCUIT = Circuit.model_validate(
    {"id": "c", "name": "C", "site": "s", "kind": "mpls", "provider": "SES", "a": {"device": "d", "interface": "Gi0"}}
)
INVENTORY = Inventory(regions={"r": REGION}, sites={"s": SITE}, devices={"d": device("d")}, circuits={"c": CIRCUIT})


@pytest.mark.parametrize(
    ("entity", "name", "url", "site", "region"),
    [
        ("device/d", "d", "/devices/d", SITE, REGION),
        ("interface/d/Gi0/0", "d Gi0/0", "/devices/d", SITE, REGION),
        ("site/s", "Goma", "/sites/s", SITE, REGION),
        ("region/r", "Africa", "/sites?region=r", None, REGION),
        ("device/gone", "gone", None, None, None),
        ("interface/gone/Gi0/0", "gone Gi0/0", None, None, None),
        ("poller/centre", "centre", "/system", None, None),
        (
            "shared/storm/default/major",
            "storm/default/major",
            "/problems?q=entity%3Ashared%2Fstorm%2Fdefault%2Fmajor",
            None,
            None,
        ),
        ("shared/region/r", "region/r", "/sites?region=r", None, None),
        ("shared/provider/SES", "provider/SES", "/circuits?provider=SES", None, None),
        ("shared/provider/gone", "provider/gone", None, None, None),
    ],
)
def test_an_entity_has_a_name_and_the_page_that_tells_more(
    entity: str, name: str, url: str | None, site: Site | None, region: Region | None
) -> None:
    place = place_of(INVENTORY, entity)
    assert (place.name, place.url, place.site, place.region) == (name, url, site, region)


def test_a_search_finds_devices_by_their_site() -> None:
    place = place_of(INVENTORY, "device/d")
    assert place.speaks_of("GOM")
    assert not place.speaks_of("juba")


@pytest.mark.parametrize(
    ("entity", "name"),
    [
        ("device/d", "d"),
        ("shared/storm/default/major", "a storm of failures (policy default, major)"),
        ("shared/region/r", "region Africa"),
        ("shared/provider/SES", "provider SES"),
        ("shared/beam/ses-4", "beam ses-4"),
        ("poller/centre", "poller centre"),
    ],
)
def test_what_is_no_single_thing_is_said_in_words(entity: str, name: str) -> None:
    assert named(place_of(INVENTORY, entity), language("en")) == name


@pytest.mark.parametrize("tag", LOCALES)
def test_a_storm_is_a_storm_in_each_language(tag: str) -> None:
    said = named(place_of(INVENTORY, "shared/storm/default/major"), language(tag))
    assert "storm/" not in said
    assert "default" in said
    assert said.startswith("a storm of failures") == (tag == "en")
    assert ("major" in said) == (tag == "en")
