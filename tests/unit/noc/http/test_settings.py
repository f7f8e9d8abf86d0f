"""`http:` of noc.yaml."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from noc.http.settings import HttpSettings


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("listen", "localhost", "is no IP address; write 127.0.0.1"),
        ("base_url", "noc.example.org", "is no base URL; write https://noc.example.org"),
        ("base_url", "https://noc.example.org/noc", "is no base URL"),
        ("base_url", "https://user:password@noc", "is no base URL"),
        ("port", 70_000, "less than or equal to 65535"),
        ("session", "0s", "longer than zero"),
        ("max_body", "lots", "is not an amount of data"),
    ],
)
def test_what_is_wrong_is_said(key: str, value: object, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        HttpSettings.model_validate({key: value})


@pytest.mark.parametrize("listen", ["127.0.0.1", "0.0.0.0", "::", "::1", "192.0.2.1"])
def test_addresses_are_taken(listen: str) -> None:
    assert HttpSettings(listen=listen).listen == listen


@pytest.mark.parametrize("url", ["http://noc", "https://noc.example.org:8443", "https://[2001:db8::1]:1/"])
def test_base_urls_are_taken(url: str) -> None:
    assert HttpSettings(base_url=url).base_url == url.rstrip("/")
