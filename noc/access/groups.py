"""What somebody may, by the groups in which an identity provider has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from noc.access.settings import EVERYWHERE, OidcSettings
from noc.model.account import ROLES, Role
from noc.model.errors import NocError

GROUPS_AT_MOST: Final = 2_000
SUBJECT_AT_MOST: Final = 400
NAME_AT_MOST: Final = 100
MAIL_AT_MOST: Final = 300
_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9._@+-]+")


class NoPlaceError(NocError):
    """Somebody has shown who they are, and may not use noc. The text says why, for them and for the log."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person of an identity provider. subject: issuer and subject. name: one that they might log in by here."""

    subject: str
    name: str
    person: str
    email: str
    role: Role
    regions: frozenset[str] | None


def subject_of(claims: Mapping[str, object], settings: OidcSettings) -> str:
    """Return by which an account is found again: nothing else of a person stays the same."""
    subject = f"{settings.issuer}|{claims['sub']}"
    if len(subject) > SUBJECT_AT_MOST:
        raise NoPlaceError("the provider names you by a text that is too long")
    return subject


def member_of(claims: Mapping[str, object], settings: OidcSettings) -> Member:
    """Return who somebody is here. Raises NoPlaceError where no group gives a role, or regions."""
    groups = groups_of(claims, settings.groups_claim)
    roles = {settings.roles[group] for group in groups if group in settings.roles}
    if not roles:
        raise NoPlaceError("none of your groups gives a role in noc")
    opened = [settings.regions[group] for group in groups if group in settings.regions]
    if settings.regions and not opened:
        raise NoPlaceError("none of your groups opens a region in noc")
    everywhere = not settings.regions or EVERYWHERE in opened
    regions = None if everywhere else frozenset(region for one in opened for region in one)
    email, person = _text(claims.get("email"), MAIL_AT_MOST), _text(claims.get(settings.name_claim), NAME_AT_MOST)
    name = _text(claims.get("preferred_username"), NAME_AT_MOST) or email or str(claims["sub"])
    return Member(
        subject_of(claims, settings),
        plain_name(name),
        person or name[:NAME_AT_MOST],
        email,
        max(roles, key=ROLES.index),
        regions,
    )


def groups_of(claims: Mapping[str, object], claim: str) -> tuple[str, ...]:
    """Return the groups of a claim. claim: its name, or a way to it with dots."""
    found: object = claims.get(claim)
    if found is None:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return (found,)
    if not isinstance(found, list):
        return ()
    return tuple(group for group in found[:GROUPS_AT_MOST] if isinstance(group, str))


def plain_name(text: str) -> str:
    """Return a name of an account made of what a provider calls somebody."""
    made = _NOT_IN_NAMES.sub("-", text.strip().casefold()).lstrip("._@+-")[:NAME_AT_MOST]
    return made or "somebody"


def _text(value: object, at_most: int) -> str:
    if not isinstance(value, str):
        return ""
    printable = "".join(character if character.isprintable() else " " for character in value[: 4 * at_most])
    return " ".join(printable.split())[:at_most]
