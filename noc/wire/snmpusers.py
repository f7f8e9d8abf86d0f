"""Who asks over SNMP: communities of v1 and v2c, users of v3. What polling and receiving share; no bytes, no socket."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

AuthProtocol = Literal["MD5", "SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"]
"""RFC 3414 and RFC 7860."""

PrivProtocol = Literal["DES", "AES-128", "AES-192", "AES-256", "AES-192-C", "AES-256-C"]
"""RFC 3414, RFC 3826, and two drafts. A long key is made of a short digest in two dialects: AES-192 and AES-256 stand
for draft-blumenthal-aes-usm-04 (net-snmp, Juniper), those with -C for draft-reeder-snmpv3-usm-3desede-00 (Cisco and
others). With SHA-256 and longer digests both give the same key."""


@dataclass(frozen=True, slots=True)
class Community:
    """Credentials of SNMP v1 and v2c."""

    community: str = field(repr=False)
    version: Literal["1", "2c"] = "2c"


@dataclass(frozen=True, slots=True)
class User:
    """Credentials of SNMPv3 (RFC 3414, RFC 3826, RFC 7860). Keys are pass phrases of at least 8 characters."""

    name: str
    auth: AuthProtocol | None = None
    auth_key: str | None = field(default=None, repr=False)
    priv: PrivProtocol | None = None
    priv_key: str | None = field(default=None, repr=False)

    @property
    def level(self) -> str:
        """Return the security level as RFC 3411 calls it."""
        return "noAuthNoPriv" if self.auth is None else "authNoPriv" if self.priv is None else "authPriv"
