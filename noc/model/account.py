"""Who may do what: roles, rights, accounts of people, tokens of scripts (docs/adr/0027)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

Role = Literal["viewer", "operator", "engineer", "manager", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

Right = Literal["see", "own", "ask", "handle", "propose", "approve", "correct", "administer"]
"""see: read what is in one's regions. own: change one's own account, its password and second factor. ask: have noc work
something out, a rehearsal, a report, and keep the answer. handle: acknowledge, note, resolve, stand in, hand over.
propose: ask for windows and corrections. approve: decide on windows. correct: decide on corrections of the ledger.
administer: accounts, tokens, settings, the audit.
"""

RIGHTS_OF_NOC: Final[tuple[Right, ...]] = get_args(Right)

RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    "viewer": frozenset({"see", "own"}),
    "operator": frozenset({"see", "own", "ask", "handle", "propose"}),
    "engineer": frozenset({"see", "own", "ask", "handle", "propose", "approve"}),
    "manager": frozenset({"see", "own", "ask", "handle", "propose", "approve", "correct"}),
    "admin": frozenset(RIGHTS_OF_NOC),
}


def least_role(right: Right) -> Role:
    """Return the first of the roles that has a right."""
    return next(role for role in ROLES if right in RIGHTS[role])


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may log in. Times: milliseconds of the Unix epoch.

    name: with which they log in, small letters. person: as timelines call them. regions: ids that they may see; None:
    all. language: a tag; empty: as the browser asks. zone: in which times are shown; empty: as the page has it.
    has_password, has_totp, passkeys: with what they can log in. subject: of the identity provider; empty: none.
    disabled_ms: since when they may not.
    """

    id: int
    name: str
    person: str
    role: Role
    regions: frozenset[str] | None
    created_ms: int
    created_by: str
    email: str = ""
    language: str = ""
    zone: str = ""
    has_password: bool = False
    has_totp: bool = False
    passkeys: int = 0
    subject: str = ""
    seen_ms: int | None = None
    disabled_ms: int | None = None

    @property
    def has_second_factor(self) -> bool:
        """Return whether more than a password is asked for; an identity provider asks by itself."""
        return self.has_totp or self.passkeys > 0


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token of a script; itself it is kept as a digest. Times: milliseconds of the Unix epoch.

    rights: of those of its role, which it has; None: all of them. speaks_for: requests with it may say who did it.
    """

    id: int
    name: str
    role: Role
    regions: frozenset[str] | None
    created_ms: int
    created_by: str
    rights: frozenset[Right] | None = None
    speaks_for: bool = False
    expires_ms: int | None = None
    seen_ms: int | None = None
    revoked_ms: int | None = None
