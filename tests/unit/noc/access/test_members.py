"""Accounts of people whom a provider knows: groups decide, but for the last admin, who stays one and is told so."""

from __future__ import annotations

import pytest

from noc.access.callers import Callers
from noc.access.groups import NoPlaceError
from noc.access.members import Members
from noc.access.settings import OidcSettings
from noc.clock import ManualClock
from noc.state import accounts, auditlog
from noc.state.database import Database

ROLES = {"noc-desk": "operator", "noc-admins": "admin"}


def claims(name: str, *groups: str) -> dict[str, object]:
    return {"sub": name, "name": name.title(), "preferred_username": name, "groups": list(groups)}


@pytest.fixture
def members(database: Database, clock: ManualClock, callers: Callers) -> Members:
    given = {"issuer": "https://id.example.org", "client_id": "noc", "roles": ROLES}
    return Members(database, clock, OidcSettings.model_validate(given), callers)


async def test_role_follows_groups_and_each_change_is_a_record(members: Members, database: Database) -> None:
    first = await members.account_of(claims("lucia", "noc-admins"), "192.0.2.7")
    await members.account_of(claims("amina", "noc-admins"), "192.0.2.8")
    changed = await members.account_of(claims("lucia", "noc-desk"), "192.0.2.7")
    assert (first.role, changed.role, changed.id) == ("admin", "operator", first.id)
    async with database.read() as connection:
        newest, *_ = await auditlog.page(connection)
    assert (newest.done.what, newest.done.who) == ("account changed", "identity provider")
    assert newest.done.detail == {"account": "lucia", "to": "role operator"}


async def test_groups_do_not_take_the_last_admin(members: Members, database: Database) -> None:
    account = await members.account_of(claims("lucia", "noc-admins"), "192.0.2.7")
    with pytest.raises(NoPlaceError, match="'lucia' is the last admin who may log in; make another one first"):
        await members.account_of(claims("lucia", "noc-desk"), "192.0.2.7")
    async with database.read() as connection:
        kept = await accounts.get(connection, account.id)
        assert kept is not None
        assert kept.role == "admin"
        assert await accounts.admins(connection) == 1
    again = await members.account_of(claims("lucia", "noc-admins"), "192.0.2.7")
    assert again.id == account.id
