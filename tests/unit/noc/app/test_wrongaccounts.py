"""An identity provider that can't work is told with its place."""

from __future__ import annotations

from tests.unit.noc.app.conftest import CLEAN, Checking

RIGHT = (
    "http:\n"
    "  base_url: https://noc.example.org\n"
    "  accounts:\n"
    "    oidc:\n"
    "      issuer: https://id.example.org/realms/noc\n"
    "      client_id: noc\n"
    "      roles: {desk: operator, lead: admin}\n"
    "      regions: {nairobi: [africa], lead: all}\n"
)


def with_provider(text: str) -> dict[str, str | None]:
    return {"noc.yaml": CLEAN["noc.yaml"] + text}


def test_what_is_right_is_taken(checking: Checking) -> None:
    assert checking.messages(with_provider(RIGHT)) == []


def test_roles_and_regions_that_there_are_not_are_told_with_what_was_meant(checking: Checking) -> None:
    (said,) = checking.messages(with_provider(RIGHT.replace("[africa]", "[afrika]")))
    assert said == (
        "noc.yaml:10:27: error: http.accounts.oidc.regions.nairobi: there is no region 'afrika' "
        "(did you mean 'africa'?)"
    )
    (said,) = checking.messages(with_provider(RIGHT.replace("operator", "operater")))
    assert "noc.yaml:9:21: error: " in said
    assert "did you mean 'operator'?" in said


def test_an_issuer_needs_tls_and_noc_an_address_for_the_way_back(checking: Checking) -> None:
    (said,) = checking.messages(with_provider(RIGHT.replace("https://id", "http://id")))
    assert "write an issuer that begins with https" in said
    (said,) = checking.messages(with_provider(RIGHT.replace("  base_url: https://noc.example.org\n", "")))
    assert "give http.base_url" in said


def test_authorities_that_can_not_be_read_are_told(checking: Checking) -> None:
    (said,) = checking.messages(with_provider(RIGHT + "      ca: nowhere.pem\n"))
    assert "http.accounts.oidc.ca: no certificates can be read there" in said
