from __future__ import annotations

import pytest

from noc.i18n.language import LOCALES, language
from noc.web.siteclasses import SITE_CLASS_WORDS, class_word


@pytest.mark.parametrize("tag", LOCALES)
def test_a_class_that_noc_knows_has_a_word_in_each_language(tag: str) -> None:
    said = {name: class_word(name, language(tag)) for name in SITE_CLASS_WORDS}
    assert "rtc" not in said.values()
    assert (said["rtc"] == "technology centre") == (tag == "en")


def test_any_other_word_of_an_inventory_stays_as_it_is() -> None:
    assert class_word("lighthouse", language("ar")) == "lighthouse"
