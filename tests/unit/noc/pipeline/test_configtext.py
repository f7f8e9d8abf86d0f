"""What is kept of a configuration: no secret, no noise, and who changed it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.command import PLATFORMS, Command
from noc.model.showing import commands
from noc.pipeline.configtext import MASK, copy_of, masked

SECRET = "S3cr3tW0rd"
LINES = [
    # Cisco IOS, IOS-XE, IOS-XR, NX-OS, ASA, EOS, FRR, AOS-CX
    f"enable secret 5 {SECRET}",
    f"enable secret 9 $9${SECRET}",
    f"enable password {SECRET}",
    f"enable password level 15 7 {SECRET}",
    f"username noc privilege 15 secret 5 {SECRET}",
    f"username noc privilege 15 password 0 {SECRET}",
    f"username noc password {SECRET} encrypted privilege 15",
    f"username noc secret sha512 $6${SECRET}",
    f"username admin password 5 $5${SECRET}  role network-admin",
    f"snmp-server community {SECRET} RO 10",
    f"snmp-server community 0 {SECRET}",
    f"snmp-server host 192.0.2.1 {SECRET}",
    f"snmp-server host 192.0.2.1 version 2c {SECRET}",
    f"snmp-server host 192.0.2.1 vrf mgmt informs version 2c {SECRET} bgp",
    f"snmp-server user noc group v3 auth sha {SECRET} priv aes 128 x",
    f"snmp-server user noc group v3 auth sha x priv aes 128 {SECRET}",
    f"snmp-server user noc network-admin auth md5 {SECRET} priv {SECRET} localizedkey",
    f"tacacs-server key 7 {SECRET}",
    f"tacacs-server host 192.0.2.1 key 7 {SECRET}",
    f"radius-server host 192.0.2.1 auth-port 1812 acct-port 1813 key 7 {SECRET}",
    f" server-private 192.0.2.1 key 7 {SECRET}",
    f" key 7 {SECRET}",
    f" key {SECRET}",
    f"  key-string 7 {SECRET}",
    f"crypto isakmp key {SECRET} address 192.0.2.1",
    f"crypto isakmp key 6 {SECRET} hostname peer",
    f" pre-shared-key local {SECRET}",
    f" ikev1 pre-shared-key {SECRET}",
    f" ikev2 remote-authentication pre-shared-key {SECRET}",
    f" neighbor 192.0.2.1 password 7 {SECRET}",
    f" neighbor 192.0.2.1 password encrypted {SECRET}",
    f" ip ospf message-digest-key 1 md5 7 {SECRET}",
    f" ip ospf authentication-key {SECRET}",
    f" ppp chap password 0 {SECRET}",
    f" standby 1 authentication md5 key-string {SECRET}",
    f" standby 1 authentication {SECRET}",
    f" vrrp 1 authentication text {SECRET}",
    f"ntp authentication-key 1 md5 {SECRET} 7",
    f"passwd {SECRET} encrypted",
    f" wpa-psk ascii 0 {SECRET}",
    f" isis password {SECRET} level-2",
    # Junos
    f'set system root-authentication encrypted-password "$6${SECRET}"',
    f'set system tacplus-server 192.0.2.1 secret "$9${SECRET}"',
    f"set snmp community {SECRET} authorization read-only",
    f'set protocols bgp group x authentication-key "$9${SECRET}"',
    f'set security ike policy x pre-shared-key ascii-text "$9${SECRET}"',
    f'set snmp v3 usm local-engine user x authentication-sha authentication-key "$9${SECRET}"',
    f'set snmp v3 usm local-engine user x privacy-aes128 privacy-key "$9${SECRET}"',
    f'        encrypted-password "$1${SECRET}"; ## SECRET-DATA',
    # FortiOS
    f"        set password ENC {SECRET}",
    f"        set psksecret ENC {SECRET}",
    f"        set passwd {SECRET}",
    f'        set passphrase "{SECRET}"',
    # Huawei, Comware
    f" local-user noc password irreversible-cipher {SECRET}",
    f" password hash {SECRET}",
    f" snmp-agent community read cipher %^%#{SECRET}%^%#",
    f" snmp-agent community read {SECRET}",
    f" ospf authentication-mode md5 1 cipher {SECRET}",
    f" radius-server shared-key cipher {SECRET}",
    f" peer 192.0.2.1 password simple {SECRET}",
    # RouterOS, PAN-OS, Gaia
    f"/ppp secret add name=x password={SECRET} service=l2tp",
    f"set [ find default=yes ] wpa2-pre-shared-key={SECRET}",
    f"set [ find default=yes ] name={SECRET} read-access=yes",
    f'add address=192.0.2.1 secret="{SECRET} with blanks"',
    f"      phash {SECRET};",
    f"          key {SECRET};",
    f"      snmp-community-string {SECRET};",
    f"set user admin password-hash {SECRET}",
    f"set snmp community {SECRET} read-only",
    f"add aaa radius-servers priority 1 host 192.0.2.1 port 1812 secret {SECRET} timeout 3",
    f"set expert-password-hash {SECRET}",
]


@pytest.mark.parametrize("line", LINES)
def test_no_secret_is_shown(line: str) -> None:
    assert SECRET not in masked(line)
    assert MASK in masked(line)


@pytest.mark.parametrize(
    "line",
    [
        "hostname nbo-rtr-1",
        "interface GigabitEthernet0/0/0",
        " description key customer",
        " ip address 192.0.2.1 255.255.255.0",
        "key chain OSPF",
        " key 1",
        "crypto key generate rsa",
        "service password-encryption",
        "ip ssh version 2",
        "aaa authentication login default group tacacs+ local",
        "router bgp 64500",
        " neighbor 192.0.2.1 remote-as 64501",
        "set interfaces ge-0/0/0 unit 0 family inet address 192.0.2.1/24",
        "ntp server 192.0.2.1",
    ],
)
def test_what_is_no_secret_stays_as_it_is(line: str) -> None:
    assert masked(line) == line


def test_a_private_key_goes_whole() -> None:
    text = f'set private-key "-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n{SECRET}\n-----END RSA PRIVATE KEY-----"\nnext'
    assert SECRET not in masked(text)
    assert masked(text).endswith("\nnext")


IOS = """\
Building configuration...

Current configuration : 1812 bytes
!
! Last configuration change at 18:56:48 UTC Wed Apr 5 2017 by ntc
! NVRAM config last updated at 18:57:00 UTC Wed Apr 5 2017 by ntc
!
version 15.2
hostname nbo-rtr-1
enable secret 5 $1$abc
interface GigabitEthernet0/0/0
ntp clock-period 17179869
end
"""


def test_who_changed_it_last_is_read_where_the_device_tells() -> None:
    copy = copy_of([IOS])
    assert copy is not None
    assert (copy.changed, copy.author) == ("18:56:48 UTC Wed Apr 5 2017", "ntc")
    junos = copy_of(["set a\nset b\nset c\n", "0   2021-07-13 16:35:35 MSK by admin via cli\n1   2020"])
    assert junos is not None
    assert (junos.changed, junos.author) == ("2021-07-13 16:35:35 MSK", "admin")
    plain = copy_of(["a\nb\nc"])
    assert plain is not None
    assert (plain.changed, plain.author) == (None, None)


def test_what_a_device_writes_anew_each_time_is_no_difference() -> None:
    later = IOS.replace("18:56:48", "19:00:00").replace("1812", "1813").replace("17179869", "17179870")
    first, second = copy_of([IOS]), copy_of([later])
    other = copy_of([IOS.replace("GigabitEthernet0/0/0", "GigabitEthernet0/0/1")])
    assert first is not None
    assert second is not None
    assert other is not None
    assert first.digest == second.digest != other.digest


def test_an_error_message_is_no_configuration() -> None:
    assert copy_of(["% Invalid input detected at '^' marker."]) is None
    assert copy_of([]) is None


def test_every_command_may_be_asked_and_every_router_has_one() -> None:
    assert {platform for platform in PLATFORMS if not commands(platform)} == {"linux"}
    assert all(Command(platform, text) for platform in PLATFORMS for text in commands(platform))


@given(st.text(max_size=2000))
def test_no_text_breaks_the_mask(text: str) -> None:
    assert masked(text).count("\n") <= text.count("\n")
    copy_of([text])


def test_long_and_hostile_lines_are_masked_in_bounded_time() -> None:
    started = time.perf_counter()
    for line in (
        "key " * 100_000,
        "password 7 " * 50_000,
        "snmp-server host " * 20_000,
        "auth priv " * 50_000,
        '"' * 200_000,
    ):
        masked(line)
    assert time.perf_counter() - started < 5.0
