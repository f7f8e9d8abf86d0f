"""The text of a configuration as it is kept: without secrets, and with who changed it last. Pure.

Masking hides rather too much than too little: what follows a word such as `password` goes, whatever it is, and so do
hashes, which can be guessed. What a device writes anew each time (its clock, the time of the backup) is left out of the
comparison, so that it makes no version of its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

MASK: Final = "<hidden>"
TOLD_AT_MOST: Final = 100

# What may stand between the word and the secret: how it is written, for which user, of which sort.
_SORT: Final = (
    r"(?:\s+(?:\d{1,2}|level\s+\d+|encrypted|clear(?:text|-text)?|plain(?:text)?|ciphertext|ascii(?:-text)?"
    r"|hex(?:adecimal)?|cipher|simple|irreversible-cipher|sha(?:-?\d+)?|md5|scrypt|pbkdf2|hash(?:ed)?|hmac-\S+"
    r"|aes(?:[- ]?\d+)?|3?des|local|remote|read|write|auth|ENC|type\s+\d+|[0-9a-f]{2,4}bits))*"
)
_VALUE: Final = r"(?:\"(?:[^\"\\]|\\.)*\"?|'[^']*'?|[^\s;]+)"
_WORDS: Final = (
    r"(?:password|passwd|passphrase|secret|community|snmp-community-string|key-string|pre-shared-key|psksecret|psk|wpa-psk|simple-password"
    r"|authentication-key|message-digest-key\s+\d+|auth(?:entication)?-password|priv(?:acy)?-password|encryption-password"
    r"|authentication-sha\d*|authentication-md5|privacy-\S+|privacy-key|auth-key|shared-secret|shared-key|bind-password"
    r"|encrypted-password|password-hash|expert-password-hash|phash|private-key|md5-key|tcp-md5-key|api-key|token|ppk"
    r"|cipher|irreversible-cipher|credential|passcode|pin)"
)
_AFTER_A_WORD: Final = re.compile(rf"(?i)((?<![\w<-]){_WORDS}{_SORT})(\s+)({_VALUE})")
_AFTER_AN_EQUALS: Final = re.compile(
    r"(?i)((?<!\w)[\w-]*(?:password|passphrase|secret|pre-shared-key|private-key|tcp-md5-key|authentication-key)\s*=\s*)"
    rf"({_VALUE})"
)
# A key of a RADIUS or TACACS server, of an IKE peer, of a key chain's entry, of NTP: `key 7 0822455D0A16`.
_KEY: Final = (
    r"((?:^|\s)(?:server-private\s+\S+|radius-server|tacacs-server|tacacs|radius|host\s+\S+|server|isakmp|ntp)?"
    r"(?:\s+\S+){0,8}?\s*(?<![\w-])key(?:\s+[0-9]{1,2}(?=\s+\S))?\s+)"
    rf"((?!\d{{1,3}}\s*$|chain\b|generate\b|config-key\b|pair\b|id\b){_VALUE})"
    r"(?=\s*(?:;|$|address\b|hostname\b|timeout\b))"
)
_LINES: Final = tuple(
    re.compile(rf"(?i){pattern}")
    for pattern in (
        _KEY,
        rf"(snmp-server\s+host\s+\S+(?:\s+(?:vrf\s+\S+|informs?|traps?|version\s+(?:1|2c|3\s+\w+)))*\s+)({_VALUE})",
        rf"(snmp-server\s+user\s+.*?\s(?:auth)\s+\S+\s+)({_VALUE})",
        rf"(snmp-server\s+user\s+.*?\s(?:priv)\s+(?:aes|des|3des)?(?:[\s-]*\d+)?\s*)({_VALUE})",
        rf"(snmp-agent\s+target-host\s+.*?securityname\s+)({_VALUE})",
        rf"(ntp\s+authentication-key\s+\d+\s+\S+\s+)({_VALUE})",
        rf"(standby\s+\d+\s+authentication\s+(?:text\s+|md5\s+key-string\s+(?:\d\s+)?)?)({_VALUE})",
        rf"(vrrp\s+\d+\s+authentication\s+(?:text\s+)?)({_VALUE})",
        rf"(isis\s+password\s+|area-password\s+|domain-password\s+)({_VALUE})",
        rf"(\bname=)({_VALUE})(?=.*\b(?:read-access|write-access)=)",
        rf"(set\s+snmp\s+community\s+)({_VALUE})",
    )
)
_WORDS_OF_PEOPLE: Final = re.compile(r"\s*(?:description|remark)\s")
_HASHES: Final = re.compile(
    r"\$(?:0|1|2[aby]?|5|6|8|9|14|sha512)\$[^\s\";]+|(?<=\bENC )\S+|%\^%#.*?%\^%#|%\$%\$.*?%\$%\$"
)
_PEM: Final = re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END [A-Z ]*PRIVATE KEY-----)", re.DOTALL)

_VOLATILE: Final = re.compile(
    r"\s*(?:ntp clock-period |! (?:Last configuration change|NVRAM config last updated|No configuration change since)"
    r"|!! Last configuration change|!Time: |!Running configuration last done|!Command: show|! Command: show"
    r"|Building configuration|Current configuration ?:|## Last (?:commit|changed): |: (?:Written by|Saved|Serial)"
    r"|: Hardware|Cryptochecksum:|#config-version=|#conf_file_ver=|# Exported by|# \S+ \S+ by RouterOS"
    r"|! time: |IOS XR Configuration|\w{3} \w{3} +\d+ [\d:.]+ \w+$)"
)
_CHANGED: Final = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"^!{1,2} Last configuration change at (?P<at>.+?)(?: by (?P<by>\S+))?\s*$",
        r"^## Last (?:commit|changed): (?P<at>.+?)(?: by (?P<by>\S+))?\s*$",
        r"^0\s+(?P<at>\d{4}-\d\d-\d\d .+?) by (?P<by>\S+) via \S+",
        r"^: Written by (?P<by>\S+) at (?P<at>.+?)\s*$",
        r"^!Running configuration last done at: (?P<at>.+?)\s*$",
        r"^# Exported by (?P<by>\S+) on (?P<at>.+?)\s*$",
    )
)


@dataclass(frozen=True, slots=True)
class Copy:
    """A configuration as it is kept. digest: of what counts. changed, author: as the device tells, None where not."""

    text: str
    digest: bytes
    changed: str | None
    author: str | None


def copy_of(texts: Sequence[str]) -> Copy | None:
    """Return the copy that the outputs of `commands` (noc.model.showing) make; None where none of it is one.

    texts: the configuration first.
    """
    text = masked(texts[0]) if texts else ""
    lines = list(_counting(text))
    if len(lines) < 3:
        return None
    changed = next((found for one in texts for pattern in _CHANGED if (found := pattern.search(one))), None)
    told = {} if changed is None else changed.groupdict()
    digest = hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).digest()
    return Copy(text, digest, _short(told.get("at")), _short(told.get("by")))


def masked(text: str) -> str:
    """Return a configuration with its secrets hidden."""
    text = _PEM.sub(rf"\1 {MASK} \2", text)
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    line = line[:4096]  # what is longer is a certificate, or none of a person's
    line = _HASHES.sub(MASK, line)
    if _WORDS_OF_PEOPLE.match(line):
        return line
    line = _AFTER_AN_EQUALS.sub(rf"\1{MASK}", line)
    line = _AFTER_A_WORD.sub(rf"\1\2{MASK}", line)
    for pattern in _LINES:
        line = pattern.sub(rf"\1{MASK}", line)
    return line


def _counting(text: str) -> Iterator[str]:
    """Yield the lines that make a version differ from another."""
    for line in text.split("\n"):
        if line.strip() and not _VOLATILE.match(line):
            yield line.rstrip()


def _short(text: str | None) -> str | None:
    return text[:TOLD_AT_MOST] if text else None
