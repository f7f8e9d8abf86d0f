"""Accounts: invited, let in, limited, shut out; each of it in the audit."""

from __future__ import annotations

from pathlib import Path

import pyotp
import pytest

from noc.access.callers import Callers, digest_of
from noc.access.people import LOOK, Acting, People, rights_of
from noc.access.settings import AccountSettings
from noc.clock import ManualClock
from noc.model.account import Account, Role
from noc.model.errors import ConflictError, UsageError
from noc.state import accounts, auditlog
from noc.state.database import Database

ROOT = Acting("root")
PASSWORD = "seven tall masts"


async def invited(people: People, name: str = "achieng", role: Role = "admin") -> Account:
    made = await people.add(name, name.title(), role, None, "", ROOT)
    return await people.accept(await people.invite(made.id, ROOT), PASSWORD, "192.0.2.7")


async def test_an_invitation_works_once_and_for_a_day(people: People, clock: ManualClock) -> None:
    made = await people.add(" Achieng ", "Achieng Otieno", "operator", frozenset({"africa"}), "a@example.org", ROOT)
    assert (made.name, made.regions, made.has_password) == ("achieng", {"africa"}, False)
    first, second = await people.invite(made.id, ROOT), await people.invite(made.id, ROOT)
    assert await people.invited(first) is None  # a newer one ends it
    with pytest.raises(UsageError, match="this password isn't taken: it has 5"):
        await people.accept(second, "short", "")
    await people.accept(second, PASSWORD, "")
    with pytest.raises(UsageError, match="was used, or is over"):
        await people.accept(second, PASSWORD, "")
    third = await people.invite(made.id, ROOT)
    await clock.advance(24 * 3600)
    assert await people.invited(third) is None


async def test_who_logs_in_needs_name_and_password(people: People) -> None:
    account = await invited(people)
    found = await people.by_password(" Achieng", PASSWORD, "")
    assert found is not None
    assert found.id == account.id
    assert await people.by_password("achieng", PASSWORD + "x", "") is None
    assert await people.by_password("nobody", PASSWORD, "") is None


async def test_a_code_is_asked_for_once_it_is_set_up_and_is_good_once(
    people: People, clock: ManualClock, database: Database, tmp_path: Path
) -> None:
    account, secret = await invited(people), people.new_code()
    code = pyotp.TOTP(secret)
    with pytest.raises(UsageError, match="this code is wrong"):
        await people.take_code(account.id, secret, "000000", b"", ROOT)
    now = clock.now().timestamp()
    await people.take_code(account.id, secret, code.at(int(now)), b"", ROOT)
    assert await people.by_password("achieng", PASSWORD, "") is None
    assert await people.by_password("achieng", PASSWORD, code.at(int(now))) is None  # used up by setting it up
    await clock.advance(60)
    fresh = code.at(int(now) + 60)
    assert await people.by_password("achieng", PASSWORD, fresh) is not None
    assert await people.by_password("achieng", PASSWORD, fresh) is None
    async with database.read() as connection:
        known = await accounts.secrets_of(connection, account.id)
    assert known is not None
    assert known.totp is not None
    assert secret.encode() not in known.totp
    assert repr(known) == "Secrets(…)"
    (tmp_path / "accounts.key").chmod(0o644)
    again = People(database, clock, tmp_path, AccountSettings())
    with pytest.raises(UsageError, match="others may read it"):
        await again.by_password("achieng", PASSWORD, fresh)


async def test_a_changed_password_ends_the_other_sessions(people: People, callers: Callers) -> None:
    account = await invited(people)
    mine, other = [await callers.open(account, "Achieng") for _ in range(2)]
    with pytest.raises(UsageError, match="the password until now is another"):
        await people.choose(account.id, "wrong", "eight tall masts", digest_of(mine), ROOT)
    await people.choose(account.id, PASSWORD, "eight tall masts", digest_of(mine), ROOT)
    callers.forget()
    assert await callers.of_session(mine) is not None
    assert await callers.of_session(other) is None


async def test_the_last_admin_stays(people: People) -> None:
    first = await invited(people)
    assert await people.any_admin()
    await people.add("second", "Second", "admin", None, "", ROOT)  # nobody can log in by it yet
    with pytest.raises(ConflictError, match="'achieng' is the last admin who may log in"):
        await people.disable(first.id, ROOT, disabled=True)
    with pytest.raises(ConflictError, match="last admin"):
        await people.change(first.id, ROOT, role="viewer")
    await invited(people, "third")
    await people.disable(first.id, ROOT, disabled=True)
    assert await people.by_password("achieng", PASSWORD, "") is None
    await people.disable(first.id, ROOT, disabled=False)
    assert await people.by_password("achieng", PASSWORD, "") is not None


async def test_names_are_used_once_and_are_plain(people: People) -> None:
    await people.add("achieng", "", "viewer", None, "", ROOT)
    with pytest.raises(ConflictError, match="there is an account 'achieng' already"):
        await people.add("ACHIENG", "", "viewer", None, "", ROOT)
    for name in ("", "a b", "<b>", "x" * 101, "-a"):
        with pytest.raises(UsageError, match="no name of an account"):
            await people.add(name, "", "viewer", None, "", ROOT)


@pytest.mark.parametrize(
    ("role", "policy", "limited"),
    [
        ("viewer", "change", False),
        ("operator", "change", True),
        ("operator", "admin", False),
        ("admin", "admin", True),
        ("admin", "none", False),
    ],
)
def test_without_a_second_factor_one_may_look(role: Role, policy: str, limited: bool) -> None:
    account = Account(1, "a", "A", role, None, 0, "root", has_password=True)
    assert rights_of(account, policy) == (LOOK if limited else None)  # type: ignore[arg-type]


async def test_all_of_it_is_in_the_audit(people: People, database: Database) -> None:
    account = await invited(people)
    await people.limit(account.id, frozenset({"africa", "asia"}), ROOT)
    await people.record(Acting("achieng", "admin", "session"), "POST /incidents/7/acknowledge", 303)
    async with database.read() as connection:
        records = await auditlog.page(connection)
        verified = await auditlog.verify(connection)
    assert [record.done.what for record in records] == [
        "POST /incidents/7/acknowledge",
        "account changed",
        "password chosen",
        "account invited",
        "account added",
    ]
    assert records[1].done.detail == {"account": "achieng", "regions": "africa,asia"}
    assert (verified.records, verified.broken) == (5, None)


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("UPDATE audit SET body = replace(body, 'root', 'toor') WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 1", 2),
        ("UPDATE audit SET who = 'x' WHERE seq = 3", 3),
    ],
)
async def test_a_changed_audit_shows(people: People, database: Database, change: str, broken: int) -> None:
    await invited(people)
    async with database.write() as connection:
        await connection.exec_driver_sql(change)
    async with database.read() as connection:
        found = await auditlog.verify(connection)
    assert found.broken is not None
    assert found.broken[0] == broken
