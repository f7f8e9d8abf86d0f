"""End points: one probe each, watched as the devices of their site, and everything wrong told at its place."""

from __future__ import annotations

from datetime import timedelta

import pytest

from noc.inventory.endpoints import DnsProbe, HttpProbe, hostport
from noc.inventory.formula import Formula
from noc.settings.secrets import SecretRef

from .conftest import Load, Messages

ERP = "endpoints:\n  erp:\n    site: nairobi\n    room: hall-1\n"
ERP += "    http: {url: 'https://erp.example.org/health', text: OK}\n"


def test_an_end_point_is_watched_as_its_site_says_and_as_it_says_itself(load: Load) -> None:
    nairobi = "{region: africa, class: rtc, edge_devices: [nbo-rtr-1], defaults: {interval: 20s, retries: 0}}"
    sites = f"sites:\n  nairobi:\n    {nairobi}\n"
    loaded = load({"sites.yaml": sites, "e.yaml": ERP + "    interval: 45s\n    confirm_down: 2\n"})
    assert loaded.inventory is not None
    erp = loaded.inventory.endpoints["erp"]
    assert (erp.entity, erp.kind, erp.room) == ("endpoint/erp", "http", "hall-1")
    assert erp.watch.interval == timedelta(seconds=45)
    assert erp.watch.stale_after == timedelta(seconds=135)
    assert (erp.watch.retries, erp.watch.confirm_down) == (0, 2)
    assert loaded.inventory.entity("endpoint/erp") is erp
    assert loaded.inventory.endpoints_of("nairobi") == (erp,)


def test_headers_are_references_to_secrets(load: Load) -> None:
    loaded = load(
        {
            "e.yaml": "endpoints:\n  erp:\n    site: nairobi\n    http:\n      url: http://erp.example.org/\n"
            "      headers: {Authorization: !secret env:ERP_TOKEN}\n"
        }
    )
    assert loaded.inventory is not None
    assert loaded.inventory.endpoints["erp"].headers == {"Authorization": SecretRef("env", "ERP_TOKEN")}


def test_a_table_gives_end_points_too(load: Load) -> None:
    loaded = load(
        {
            "endpoints.csv": "id,site,dns.server,dns.name,dns.answers,interval\n"
            "mail-name,nairobi,192.0.2.53,mail.example.org,192.0.2.1 192.0.2.2,30s\n"
        }
    )
    assert loaded.findings == ()
    assert loaded.inventory is not None
    assert loaded.inventory.endpoints["mail-name"].probe == DnsProbe(
        server="192.0.2.53", name="mail.example.org", answers=("192.0.2.1", "192.0.2.2")
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "  erp: {site: nairobi}\n",
            (
                "e.yaml:2:8: error: endpoint 'erp': an end point has exactly one of http, tls, dns, tcp, ntp, smtp;"
                " it has none"
            ),
        ),
        (
            "  erp: {site: nairobi, tcp: {host: a, port: 1}, ntp: {host: a}}\n",
            (
                "e.yaml:2:8: error: endpoint 'erp': an end point has exactly one of http, tls, dns, tcp, ntp, smtp;"
                " it has tcp and ntp"
            ),
        ),
        (
            "  erp: {site: nairobbi, tcp: {host: a, port: 1}}\n",
            "e.yaml:2:15: error: endpoint 'erp': unknown site 'nairobbi' (did you mean 'nairobi'?)",
        ),
        (
            "  erp: {site: nairobi, interval: 30s, stale_after: 30s, tcp: {host: a, port: 1}}\n",
            (
                "e.yaml:2:52: error: endpoint 'erp': stale_after 30s must be longer than interval 30s, or nothing is"
                " known between probes"
            ),
        ),
        (
            "  erp: {site: nairobi, interval: 3s, tcp: {host: a, port: 1}}\n",
            (
                "e.yaml:2:8: warning: endpoint 'erp': a probe may take 3 x 2s (timeout, retries), longer than its"
                " interval 3s"
            ),
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_place(messages: Messages, text: str, expected: str) -> None:
    (said,) = messages({"e.yaml": "endpoints:\n" + text})
    assert said == expected


@pytest.mark.parametrize(
    ("probe", "said"),
    [
        ("http: {url: 'ftp://a/'}", "is not a URL"),
        ("http: {url: 'http://me:secret@a/'}", "a URL holds no log-in"),
        ("http: {url: 'http://a/', method: HEAD, text: OK}", "HEAD has no answer to look into"),
        ("http: {url: 'http://a/', headers: {Cookie: plain}}", "a secret is given by reference only"),
        ("tls: {host: 'a b'}", "is not a host"),
        ("dns: {server: a, name: b, min_serial: 3}", "min_serial needs `type: SOA`"),
        ("ntp: {host: a, max_stratum: 16}", "max_stratum"),
    ],
)
def test_a_probe_that_makes_no_sense_is_refused(messages: Messages, probe: str, said: str) -> None:
    found = messages({"e.yaml": f"endpoints:\n  e:\n    site: nairobi\n    {probe}\n"})
    assert any(said in message for message in found)


def test_a_service_at_places_is_up_while_one_of_them_is(load: Load) -> None:
    loaded = load(
        {
            "e.yaml": ERP,
            "s.yaml": "services:\n  erp:\n    places:\n"
            "      nairobi: {formula: {all_of: [endpoint/erp]}, marker: {endpoint: erp, header: X-Site, value: nbo}}\n",
        }
    )
    assert loaded.findings == ()
    assert loaded.inventory is not None
    assert loaded.inventory.services["erp"].whole == Formula(any_of=(Formula(all_of=("endpoint/erp",)),))


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ("{}", "a service needs a formula, or places with one each"),
        ("{places: {nairobbi: {formula: {all_of: [endpoint/erp]}}}}", "unknown site 'nairobbi'"),
        ("{places: {nairobi: {formula: {all_of: [endpoint/epr]}}}}", "unknown endpoint 'epr' (did you mean 'erp'?)"),
        (
            "{places: {nairobi: {formula: {all_of: [endpoint/erp]}, marker: {endpoint: mail, text: x}}}}",
            "unknown endpoint 'mail'",
        ),
        (
            "{places: {nairobi: {formula: {all_of: [endpoint/erp]}, marker: {endpoint: erp, header: X}}}}",
            "a marker by header has `header` and `value`",
        ),
        ("{places: {nairobi: {formula: {all_of: [service/s]}}}}", "formulas go in a circle: service/s → service/s"),
        ("{formula: {at_least: 4, of: [endpoint/erp, site/nairobi], weights: [2, 1]}}", "the weights add up to 3"),
        ("{formula: {at_least: 1, of: [endpoint/erp], weights: [2, 1]}}", "weights stand beside `of`"),
    ],
)
def test_wrong_services_are_told(messages: Messages, service: str, said: str) -> None:
    found = messages({"e.yaml": ERP, "s.yaml": f"services:\n  s: {service}\n"})
    assert any(said in message for message in found), found


def test_an_ipv6_address_stands_in_brackets() -> None:
    assert hostport("2001:db8::1", 25) == "[2001:db8::1]:25"
    assert HttpProbe(url="http://a/").address == "http://a/"
