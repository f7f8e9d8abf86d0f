"""What a caller may see."""

from __future__ import annotations

import pytest

from noc.http.scope import EVERYTHING, Scope, region_of
from tests.unit.noc.http.house import INVENTORY


@pytest.mark.parametrize(
    ("entity", "region"),
    [
        ("region/africa", "africa"),
        ("site/nairobi", "africa"),
        ("device/bds-rtr-1", "europe"),
        ("circuit/nbo-sat", "africa"),
        ("interface/nbo-rtr-1/Gi0/0", "africa"),
        ("interface/gone/Gi0/0", None),
        ("device/gone", None),
        ("poller/centre", None),
        ("", None),
        ("/", None),
    ],
)
def test_every_entity_belongs_to_a_region_or_to_none(entity: str, region: str | None) -> None:
    assert region_of(INVENTORY, entity) == region
    assert EVERYTHING.sees(INVENTORY, entity)
    assert Scope(frozenset({"africa"})).sees(INVENTORY, entity) == (region == "africa")
    assert not Scope(frozenset()).sees(INVENTORY, entity)
