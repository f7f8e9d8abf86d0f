"""Accounts, with what they log in, sessions, tokens of scripts, and the audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make six tables."""
    _people()
    _logins()
    op.create_table(
        "api_token",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("name", sa.String(100), nullable=False, unique=True),
        sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("regions", sa.Text),
        sa.Column("rights", sa.Text),
        sa.Column("speaks_for", sa.Boolean, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("expires_ms", sa.BigInteger),
        sa.Column("seen_ms", sa.BigInteger),
        sa.Column("revoked_ms", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit",
        sa.Column("seq", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
    )
    op.create_index("audit_by_time", "audit", ["at_ms"])
    op.create_index("audit_by_who", "audit", ["who", "seq"])


def _people() -> None:
    op.create_table(
        "account",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("name", sa.String(100), nullable=False, unique=True),
        sa.Column("person", sa.String(100), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("regions", sa.Text),
        sa.Column("email", sa.String(300), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("zone", sa.String(60), nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("totp", sa.LargeBinary),
        sa.Column("totp_step", sa.BigInteger, nullable=False),
        sa.Column("subject", sa.String(400), unique=True),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("seen_ms", sa.BigInteger),
        sa.Column("disabled_ms", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "passkey",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("account", _NUMBER, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("credential", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("uses", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("used_ms", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    op.create_index("passkey_by_account", "passkey", ["account"])


def _logins() -> None:
    op.create_table(
        "login_link",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("account", _NUMBER, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.Column("made_by", sa.String(100), nullable=False),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
        sa.Column("used_ms", sa.BigInteger),
    )
    op.create_index("login_link_by_end", "login_link", ["until_ms"])
    op.create_table(
        "session",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("account", _NUMBER, sa.ForeignKey("account.id")),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("begun_ms", sa.BigInteger, nullable=False),
        sa.Column("seen_ms", sa.BigInteger, nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("agent", sa.String(300), nullable=False),
        sa.Column("strong", sa.Boolean, nullable=False),
    )
    op.create_index("session_by_account", "session", ["account"])
    op.create_index("session_by_seen", "session", ["seen_ms"])
