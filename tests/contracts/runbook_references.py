"""Commands of runbooks that no profile and no template knows, each with the reference that has it; reviewed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OTHER: Final = frozenset({"pollers", "targets", "poll_interval", "store:", "spool: budget:", "lo0", "stow"})
"""Words of noc's settings, an interface, an order to an antenna: no commands."""

PROGRAMS: Final[Mapping[str, str]] = {
    "certbot": "certbot",
    "chronyc": "chrony",
    "curl": "curl",
    "df": "coreutils",
    "dig": "bind9-dnsutils",
    "du": "coreutils",
    "free": "procps",
    "hostname": "hostname",
    "iostat": "sysstat",
    "ip": "iproute2",
    "journalctl": "systemd",
    "ls": "coreutils",
    "lsof": "lsof",
    "nc": "netcat-openbsd",
    "ntpq": "ntpsec",
    "openssl": "openssl",
    "pidstat": "sysstat",
    "ps": "procps",
    "shutdown": "systemd-sysv",
    "ss": "iproute2",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "systemctl": "systemd",
    "timedatectl": "systemd",
    "top": "procps",
    "traceroute": "traceroute",
    "vmstat": "procps",
}
"""Programs of a Linux machine, and which package of Debian brings them. Those of networks are typed anywhere."""

_IOS: Final[Mapping[str, tuple[str, ...]]] = {
    "Cisco IOS Configuration Fundamentals Command Reference": (
        "configure replace", "line vty", "show archive config differences", "show environment all",
        "show processes cpu history", "show processes cpu sorted", "show processes cpu sorted 5min", "write memory",
    ),
    "Cisco IOS Terminal Services Command Reference": ("clear line vty",),
    "Cisco IOS Debug Command Reference": ("no debug all", "undebug all"),
    "Cisco IOS Interface and Hardware Component Command Reference": (
        "bandwidth", "no shutdown", "show errdisable recovery", "shutdown",
    ),
    "Cisco IOS Network Management Command Reference": (
        "logging rate-limit", "logging trap warnings", "no snmp-server", "show snmp engineID", "snmp-server community",
        "snmp-server engineID local",
    ),
    "Cisco IOS Basic System Management Command Reference": ("ntp server",),
    "Cisco IOS IP SLAs Command Reference": (
        "show ip sla configuration", "show ip sla responder", "show ip sla statistics", "show ip sla summary",
    ),
    "Cisco IOS Quality of Service Solutions Command Reference": (
        "show ip nbar protocol-discovery interface", "show policy-map interface", "show queueing interface",
    ),
    "Cisco IOS Flexible NetFlow Command Reference": ("show flow monitor",),
    "Cisco IOS IP Routing: BGP Command Reference": ("neighbor",),
    "Cisco IOS IP Application Services Command Reference": ("show track",),
    "Cisco IOS Multiprotocol Label Switching Command Reference": (
        "show mpls ldp discovery", "show mpls ldp neighbor", "show mpls traffic-eng tunnels",
    ),
    "Cisco IOS LAN Switching Command Reference": (
        "show mac address-table address", "show mac address-table interface", "show vlan brief",
    ),
    "Cisco IOS Security Command Reference": (
        "access-class", "show access-lists", "show authentication sessions interface", "show crypto key mypubkey rsa",
        "show ip ssh",
    ),
}  # fmt: skip

_JUNOS: Final[Mapping[str, tuple[str, ...]]] = {
    "Junos OS CLI User Guide": ("rollback", "show configuration"),
    "Junos OS Operational Mode Commands: system": (
        "request system logout user", "restart snmp", "show log messages", "show system commit", "show system memory",
        "show system processes extensive", "show task memory",
    ),
    "Junos OS Operational Mode Commands: interfaces and chassis": (
        "show chassis alarms", "show chassis routing-engine", "show interfaces diagnostics optics",
        "show interfaces queue", "show interfaces terse",
    ),
    "Junos OS Operational Mode Commands: routing and MPLS": (
        "show bgp neighbor", "show ldp neighbor", "show mpls lsp name", "show route instance", "show rsvp session",
        "show vrrp extensive",
    ),
    "Junos OS Network Management and Monitoring Guide": (
        "set snmp community", "set snmp engine-id use-mac-address", "set system syslog host",
        "show configuration snmp", "show services rpm probe-results", "show snmp statistics",
    ),
    "Junos OS Ethernet Switching User Guide": ("show ethernet-switching table interface",),
    "Junos OS Security Policies User Guide for SRX": (
        "show security match-policies", "show security monitoring performance spu",
    ),
}  # fmt: skip

_ASA: Final[Mapping[str, tuple[str, ...]]] = {
    "Cisco Secure Firewall ASA Series Command Reference": (
        "packet-tracer input", "show conn address", "show cpu usage", "show local-host",
    ),
}  # fmt: skip

KNOWN: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {"IOS": _IOS, "Junos": _JUNOS, "ASA": _ASA}
"""By system and reference: first words."""

EVERYWHERE: Final = frozenset({"ping", "traceroute"})
"""What each of the systems has."""
