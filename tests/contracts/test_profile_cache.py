"""The cache of compiled profiles holds every shipped profile as it was."""

from __future__ import annotations

import json

from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.profiles.written import Profiles, document_of
from noc.inventory.shipped import shipped

SHIPPED, _ = kept_profiles([shipped("profiles")])


def test_all_shipped_profiles_come_back_as_they_were() -> None:
    again = Profiles(json.loads(json.dumps(document_of(SHIPPED))))
    assert dict(again) == dict(SHIPPED)
    assert list(again) == list(SHIPPED)
    assert all(again.matches_of(name) == SHIPPED[name].matches for name in again)
