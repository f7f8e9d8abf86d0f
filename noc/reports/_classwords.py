"""Classes of devices in words. Pure."""

from __future__ import annotations

from noc.i18n.language import Language
from noc.reports.frame.document import Said


def class_word(device_class: str, language: Language) -> Said:
    """Return what devices of a class are called."""
    say = language.say
    words = {
        "switch": say("Switches"),
        "router": say("Routers"),
        "firewall": say("Firewalls"),
        "satellite-modem": say("Satellite modems"),
        "earth-station": say("Earth stations"),
        "microwave": say("Microwave links"),
        "radio": say("Radios"),
        "server": say("Servers"),
        "storage": say("Storage systems"),
        "tape-library": say("Tape libraries"),
        "ups": say("Uninterruptible power supplies"),
        "pabx": say("Telephone exchanges"),
        "video": say("Video-conference terminals"),
        "digital-terminal": say("Digital terminals"),
        "other": say("Other devices"),
        "all": say("All classes"),
        "": say("(none)"),
    }
    return Said(device_class, words.get(device_class, device_class))
