"""What the commands that noc runs are made of: words that say what is shown, and what they are shown of. Pure.

An allow-list. A word that does something (`clear`, `save`, `to-file`, one that nobody here has read about) is not in
it, and what isn't in it is not run, whatever a file of a configuration says. Beside these words a command may hold
numbers, addresses and interfaces (each with a digit), and names, behind the words that announce one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

SHOWN: Final = frozenset(
    """
    aaa access access-group access-list access-lists access-points access-session acl active active-sessions actual
    address address-family address-table addresses adjacencies adjacency admin administrator advanced
    advertised-routes age aggregate aggregate-ethernet aggregates alarm alarms alert alias aliases all all-members
    all-ports all-virtual-routers all-vrf all-vrfs antivirus any anyconnect application applications applied-record
    archive area areas arp arp-table arpentry as-path-access-list asbr asic-errors asn asp asset associations
    attributes audit authentication authorization autonomous-system available average backup backup-designated
    band-select bandwidth base base-mac best best-path bfd bfd-session bgp bgp-neighbor bgp-neighbors bgp-peer
    bgp-summary bidirectional bind binding board boarditem boot boot-config bootflash: bootstate border-routers bound
    breakout bridge bridge-settings brief brief-status broadcast bss-table buffer buffers byport byvlan cache call
    calls capabilities capability card cards cause cdp cef cell cells cellular cellular-radio certificate certificates
    chain chains changes channel chassis chassis-cluster class class-map cleanair client client-status clients clns
    clock clocks cluster cluster-member cluster-state collisions command-history commands commit community
    community-list compare compare-config compress-config config config-status configuration conn connections console
    context contexts control controller controller-information controllers cooling core cores cost count counter
    counters cpu cpu-load cpu-usage cpu-util crc credentials crypto crypto-map cts current current-configuration cwdm
    database database-summary date date-and-time ddns default default-gateway default-route degraded description
    designated detail detailed details device device-name deviceinfo dhcp dhcp-client dhcp-relay dhcp-server
    dhcp-snooping dhcpv6 diag diagnostic diagnostics dial-peer dialer diameter directory disk disk0: disks
    display-config distance distribute-list dmvpn dns dns-proxy dom domain domainname domains dot1x drop drops dscp
    dual-active duplex dvmrp dynamic dynamic-dns eee egress eigrp eigrp-neighbors encapsulation encrypted
    endpoint-tracker energy engine engines environment environment-info environmentals epon equipment err-disabled
    errors esis eth eth-port eth-trunk ether etherchannel ethernet ethernet-config ethernet-switching evc event
    event-log events evpn exclusionlist extended extensive extranet fabric fabricpath failover family fan fans fault
    faults fdb feature features fec fex fia fib filter filters firewall firmware flags flash: flashlock flexconnect
    flogi flow flows forwarding forwarding-options forwarding-table fpc frame-relay frequency frr fru full
    full-configuration gateway gateways gemport general general-status gigabit glbp global gnmi gpon gps gptp gre
    group group-map group-range ha ha-status half-duplex harddisk: hardware hardware-module hardware-status health
    heartbeat helper-address helpers high-availability history hops host hostname hosts hsrp http http-server https
    hundredgigabitethernet hundredgige icmp icmp6 id identity igmp igmp-snooping igp ike ike-sa ikev1 image in
    inactive incomplete index inet inet6 info information ingress inline inner input input-errors inspect install
    instance instance-name instances integrity interface interface-status interfaces interfaces-status internal
    internet inuse inventory inventory-info ip ip-address ip-interface iparp ipconfig ipfix ipsec ipsec-sa ipsec-vpn
    ipv4 ipv6 ipv6-interface ipv6-neighbors isakmp isdn isdp isis issu jobs json keepalive key key-chain keys l2
    l2-learning l2circuit l2l l2rib l2transport l2vpn l3 label labels lacp lacp-info lag lanes lanmac last-change
    latency layer layer2 layer3 ldp ldp-session learned learning lease leases led led-status levels license
    license-info light limit limits line linecard linecards lines link link-aggregation linkagg links list lldp
    lldp-neighbors lns load load-balance local local-device location log log-buffer logbuffer logging logical
    logical-system logical-systems lom long loopback lpts lsa lsas lsdb lsp mac mac-addr-table mac-address
    mac-address-table mac-learning macaddress machineitem macsec main main-status management manuinfo map mapping
    mappings mask master match max maximum mbgp mc-lag mean media media-information mem member member-port members
    memory memory-usage messages meter metering method metro mgcp mgmt mib micro-bfd min minimum minutes mirror
    mirroring mka mlag mlt mobility mode mode-info model models module module-information monitoring mos mpls mrib
    mroute mroutes msdp mst mstp mtu multi-chassis multi-vrf multicast multiplexer name nat nat-policy nd ndp neighbor
    neighbor-information neighbors neighbors-info neighborship netconf netflow network network-config next-hop
    next-hops nhrp nic nmea no-more no-resolve node nodes non-default nonzero normal notifications np nsf nsr ntp
    ntp-service number numbers nve oam object object-group object-groups objects offset omp online ont ont-lineprofile
    ont-srvprofile oper operation operational optic optical-info optical-module optics options optmode order origin
    ospf ospf3 ospfv3 outgoing output overlay overview owner packet packets pacs parameters participants partition
    passive password-policy patch-information path path-monitoring paths pbr peer peer-as peer-group peer-groups
    peer-status peers peers-info pem pems per-vrf percent performance permanently-frozen-list pfe phase phy physical
    physical-interface pic pifib pim pim6 pki plane platform poe poe-status police policy policy-interface policy-map
    pool pools port port-access port-channel port-security port-statistics port-status portid ports portstatistics
    power power-supplies power-supply power-usage powersupply pppoe pps precision prefix prefix-list prefix-sid
    prefixes pri pri-group privilege probe probes problems process-id processes processor processors product
    product-info-area productmac profile profiles properties protocol protocols proxy psu psus ptp pvst pwm qfp qos
    queue queue-counters queueing queues quota radio-database radios radius ranges rate rates ratio raw reachability
    ready reasons received received-routes recent records redundancy reference registration rejected relay relays
    release remaining remote remote-device remote-system rep repeater report reports requirements reserved resource
    resources responses result result-summary rf rf-profile rib rip ripng rmon role roles root route route-engine
    route-map route-policy route-reflector routed routemap router router-id router-interface routes routing
    routing-instance routing-instances routing-table rp rpf rpki rpm rps rstp rsvp rtp rtr rule rules running
    running-config sa sample samples sap sap-using saved-configuration scheduler schedules scope sdp sdp-using sdwan
    search secondary sections secure secure-crashlog security security-associations security-policy segment
    segment-routing sensing sensor sensors sequence serial serial-number server server-status servers service
    service-name-using service-port service-status service-using services session session-info session-statistics
    session-table sessions settings sfp shape shaper shaping sharing shelf signal sip sip-gateway sites size sla slot
    slots sn snapshot snmp snmp-agent snmp-ifindex snmp-profile snmp-server snmpv3 snooping sntp socket sockets
    software software-image sorted source source-identity source-interface sources span spanning-tree spd speed split
    sr srlg srv6 ssh ssl ssl-vpn sslvpn stack stack-member stack-ports stack-power stale standby startup
    startup-config state static static-channel-group statics station stations statistic statistics stats status
    storage storage-usage storm-control stp stratum streams sub-interface subinterfaces submodule subnet subnets
    subscriber subscribers sum summaries summary supplies supply support svi switch switched switching-mode switchport
    sync synchronization sys-info sys-uptime sysinfo syslog sysman system systems sysuptime table table-map tables
    tacacs tacacs-server tag target targets tcp te telnet temp temperature temperatures template templates terminal
    terse thermal this threshold thresholds throughput time time-range time-source timeout timers timezone tls top
    topo topology toptalkers total totals track track-list tracker-group tracking traffic-class traffic-eng
    traffic-filter traffic-policy transceiver translations transport trap traps tree trunk trunk-group trunks trusted
    ttl tty tunnel tunnel-group tunnels twamp type types udld udp unicast unit units unknown uplink uplinks uptime
    uptime-info urpf usage usb used user users users-info utilisation utilization uuid valid validation value values
    vc vccv vdc vdsl vendor verbose version versions vfi video view views vip virtual virtual-address virtual-chassis
    virtual-ip virtual-link virtual-links virtual-router virtual-system virtual-wan vlan vlan-switch vlans vm vni
    voice voice-port voip voip-call voltage voltages volume volumes vpc vpls vpn vpn-connect vpn-context vpn-instance
    vpn-ipv4 vpn-sessiondb vpn-tunnel vpns vpnv4 vpws vrf vrf-all vrrp vrrp3 vsf vtep vteps vtp vty wan wan-info
    wanmac warnings watchdog wccp web weight wifi wireless wlan wlan-controller wlan-info wlan-status xconnect xcvr
    xdsl xlate xml zone zones
    """.split()  # noqa: SIM905 a thousand words in quotes are no easier to read
)
"""Words of `show` and `display` of all platforms that say what is shown, of what, or how. `sa`, `te` and the places of
files are refused elsewhere than behind the words that noc.model.commandwords gives."""

NAMED: Final = frozenset(
    (
        *("vrf", "vpn-instance", "instance", "instance-name", "routing-instance", "logical-system", "virtual-router"),
        *("vdc", "context", "name", "interface", "interfaces", "neighbor", "neighbors", "peer", "group", "peer-group"),
        *("policy-map", "class-map", "policy", "access-list", "access-lists", "prefix-list", "route-map", "list"),
        *("community-list", "key-chain", "user", "host", "server", "location", "tunnel-group", "map", "zone", "vlan"),
        *("tag", "service", "ospf", "isis", "process-id", "table", "pool", "profile", "filter", "tunnel", "lsp"),
    )
)
"""Words behind which a name that people gave may stand."""

_NUMBERED: Final = re.compile(
    r"(?:[A-Za-z][A-Za-z-]{0,29})?[0-9][A-Za-z0-9./:_-]{0,62}|[0-9A-Fa-f:.]{0,39}::[0-9A-Fa-f:.]{0,39}(?:/[0-9]{1,3})?"
)
"""A number, an address or a prefix, or the name of an interface: `10`, `192.0.2.0/24`, `fe80::1`, `ge-0/0/1.100`."""

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@:+/-]{0,63}")


def unknown_word(words: Sequence[str]) -> str | None:
    """Return the first word that is not known to show alone, of those behind the verb; None where all are."""
    before = ""
    for word in words:
        known = word.lower() in SHOWN or _NUMBERED.fullmatch(word) or (before in NAMED and _NAME.fullmatch(word))
        if not known:
            return word
        before = word.lower()
    return None
