"""Sets of credentials: what goes together and what doesn't."""

from __future__ import annotations

import pytest

from noc.inventory.credentials import CredentialSet
from noc.model.errors import InputError
from noc.settings.schema import validate
from noc.settings.yamltext import parse

V3 = "version: 3, user: noc, auth: SHA-256, auth_key: !secret env:A, priv: AES-128, priv_key: !secret env:P"


def messages(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        validate(CredentialSet, parse(text, "x.yaml"))
    return [str(finding) for finding in caught.value.findings]


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "snmp: {version: 2c, community: !secret env:C}",
        "snmp: {version: 1, community: !secret env:C}",
        "snmp: {version: '1', community: !secret env:C}",
        "snmp: {version: 3, user: noc}",
        "snmp: {version: 3, user: noc, auth: MD5, auth_key: !secret env:A}",
        f"snmp: {{{V3}}}",
        "ssh: {user: noc, password: !secret env:S}",
        "ssh: {user: noc, port: 2222, private_key: !secret file:id_ed25519, passphrase: !secret env:S}",
    ],
)
def test_sets_that_make_sense(text: str) -> None:
    read = validate(CredentialSet, parse(text, "x.yaml"))
    if read.snmp is not None:
        assert read.snmp.version in ("1", "2c", "3")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "snmp: {version: 2, community: !secret env:C}",
            ["x.yaml:1:17: error: snmp.version: '2' is not one of '1', '2c' or '3' (did you mean '2c'?)"],
        ),
        (
            "snmp: {community: !secret env:C}",
            ["x.yaml:1:7: error: missing key 'version'"],
        ),
        ("snmp: {version: 2c}", ["x.yaml:1:7: error: snmp.community: version 2c needs a community"]),
        (
            "snmp: {version: 2c, community: public}",
            [
                (
                    "x.yaml:1:32: error: snmp.community: a secret is given by reference only: "
                    "write !secret file:/path, !secret env:NAME or !secret cred:NAME"
                ),
            ],
        ),
        (
            "snmp: {version: 1, community: !secret env:C, user: noc, auth: MD5, auth_key: !secret env:A}",
            [
                "x.yaml:1:52: error: snmp.user: belongs to version 3, this is version 1",
                "x.yaml:1:63: error: snmp.auth: belongs to version 3, this is version 1",
            ],
        ),
        (
            "snmp: {version: 3, community: !secret env:C}",
            [
                "x.yaml:1:7: error: snmp.user: version 3 needs a user",
                "x.yaml:1:31: error: snmp.community: version 3 has a user, no community; take one of them out",
            ],
        ),
        (
            "snmp: {version: 3, user: noc, auth: SHA-256}",
            ["x.yaml:1:7: error: snmp.auth_key: auth is given without auth_key; they go together"],
        ),
        (
            "snmp: {version: 3, user: noc, auth_key: !secret env:A}",
            ["x.yaml:1:41: error: snmp.auth_key: auth_key is given without auth; they go together"],
        ),
        (
            "snmp: {version: 3, user: noc, priv: AES-128, priv_key: !secret env:P}",
            [
                "x.yaml:1:37: error: snmp.priv: SNMPv3 doesn't encrypt without authentication; add auth and auth_key",
            ],
        ),
        (
            "snmp: {version: 3, user: noc, auth: SHA-256, auth_key: !secret env:A, priv: AES-128}",
            ["x.yaml:1:7: error: snmp.priv_key: priv is given without priv_key; they go together"],
        ),
        (
            "snmp: {version: 3, user: noc, auth: SHA256, auth_key: !secret env:A}",
            [
                (
                    "x.yaml:1:37: error: snmp.auth: 'SHA256' is not one of 'MD5', 'SHA-1', 'SHA-224', 'SHA-256', "
                    "'SHA-384' or 'SHA-512' (did you mean 'SHA-256'?)"
                ),
            ],
        ),
        ("ssh: {user: noc}", ["x.yaml:1:6: error: ssh: give either password or private_key"]),
        (
            "ssh: {user: noc, password: !secret env:S, private_key: !secret env:K}",
            ["x.yaml:1:6: error: ssh: give either password or private_key"],
        ),
        (
            "ssh: {user: noc, password: !secret env:S, passphrase: !secret env:K}",
            ["x.yaml:1:6: error: ssh: passphrase belongs to private_key"],
        ),
    ],
)
def test_sets_that_contradict_themselves(text: str, expected: list[str]) -> None:
    assert messages(text) == expected
