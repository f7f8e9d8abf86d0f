"""Browsers by the names that people know them by."""

from __future__ import annotations

import pytest

from noc.web.browsers import browser_of

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0"
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64) {CHROME} Safari/537.36", "Chrome · Linux"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Mobile Safari/537.36", "Chrome · Android"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/131.0.0.0", "Edge · Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox · Windows"),
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {APPLE} Safari/604.1", "Safari · iPhone"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE} Version/18.1 Safari/605.1.15", "Safari · macOS"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("Python/3.11 aiohttp/3.14", "Python/3.11"),
        ("", ""),
    ],
    ids=["chrome", "android", "edge", "firefox", "iphone", "mac", "curl", "python", "nothing"],
)  # fmt: skip
def test_a_browser_is_called_as_people_know_it(agent: str, name: str) -> None:
    assert browser_of(agent) == name
