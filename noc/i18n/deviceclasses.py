"""What devices of a class are called, for pages, messages and reports. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from noc.i18n.marking import say

CLASS_WORDS: Final[Mapping[str, str]] = {
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
}
"""In English, by the class; said in the reader's language when they are shown."""

CLASS_NAMES: Final[Mapping[str, str]] = {
    "switch": say("Switch"),
    "router": say("Router"),
    "firewall": say("Firewall"),
    "satellite-modem": say("Satellite modem"),
    "earth-station": say("Earth station"),
    "microwave": say("Microwave"),
    "radio": say("Radio"),
    "server": say("Server"),
    "storage": say("Storage"),
    "tape-library": say("Tape library"),
    "ups": say("UPS"),
    "pabx": say("PABX"),
    "video": say("Video"),
    "digital-terminal": say("Digital terminal"),
    "other": say("Other"),
}
"""The same of one device."""
