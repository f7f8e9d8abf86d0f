"""Cisco's devices by what they say of themselves: model and kind, from sysObjectID or the name of the software."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.profiles.load import pick
from noc.inventory.shipped import shipped
from noc.model.reading import Reading, SnmpAnswer
from noc.model.snapshot import DeviceIdentity
from noc.pipeline.snapshot import snapshot

PROFILES, _ = kept_profiles([shipped("profiles")])
UNLISTED = "1.3.6.1.4.1.9.1.99999"

SWITCHES = [
    "Cisco IOS Software, C3560 Software (C3560-IPSERVICESK9-M)",
    "Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M)",
    "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M)",
    "Cisco IOS Software, C2960S Software",
    "Cisco IOS Software, C2960C405 Software",
    "Cisco IOS Software, C2960L Software",
    "IOS (tm) C2950 Software (C2950-I6K2L2Q4-M)",
    "IOS (tm) C2900XL Software (C2900XL-C3H2S-M)",
    "IOS (tm) C3500XL Software (C3500XL-C3H2S-M)",
    "Cisco IOS Software, C3550 Software (C3550-IPSERVICESK9-M)",
    "Cisco IOS Software, C3560E Software (C3560E-UNIVERSALK9-M)",
    "Cisco IOS Software, C3560CX Software",
    "Cisco IOS Software, C3750 Software (C3750-IPBASEK9-M)",
    "Cisco IOS Software, C3750E Software",
    "Cisco IOS Software, C2970 Software",
    "Cisco IOS Software, C2975 Software",
    "Cisco IOS Software, C2918 Software",
    "Cisco IOS Software, C2955 Software",
    "Cisco IOS Software, Catalyst 4500 L3 Switch Software (cat4500-IPBASEK9-M)",
    "Cisco IOS Software, IOS-XE Software, Catalyst L3 Switch Software (CAT3K_CAA-UNIVERSALK9-M)",
    "Cisco IOS Software [Everest], Catalyst L3 Switch Software (CAT9K_IOSXE)",
    "Cisco IOS Software [Gibraltar], Catalyst L3 Switch Software (CAT9K_LITE_IOSXE)",
    "Cisco IOS Software, s72033_rp Software (s72033_rp-IPSERVICESK9_WAN-M)",
    "Cisco IOS Software, s2t54 Software (s2t54-ADVENTERPRISEK9-M)",
    "Cisco IOS Software, s3223_rp Software",
    "Cisco IOS Software, IE2000 Software (IE2000-UNIVERSALK9-M)",
    "Cisco IOS Software, IES Software (IES-LANBASEK9-M)",
    "Cisco IOS Software, IE4000 Software",
    "Cisco IOS Software [Fuji], IE3x00 Switch Software (IE3x00-UNIVERSALK9-M)",
    "Cisco IOS Software, ME340x Software (ME340x-METROIPACCESSK9-M)",
    "Cisco IOS Software, ME360x Software",
    "Cisco IOS Software, CGS2520 Software",
    "Cisco IOS Software, C1000 Software (C1000-UNIVERSALK9-M)",
    "Cisco IOS Software, CBS30X0 Software",
    "Cisco IOS Software, CIGESM Software",
    "Cisco NX-OS(tm) n5000, Software (n5000-uk9)",
    "Cisco IOS Software, c6880x Software (c6880x-ADVENTERPRISEK9-M)",
    "IE1000 Industrial Ethernet Switch, Version: 1.8.2",
    "Cisco Systems WS-C2948 Cisco Catalyst Operating System Software",
]
ROUTERS = [
    "Cisco IOS Software, C2900 Software (C2900-UNIVERSALK9-M), Version 15.1",
    "Cisco IOS Software, C2951 Software (C2951-UNIVERSALK9-M)",
    "Cisco IOS Software, C1900 Software (C1900-UNIVERSALK9-M)",
    "Cisco IOS Software, C3900 Software (C3900-UNIVERSALK9-M)",
    "Cisco IOS Software, C3900e Software (C3900e-UNIVERSALK9-M)",
    "Cisco IOS Software, 2800 Software (C2800NM-ADVIPSERVICESK9-M)",
    "Cisco IOS Software, 2801 Software (C2801-IPBASEK9-M)",
    "Cisco IOS Software, 3800 Software (C3845-ADVENTERPRISEK9-M)",
    "Cisco IOS Software, 3700 Software (C3745-",
    "Cisco IOS Software, 1841 Software (C1841-ADVIPSERVICESK9-M)",
    "Cisco IOS Software, C1700 Software (C1700-",
    "IOS (tm) C2600 Software (C2600-I-M)",
    "IOS (tm) C2691 Software",
    "IOS (tm) 3600 Software (C3640-I-M)",
    "IOS (tm) 2500 Software (C2500-I-L)",
    "IOS (tm) 4500 Software (C4500-J-M)",
    "IOS (tm) 7200 Software (C7200-IS-M)",
    "Cisco IOS Software, 7301 Software",
    "Cisco IOS Software, c7600s72033_rp Software (c7600s72033_rp-ADVIPSERVICESK9-M)",
    "Cisco IOS Software, c7600rsp72043_rp Software",
    "Cisco IOS Software, C800 Software (C800-UNIVERSALK9-M)",
    "Cisco IOS Software, C880 Software (C880DATA-UNIVERSALK9-M)",
    "Cisco IOS Software, C890 Software",
    "Cisco IOS Software, C181X Software",
    "Cisco IOS Software, C870 Software",
    "Cisco IOS Software, IOS-XE Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 15.5(3)S",
    "Cisco IOS Software [Everest], ISR Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 16.6.5",
    "Cisco IOS Software [Denali], CSR1000V Software (X86_64_LINUX_IOSD-UNIVERSALK9-M)",
    "Cisco IOS Software [Amsterdam], Virtual XE Software (X86_64_LINUX_IOSD-UNIVERSALK9-M)",
    "Cisco IOS Software [Amsterdam], c8000be Software (X86_64_LINUX_IOSD-UNIVERSALK9-M)",
    "Cisco IOS Software [Cupertino], c8000aep Software",
    "Cisco IOS Software, ASR1000 Software (PPC_LINUX_IOSD-ADVENTERPRISEK9-M)",
    "Cisco IOS Software, ASR920 Software",
    "Cisco IOS Software, ASR900 Software (PPC_LINUX_IOSD-UNIVERSALK9_NPE-M)",
    "Cisco IOS Software [Fuji], ISR Software (ARMV8EB_LINUX_IOSD-UNIVERSALK9_IAS-M)",
    "Cisco IOS Software, ir800 Software (ir800-UNIVERSALK9-M)",
    "Cisco IOS Software, IR1101 Software",
    "Cisco IOS XR Software (Cisco ASR9K Series),  Version 5.3.4",
    "Cisco IOS XR Software (NCS-5500), Version 7.3.2",
    "Cisco IOS XR Software (8000), Version 7.5",
    "Cisco IOS XR Software (Cisco CRS-1 Series)",
    "Cisco IOS Software, 5350 Software (C5350-IS-M)",
    "Cisco IOS Software, CGR1000 Software",
    "Cisco IOS Software, C1100 Software",
    "Cisco Internetwork Operating System Software IOS (tm) RSP Software (RSP-PV-M)",
    "IOS (tm) GS Software (GSR-P-M)",
    "Cisco IOS Software, C10000 Software",
]


def told(sys_object_id: str, sys_descr: str) -> DeviceIdentity:
    profile = pick(PROFILES, sys_object_id, sys_descr)
    answer = SnmpAnswer(profile.name, {"sysObjectID": sys_object_id, "sysDescr": sys_descr.encode()})
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return snapshot(Reading("snmp", "192.0.2.1", "test", at, 0.1, snmp=answer), profile).device


@pytest.mark.parametrize("descr", SWITCHES)
def test_a_switch_is_told_by_its_software(descr: str) -> None:
    assert told(UNLISTED, descr).device_class == "switch"


@pytest.mark.parametrize("descr", ROUTERS)
def test_a_router_is_told_by_its_software(descr: str) -> None:
    assert told(UNLISTED, descr).device_class == "router"


@pytest.mark.parametrize(
    ("number", "descr", "model", "device_class"),
    [
        (1045, "Cisco IOS Software, C2900 Software (C2900-UNIVERSALK9-M)", "cisco2911", "router"),
        (183, "IOS (tm) C2900XL Software (C2900XL-C3H2S-M)", "catalyst2924XL", "switch"),
        # One software for two series: only the model tells the 7606 from the Catalyst 6509.
        (402, "Cisco IOS Software, s72033_rp Software (s72033_rp-ADVIPSERVICESK9-M)", "cisco7606", "router"),
        (534, "Cisco IOS Software, s72033_rp Software (s72033_rp-ADVIPSERVICESK9-M)", "ciscoWSC6509neba", "switch"),
        (576, "Cisco IOS Software, 2800 Software (C2800NM-ADVIPSERVICESK9-M)", "cisco2811", "router"),
        (543, "Cisco IOS Software, 3800 Software (C3825-ADVENTERPRISEK9-M)", "cisco3825", "router"),
        (1041, "Cisco IOS Software, C3900 Software (C3900-UNIVERSALK9-M)", "cisco3945", "router"),
        (
            1935,
            "Cisco IOS Software [Everest], ISR Software (X86_64_LINUX_IOSD-UNIVERSALK9-M)",
            "ciscoISR4431",
            "router",
        ),
        (1537, "Cisco IOS Software, CSR1000V Software (X86_64_LINUX_IOSD)", "ciscoCSR1000v", "router"),
        (1116, "Cisco IOS Software, ASR1000 Software (PPC_LINUX_IOSD)", "ciscoASR1002F", "router"),
        (745, "Cisco Adaptive Security Appliance Version 9.1(7)", "ciscoASA5505", "firewall"),
        (1661, "Cisco IOS Software, C3600 Software (AP3G2-K9W7-M)", "ciscoAIRAP3602", "other"),
        (1348, "Hardware:VMware, 1  Intel(R) Xeon(R), 4096 MB Memory: Software:UCOS 6.0.0.0-2", "VMware", "pabx"),
    ],
)
def test_a_listed_model_is_told_by_its_number(number: int, descr: str, model: str, device_class: str) -> None:
    device = told(f"1.3.6.1.4.1.9.1.{number}", descr)
    assert (device.model, device.device_class) == (model, device_class)


@pytest.mark.parametrize(
    ("descr", "model", "version"),
    [
        ("IOS (tm) C2950 Software (C2950-I6K2L2Q4-M), Version 12.1(22)EA14, RELEASE", "C2950", "12.1(22)EA14"),
        ("Cisco IOS XR Software (NCS-5500), Version 7.3.2 LNT", "NCS-5500", "7.3.2"),
        ("Cisco NX-OS(tm) n7000, Software (n7000-s2-dk9), Version 6.2(16), RELEASE", "n7000", "6.2(16)"),
        ("Cisco Firepower Threat Defense, Version 7.6.2.1 (Build 3), ASA Version 9.22(1)128", None, "7.6.2.1"),
    ],
)
def test_a_device_without_entities_says_in_words_what_it_is(descr: str, model: str | None, version: str) -> None:
    device = told(UNLISTED, descr)
    assert (device.model, device.version) == (model, version)


def test_a_codec_says_all_in_words() -> None:
    device = told(
        "1.3.6.1.4.1.5596.150.6.4.1",
        "Cisco Codec\nSoftW: ce9.15.3.26\nMCU: Cisco TelePresence Room Kit\nDate: 2021-06-24\nS/N: FOC0000ABCD",
    )
    assert (device.model, device.version) == ("Cisco TelePresence Room Kit", "ce9.15.3.26")
    assert (device.serial, device.device_class) == ("FOC0000ABCD", "video")
