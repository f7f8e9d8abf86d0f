"""The colours of the pages, by their tokens in noc.css: everybody must be able to read them (WCAG 2.2, AA)."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

import noc.web

SHEET = (Path(noc.web.__file__).parent / "assets" / "src" / "noc.css").read_text()
TOKENS = {
    name: tuple(re.findall(r"#[0-9a-f]{6}", value))
    for name, value in re.findall(r"--([\w-]+): (light-dark\([^)]*\)|#[0-9a-f]{6});", SHEET)
}
SCHEMES = {"light": 0, "dark": -1}
GROUNDS = ("ground", "panel", "raised", "accent-ground")
TEXTS = ("ink", "muted", "accent")


def colour(token: str, scheme: str) -> str:
    return TOKENS[token][SCHEMES[scheme]]


def luminance(value: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    channels = [int(value[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_has_the_contrast_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("scheme", "text", "ground"), list(itertools.product(SCHEMES, TEXTS, GROUNDS)))
def test_text_and_links_can_be_read_on_every_ground(scheme: str, text: str, ground: str) -> None:
    assert contrast(colour(text, scheme), colour(ground, scheme)) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_filled_button_can_be_read(scheme: str) -> None:
    assert contrast("#ffffff", colour("button", scheme)) >= 4.5


@pytest.mark.parametrize(("scheme", "ground"), list(itertools.product(SCHEMES, ("ground", "panel"))))
def test_the_edge_of_a_field_can_be_seen(scheme: str, ground: str) -> None:
    assert contrast(colour("edge", scheme), colour(ground, scheme)) >= 3
