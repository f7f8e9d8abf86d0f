"""The objects of a device that does not exist: system group, interfaces, a processor, and something behind."""

from __future__ import annotations

from noc.wire.ber import Oid, Tag, Value

SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
IF_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IFX_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
PROCESSOR_LOAD: Oid = (1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 2)

SYS_DESCR, SYS_OBJECT_ID, SYS_UP_TIME = (*SYSTEM, 1, 0), (*SYSTEM, 2, 0), (*SYSTEM, 3, 0)
SYS_CONTACT, SYS_NAME, SYS_LOCATION = (*SYSTEM, 4, 0), (*SYSTEM, 5, 0), (*SYSTEM, 6, 0)
ENGINE_BOOTS, ENGINE_TIME = (1, 3, 6, 1, 6, 3, 10, 2, 1, 2, 0), (1, 3, 6, 1, 6, 3, 10, 2, 1, 3, 0)

IF_COLUMNS: dict[str, tuple[int, Tag]] = {
    "ifDescr": (2, Tag.OCTET_STRING),
    "ifType": (3, Tag.INTEGER),
    "ifMtu": (4, Tag.INTEGER),
    "ifSpeed": (5, Tag.GAUGE32),
    "ifPhysAddress": (6, Tag.OCTET_STRING),
    "ifAdminStatus": (7, Tag.INTEGER),
    "ifOperStatus": (8, Tag.INTEGER),
    "ifLastChange": (9, Tag.TIME_TICKS),
    "ifInOctets": (10, Tag.COUNTER32),
    "ifInUcastPkts": (11, Tag.COUNTER32),
    "ifInDiscards": (13, Tag.COUNTER32),
    "ifInErrors": (14, Tag.COUNTER32),
    "ifOutOctets": (16, Tag.COUNTER32),
    "ifOutUcastPkts": (17, Tag.COUNTER32),
    "ifOutDiscards": (19, Tag.COUNTER32),
    "ifOutErrors": (20, Tag.COUNTER32),
}
IFX_COLUMNS: dict[str, tuple[int, Tag]] = {
    "ifName": (1, Tag.OCTET_STRING),
    "ifHCInOctets": (6, Tag.COUNTER64),
    "ifHCOutOctets": (10, Tag.COUNTER64),
    "ifHighSpeed": (15, Tag.GAUGE32),
    "ifAlias": (18, Tag.OCTET_STRING),
}


def device(interfaces: int = 30) -> dict[Oid, tuple[Tag, Value]]:
    """Return the objects of a device with so many interfaces, of no known make."""
    objects: dict[Oid, tuple[Tag, Value]] = {
        SYS_DESCR: (Tag.OCTET_STRING, b"A device that does not exist"),
        SYS_OBJECT_ID: (Tag.OID, (1, 3, 6, 1, 4, 1, 32473, 1)),  # RFC 5612: enterprise number for documentation
        SYS_UP_TIME: (Tag.TIME_TICKS, 123_456),
        SYS_CONTACT: (Tag.OCTET_STRING, b"noc@example.org"),
        SYS_NAME: (Tag.OCTET_STRING, b"edge-1"),
        SYS_LOCATION: (Tag.OCTET_STRING, b"nowhere"),
        (*PROCESSOR_LOAD, 1): (Tag.INTEGER, 17),
        ENGINE_BOOTS: (Tag.INTEGER, 3),
        ENGINE_TIME: (Tag.INTEGER, 1234),
    }
    for index in range(1, interfaces + 1):
        for name, (column, tag) in IF_COLUMNS.items():
            objects[*IF_ENTRY, column, index] = (tag, cell(name, tag, index))
        for name, (column, tag) in IFX_COLUMNS.items():
            objects[*IFX_ENTRY, column, index] = (tag, cell(name, tag, index))
    return objects


def cell(name: str, tag: Tag, index: int) -> int | bytes:
    """Return the value in a column of interface `index`."""
    if name == "ifPhysAddress":
        return bytes((2, 0, 94, 16, 0, index % 256))
    if tag is Tag.OCTET_STRING:
        return f"{name} of port {index}".encode()
    if name in ("ifAdminStatus", "ifOperStatus"):
        return 1 + index % 2
    if tag is Tag.COUNTER64:
        return 2**40 + index
    return IF_COLUMNS.get(name, (100, tag))[0] * 1000 + index
