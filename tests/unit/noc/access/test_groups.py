"""From groups to role and regions."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from noc.access.groups import NoPlaceError, groups_of, member_of, plain_name
from noc.access.settings import OidcSettings

CLAIMS = {"sub": "u-1", "name": "Lucia\nRossi", "email": "lucia@example.org", "preferred_username": "Lucia.R"}


def settings(**other: object) -> OidcSettings:
    given = {
        "issuer": "https://id.example.org",
        "client_id": "noc",
        "roles": {"noc-desk": "operator", "noc-lead": "manager"},
    }
    return OidcSettings.model_validate({**given, **other})


def test_of_several_roles_the_highest_counts() -> None:
    found = member_of({**CLAIMS, "groups": ["noc-lead", "noc-desk", "cooks"]}, settings())
    assert (found.role, found.regions, found.subject) == ("manager", None, "https://id.example.org|u-1")
    assert (found.name, found.person, found.email) == ("lucia.r", "Lucia Rossi", "lucia@example.org")


@pytest.mark.parametrize("groups", [["cooks"], [], None, {"noc-desk": 1}, [["noc-desk"]]], ids=str)
def test_without_a_group_that_gives_a_role_nobody_is_let_in(groups: object) -> None:
    with pytest.raises(NoPlaceError, match="none of your groups gives a role"):
        member_of({**CLAIMS, "groups": groups}, settings())


def test_regions_add_up_and_without_any_nobody_is_let_in() -> None:
    opened = settings(regions={"emea": ("africa", "europe"), "nbo": ("africa",), "all-of-it": "all"})

    def regions(*groups: str) -> frozenset[str] | None:
        return member_of({**CLAIMS, "groups": ["noc-desk", *groups]}, opened).regions

    assert regions("nbo") == {"africa"}
    assert regions("nbo", "emea") == {"africa", "europe"}
    assert regions("nbo", "all-of-it") is None
    with pytest.raises(NoPlaceError, match="opens a region"):
        regions("cooks")


def test_groups_may_stand_deeper() -> None:
    assert groups_of({"realm_access": {"roles": ["a", 7, "b"]}}, "realm_access.roles") == ("a", "b")
    assert groups_of({"a.b": "one"}, "a.b") == ("one",)
    assert groups_of({"realm_access": "x"}, "realm_access.roles") == ()


def test_a_name_is_made_fit_for_an_account() -> None:
    assert plain_name(" Lucia Rossi ") == "lucia-rossi"
    assert plain_name("<b>") == "b-"
    assert plain_name("日本") == "somebody"


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"issuer": "http://id.example.org"}, "begins with https"),
        ({"issuer": "id.example.org"}, "no issuer"),
        ({"issuer": "https://user@id.example.org"}, "no issuer"),
        ({"scopes": ("profile",)}, "openid is missing"),
        ({"roles": {}}, "at least 1"),
        ({"roles": {"a": "boss"}}, "operator"),
    ],
    ids=str,
)
def test_settings_that_can_not_be_right_are_refused(other: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        settings(**other)


def test_this_machine_may_go_without_tls() -> None:
    assert settings(issuer="http://127.0.0.1:9000").issuer == "http://127.0.0.1:9000"
