"""Rules and incidents of end points and services: the shipped rules, from numbers and changes to words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.messages import words
from alerts.rules.compiled import Rules
from alerts.rules.load import load_rules
from alerts.rules.selection import Selection
from alerts.scene import scene_of
from alerts.watch import Watch
from noc.inventory.endpoints import Endpoint, Probe, SmtpProbe, TlsProbe
from noc.inventory.entities import Service, ServicePlace
from noc.inventory.formula import Formula
from noc.inventory.inventory import Inventory
from noc.inventory.shipped import shipped
from noc.model.incident import Notice
from noc.model.reading import Reading
from noc.model.replies import Certificate, TlsReply
from noc.model.samples import Samples
from noc.model.transition import Status
from noc.pipeline.endpointseries import endpoint_samples, endpoint_tags
from noc.pipeline.services import ServiceNow
from noc.pipeline.serviceseries import service_samples
from tests.things import WATCH
from tests.unit.alerts.alerting import START_MS, House, changed, inventory

AT = datetime(2026, 3, 1, tzinfo=UTC)
RULES = Rules(load_rules([shipped("rules")])[0].values())


def endpoint(name: str, kind: str, probe: Probe) -> Endpoint:
    return Endpoint(name, f"End {name}", "s", None, kind, probe, WATCH, (), ("core",))


CERTIFICATE = endpoint("cert", "tls", TlsProbe(host="erp.example.org"))
MAIL = endpoint("mx", "smtp", SmtpProbe(host="mx.example.org"))
FORMULA = Formula(all_of=("endpoint/mx",))
SERVICE = Service(
    id="mail", name="Mail", places={"s": ServicePlace(formula=FORMULA), "t": ServicePlace(formula=FORMULA)}
)
KNOWN = Inventory(
    inventory("a").regions,
    inventory("a").sites,
    inventory("a").devices,
    services={"mail": SERVICE},
    endpoints={"cert": CERTIFICATE, "mx": MAIL},
)


def shown(days: float, minute: int) -> tuple[Samples, ...]:
    """Return the samples of a certificate with so many days left."""
    at = AT + timedelta(minutes=minute)
    certificate = Certificate("CN=erp", "CN=ca", at - timedelta(days=1), at + timedelta(days=days))
    reading = Reading("tls", "erp.example.org:443", "here", at, 0.1, reply=TlsReply(certificate, "TLSv1.3", 0.1))
    return endpoint_samples(CERTIFICATE, reading, endpoint_tags(CERTIFICATE, "africa"), ())


def test_a_certificate_is_told_of_three_weeks_and_one_week_before_its_end() -> None:
    watch = Watch(RULES, KNOWN, "here")
    assert watch.take(CERTIFICATE.entity, shown(30, 0), "here") == ()
    (first,) = watch.take(CERTIFICATE.entity, shown(20.5, 1), "here")
    assert (first.rule, first.entity, first.status, first.severity) == (
        "certificate-expires",
        "endpoint/cert",
        "raised",
        "warning",
    )
    assert (first.facts["limit"], first.facts["unit"], first.facts["value"]) == (21.0, "days", pytest.approx(20.5))
    (second,) = watch.take(CERTIFICATE.entity, shown(6.5, 2), "here")
    assert (second.rule, second.severity) == ("certificate-expires-soon", "major")
    # After a restart they are still raised, and a new certificate clears both.
    again = Watch(RULES, KNOWN, "here")
    now_ms = int((AT + timedelta(minutes=3)).timestamp() * 1000)
    assert again.restore(watch.memories(), now_ms) == ()
    cleared = again.take(CERTIFICATE.entity, shown(90, 3), "here")
    assert {(one.rule, one.status) for one in cleared} == {
        ("certificate-expires", "cleared"),
        ("certificate-expires-soon", "cleared"),
    }
    # An end point that left takes them with it.
    gone = again.replace(RULES, replace(KNOWN, endpoints={}), now_ms)
    assert gone == ()
    told = watch.replace(RULES, replace(KNOWN, endpoints={}), now_ms)
    assert {(one.rule, one.facts["reason"]) for one in told} == {
        ("certificate-expires", "device"),
        ("certificate-expires-soon", "device"),
    }


def test_a_switch_of_place_is_told_while_it_lasts() -> None:
    watch = Watch(RULES, KNOWN, "here")

    def served(place: str, before: str | None, second: int) -> tuple[Samples, ...]:
        now = ServiceNow("up", 1, place, 1, before)
        return (service_samples(SERVICE, now, AT + timedelta(seconds=second)),)

    assert watch.take(SERVICE.entity, served("s", None, 0), "here") == ()
    (raised,) = watch.take(SERVICE.entity, served("t", "s", 10), "here")
    assert (raised.rule, raised.entity, raised.severity) == ("service-away", "service/mail", "warning")
    assert (raised.facts["tag.place"], raised.facts["tag.from"]) == ("t", "s")
    (cleared,) = watch.take(SERVICE.entity, served("s", "t", 20), "here")
    assert (cleared.rule, cleared.status) == ("service-away", "cleared")


@pytest.fixture
def applied(house: House) -> House:
    house.rules = RULES
    house.inventory = KNOWN
    house.engine = house.new_engine()
    return house


@pytest.mark.parametrize(
    ("entity", "rule", "subject"),
    [
        ("service/mail", "service-down", "critical: service Mail (mail) is down [#1]"),
        ("endpoint/mx", "endpoint-down", "minor: end point End mx (mx) is down at Nairobi, Africa [#1]"),
    ],
)
async def test_what_is_down_opens_an_incident_that_ends_with_it(
    applied: House, entity: str, rule: str, subject: str
) -> None:
    before: Status = "up"
    await applied.handle(changed("down", START_MS, entity, before))
    (one,) = await applied.incidents()
    assert (one.entity, one.rule, one.state) == (entity, rule, "new")
    notice = Notice(1, "k", one.id, 1, "achieng", "email", "page", START_MS)
    said = words(one, notice, scene_of(entity, KNOWN), START_MS)
    assert said.subject == subject
    applied.inventory = inventory("a")
    applied.engine = applied.new_engine()
    await applied.engine.work()
    assert [one.state for one in await applied.incidents()] == ["resolved"]


def test_rules_of_devices_are_not_for_applications() -> None:
    site = KNOWN.sites["s"]
    assert getattr(RULES.down_for(MAIL, site, "endpoint"), "name", "") == "endpoint-down"
    assert getattr(RULES.down_for(SERVICE, None, "service"), "name", "") == "service-down"
    assert set(RULES.thresholds_for(MAIL, site)) == {"http_response", "ntpq", "x509_cert"}
    assert set(RULES.thresholds_for(SERVICE, None)) == {"noc_objective", "noc_service"}
    assert "noc_service" not in RULES.thresholds_for(KNOWN.devices["a"], site)


def test_applications_are_selected_by_tags_and_sites_and_not_by_classes_of_devices() -> None:
    site = KNOWN.sites["s"]
    assert Selection(device_tags=frozenset({"core"})).matches(MAIL, site)
    assert not Selection(device_tags=frozenset({"core"})).matches(SERVICE, None)
    assert Selection(sites=frozenset({"s"})).matches(MAIL, site)
    assert not Selection(sites=frozenset({"s"})).matches(SERVICE, None)
    assert not Selection(classes=frozenset({"router"})).matches(MAIL, site)
