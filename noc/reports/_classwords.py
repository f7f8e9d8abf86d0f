"""Classes of devices in words. Pure."""

from __future__ import annotations

from noc.i18n.deviceclasses import CLASS_WORDS
from noc.i18n.language import Language
from noc.reports.frame.document import Said


def class_word(device_class: str, language: Language) -> Said:
    """Return what devices of a class are called."""
    say = language.say
    words = {"all": say("All classes"), "": say("(none)"), **{name: say(text) for name, text in CLASS_WORDS.items()}}
    return Said(device_class, words.get(device_class, device_class))
