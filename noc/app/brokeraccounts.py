"""Who may log in at Mosquitto and what they may do there, as its password file and its access list say it. Pure.

Only the accounts that are asked for are touched; whatever else somebody wrote there stays as it is.
Formats: mosquitto_passwd(1), and `acl_file` of mosquitto.conf(5).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from noc.bus import topics

CENTRE: Final = "noc-centre"
SALT_OCTETS: Final = 12

_ROUNDS: Final = 1_000
"""Passwords are 32 octets of chance: rounds add nothing, and the broker reckons them while all others wait."""

_USER: Final = "user "
_POLLER: Final = "noc-poller-"

Right = tuple[str, str]
"""`read`, `write` or `readwrite`, and a topic or filter."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """The texts of both files."""

    passwords: str = ""
    access: str = ""

    def __repr__(self) -> str:
        return f"Accounts({', '.join(self.names())})"

    def names(self) -> tuple[str, ...]:
        """Return who may log in."""
        return tuple(name for name, colon, _ in _pairs(self.passwords) if colon)

    def having(self, name: str, secret: str, rights: Iterable[Right]) -> Accounts:
        """Return them with an account, new or instead of the one of that name. secret: from `hashed`."""
        others = self.without(name)
        block = "\n".join([f"{_USER}{name}", *_lines(rights)])
        return Accounts(_joined(others.passwords, f"{name}:{secret}"), _joined(others.access, "", block))

    def lacking(self) -> tuple[str, ...]:
        """Return the pollers whose accounts lack rights that pollers have by now, sorted."""
        accounts = {name for name in self.names() if name.startswith(_POLLER)}
        pollers = sorted(name.removeprefix(_POLLER) for name in accounts)
        return tuple(one for one in pollers if not set(_lines(rights_of_poller(one))) <= self._may(user_of(one)))

    def completed(self) -> Accounts:
        """Return them with these rights; who may log in, and by which password, stays."""
        found = self
        for poller in self.lacking():
            name = user_of(poller)
            more = [line for line in _lines(rights_of_poller(poller)) if line not in self._may(name)]
            found = Accounts(found.passwords, _with_lines(found.access, name, more))
        return found

    def _may(self, name: str) -> set[str]:
        """Return the lines of what an account may do."""
        blocks = [block for block in _blocks(self.access) if block and block[0].strip() == f"{_USER}{name}"]
        return {" ".join(line.split()) for block in blocks for line in block[1:]}

    def without(self, name: str) -> Accounts:
        """Return them without an account."""
        lines = [line for line in self.passwords.splitlines() if line.partition(":")[0] != name]
        head = [f"{_USER}{name}"]
        blocks = [block for block in _blocks(self.access) if [line.strip() for line in block[:1]] != head]
        return Accounts(_text(lines), _text([line for block in blocks for line in block]))


def user_of(poller: str) -> str:
    """Return by what name a poller logs in: also its name as a client, so that no other can take that."""
    return f"{_POLLER}{poller}"


def hashed(password: str, salt: bytes) -> str:
    """Return a password as Mosquitto keeps it: PBKDF2 with SHA-512. salt: SALT_OCTETS of chance."""
    made = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS)
    return f"$7${_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(made).decode()}"


def rights_of_poller(poller: str) -> list[Right]:
    """Return what a poller may do: nothing but what is its own, and see who else is there."""
    return list(topics.rights(poller))


def rights_of_centre() -> list[Right]:
    """Return what the centre may do: everything that noc says."""
    return [("readwrite", f"{topics.ROOT}/#")]


def rights_of_reader() -> list[Right]:
    """Return what a screen may do: read what is published of states and incidents."""
    return [("read", f"{topics.STATE}/#"), ("read", f"{topics.INCIDENT}/#")]


def _lines(rights: Iterable[Right]) -> list[str]:
    return [f"topic {right} {topic}" for right, topic in rights]


def _with_lines(access: str, name: str, more: list[str]) -> str:
    """Return an access list in which an account, made if need be, has more lines."""
    blocks = _blocks(access)
    own = next((block for block in blocks if block and block[0].strip() == f"{_USER}{name}"), None)
    if own is None:
        return _joined(access, "", f"{_USER}{name}", *more)
    while len(own) > 1 and not own[-1].strip():
        own.pop()
    own += [*more, ""]
    return _text([line for block in blocks for line in block])


def _pairs(text: str) -> Iterable[tuple[str, str, str]]:
    return (line.partition(":") for line in text.splitlines() if line and not line.startswith("#"))


def _blocks(text: str) -> list[list[str]]:
    """Return the lines before the first account, then those of each."""
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.strip().startswith(_USER):
            blocks.append([])
        blocks[-1].append(line)
    return blocks


def _joined(text: str, *more: str) -> str:
    return _text([*text.splitlines(), *more])


def _text(lines: list[str]) -> str:
    while lines and not lines[-1].strip():
        lines.pop()
    return "".join(f"{line}\n" for line in lines)
