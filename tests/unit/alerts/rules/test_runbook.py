"""Where it says what to do: a URL, or an address within noc, which gets noc's own where it goes out."""

from __future__ import annotations

import pytest

from alerts.rules.runbook import absolute, is_url, is_within
from noc.model.incident import Facts

BASE = "https://noc.example.org"


@pytest.mark.parametrize(
    ("text", "url", "within"),
    [
        ("https://wiki.example.org/a?b=1#c", True, False),
        ("http://wiki", True, False),
        ("/help/runbooks/lines#circuit-down", False, True),
        ("//wiki.example.org/a", False, False),
        ("/\\\\wiki.example.org", False, False),
        ("/a\\b", False, False),
        ("/", False, False),
        ("/a b", False, False),
        ("/a\nb", False, False),
        ("javascript:alert(1)", False, False),
        ("wiki/page", False, False),
        ("", False, False),
    ],
)
def test_what_is_an_address_and_whose(text: str, url: bool, within: bool) -> None:
    assert (is_url(text), is_within(text)) == (url, within)


@pytest.mark.parametrize(
    ("facts", "base_url", "said"),
    [
        ({"runbook": "/help/a#b", "value": 1}, BASE, {"runbook": f"{BASE}/help/a#b", "value": 1}),
        ({"runbook": "/help/a"}, f"{BASE}/", {"runbook": f"{BASE}/help/a"}),
        ({"runbook": "/help/a"}, None, {"runbook": "/help/a"}),
        ({"runbook": "https://wiki.example.org/a"}, BASE, {"runbook": "https://wiki.example.org/a"}),
        ({"runbook": "//wiki"}, BASE, {"runbook": "//wiki"}),
        ({"value": 1}, BASE, {"value": 1}),
    ],
)
def test_what_is_within_noc_can_be_opened_from_elsewhere(facts: Facts, base_url: str | None, said: Facts) -> None:
    assert absolute(facts, base_url) == said
