"""In which language a page is, and that nothing that people wrote becomes a part of it."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from noc.i18n.language import language
from noc.web.tongue import counting, preferred, saying, tag_for


@pytest.mark.parametrize(
    ("accepted", "tag"),
    [
        ("", "en"),
        ("de-DE,de;q=0.9", "en"),
        ("fr-CH, fr;q=0.9, en;q=0.8", "fr"),
        ("en;q=0.5, zh-Hans-CN;q=0.9", "zh"),
        ("ar;q=0, es", "es"),
        ("ru;q=x, ar-EG", "ar"),
        ("*", "en"),
        ("," * 10_000 + "fr", "en"),
    ],
)
def test_a_browser_asks_for_languages_in_its_order(accepted: str, tag: str) -> None:
    assert preferred(accepted) == tag


def test_what_somebody_chose_counts_before_what_their_browser_asks_for() -> None:
    assert tag_for("ar", "fr") == "ar"
    assert tag_for("tlh", "fr") == "fr"
    assert tag_for(None, "fr") == "fr"


def test_values_are_made_safe_and_markup_stays() -> None:
    said = saying(language("fr"))("by {channel}", channel="<b>")
    assert said == Markup("par &lt;b&gt;")
    assert saying(language("fr"))("by {channel}", channel=Markup("<i>x</i>")) == Markup("par <i>x</i>")
    assert saying(language("en"))("{not a value}") == "{not a value}"
    found = counting(language("ru"))("{n} open incident:", "{n} open incidents:", 3)
    assert found == "3 открытых инцидента:"
