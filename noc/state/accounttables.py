"""Tables of who may log in, and of what they did (docs/adr/0027). Times: milliseconds of the Unix epoch."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, LargeBinary, String, Table, Text

from noc.state.tables import Sequence, metadata

account = Table(
    "account",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("person", String(100), nullable=False),
    Column("role", String(20), nullable=False),
    Column("regions", Text),
    Column("email", String(300), nullable=False),
    Column("language", String(10), nullable=False),
    Column("zone", String(60), nullable=False),
    Column("password", Text),
    Column("totp", LargeBinary),
    Column("totp_step", BigInteger, nullable=False),
    Column("subject", String(400), unique=True),
    Column("created_ms", BigInteger, nullable=False),
    Column("created_by", String(100), nullable=False),
    Column("seen_ms", BigInteger),
    Column("disabled_ms", BigInteger),
    sqlite_autoincrement=True,
)
"""People. name: with which they log in, small letters. regions: a JSON list of ids; null: all. password: as argon2
writes it. totp: the sealed secret of one-time codes; totp_step: the last step that was used, good for no other log-in.
subject: issuer and subject of an identity provider."""

passkey = Table(
    "passkey",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("account", Sequence, ForeignKey("account.id"), nullable=False),
    Column("credential", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("uses", BigInteger, nullable=False),
    Column("name", String(100), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("used_ms", BigInteger),
    Index("passkey_by_account", "account"),
    sqlite_autoincrement=True,
)
"""Passkeys (WebAuthn). uses: the counter that the key tells; a smaller one is a copy."""

login_link = Table(
    "login_link",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("account", Sequence, ForeignKey("account.id"), nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("made_by", String(100), nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Column("used_ms", BigInteger),
    Index("login_link_by_end", "until_ms"),
)
"""Invitations: links that work once, and let their person choose a password."""

session = Table(
    "session",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("account", Sequence, ForeignKey("account.id")),
    Column("who", String(100), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("begun_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    Column("address", String(64), nullable=False),
    Column("agent", String(300), nullable=False),
    Column("strong", Boolean, nullable=False),
    Index("session_by_account", "account"),
    Index("session_by_seen", "seen_ms"),
)
"""Who is logged in. account: null for who came by the token that noc announces. strong: more than a password was
asked."""

api_token = Table(
    "api_token",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("regions", Text),
    Column("rights", Text),
    Column("speaks_for", Boolean, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("created_by", String(100), nullable=False),
    Column("expires_ms", BigInteger),
    Column("seen_ms", BigInteger),
    Column("revoked_ms", BigInteger),
    sqlite_autoincrement=True,
)
"""Tokens of scripts. regions, rights: JSON lists; null: all of the role's."""

audit = Table(
    "audit",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", String(100), nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Index("audit_by_time", "at_ms"),
    Index("audit_by_who", "who", "seq"),
)
"""Who did what: append-only; body is canonical JSON, hash covers it and the hash before it."""
