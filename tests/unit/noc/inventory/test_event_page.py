"""docs/extend/event.md: its examples work, and it names all that a file can say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from collectors.receivers._syslogevent import event_of as syslog_event
from collectors.receivers._trapevent import event_of, notification_of
from noc.inventory.events.load import load_events
from noc.inventory.events.text import FamilyText, MeaningText, SyslogText, VarbindText
from noc.model.event import EVENT_CLASSES, EVENT_SEVERITIES, KEY_FACTS
from noc.wire.ber import Pdu, PduType, Tag, VarBind
from noc.wire.syslog import parse

PAGE = (Path(__file__).parents[4] / "docs" / "extend" / "event.md").read_text()


def block(kind: str, name: str) -> str:
    """Return what stands in the fenced block between `<!-- kind: name -->` and `<!-- end -->`."""
    found = re.search(rf"<!-- {kind}: {name} -->\n```yaml\n(.*?)```\n<!-- end -->", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_examples_name_and_judge_what_they_say(tmp_path: Path) -> None:
    (tmp_path / "mib").mkdir()
    (tmp_path / "mib" / "ACME-MODEM-MIB.yaml").write_text(block("event-mib", "ACME-MODEM-MIB"))
    (tmp_path / "acme.yaml").write_text(block("event", "acme"))
    book, findings = load_events([tmp_path])
    assert findings == []
    acme = (1, 3, 6, 1, 4, 1, 32473)
    pdu = Pdu(
        PduType.TRAP_V2,
        1,
        0,
        0,
        (
            VarBind((1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0), Tag.OID, (*acme, 0, 1)),
            VarBind((*acme, 1, 1, 0), Tag.OCTET_STRING, b"Beam 7"),
            VarBind((*acme, 1, 2, 0), Tag.INTEGER, 2),
        ),
    )
    event, _ = event_of(notification_of(pdu), book, "192.0.2.1", "device/m", 0, lambda *_: None)
    assert (event.name, event.event_class, event.severity) == (
        "ACME-MODEM-MIB::acmeCarrierLost",
        "satellite",
        "critical",
    )
    assert event.facts == {"interface": "Beam 7", "state": "lost"}
    line = parse(b"<13>Mar  1 00:00:00 m modem: %MODEM-3-CARRIER: carrier Beam7 locked", 0)
    told, _ = syslog_event(line, book, "192.0.2.1", "device/m", 0)
    assert (told.event_class, told.severity, told.facts) == (
        "satellite",
        "info",
        {"interface": "Beam7", "state": "locked"},
    )
    assert book.name_of((*acme, 7, 0, 1)) == "acme:7.0.1"


@pytest.mark.parametrize("model", [FamilyText, MeaningText, SyslogText, VarbindText])
def test_every_key_is_named(model: type[FamilyText | MeaningText | SyslogText | VarbindText]) -> None:
    for name, field in model.model_fields.items():
        assert f"`{field.alias or name}`" in PAGE or f"{name}:" in PAGE


def test_classes_severities_and_facts_are_named() -> None:
    for word in (*EVENT_CLASSES, *EVENT_SEVERITIES, *KEY_FACTS):
        assert f"`{word}`" in PAGE
