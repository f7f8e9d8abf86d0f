"""End points of applications: what is asked of a web server, a mail server, a name server, and what is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from noc.inventory.layers import DownWhen, Watch, WatchText
from noc.inventory.values import Name, Periods, Port, Word
from noc.settings.schema import Duration, Settings
from noc.settings.secrets import SecretRef, SecretReference

RecordType = Literal["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"]
"""Types of DNS records that can be asked for."""

TlsVersion = Literal["1.2", "1.3"]

AskedBy = Literal["centre", "pollers"]
"""Who asks an end point: this centre, or remote pollers, from where its users are."""

PROBES: Final = ("http", "tls", "dns", "tcp", "ntp", "smtp")
"""What an end point can be asked; the collector of the same name asks."""

_REPEATS: Final = 200


def _host(text: str) -> str:
    if not text or len(text) > 253 or not text.isascii() or not text.isprintable() or set(text) & set(" /@?#"):
        raise ValueError(f"'{text[:60]}' is not a host; write a name or an IP address, without a port")
    return text


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or not text.isprintable() or " " in text or len(text) > 2_000:
        raise ValueError(f"'{text[:60]}' is not a URL; write http:// or https:// and the rest, without blanks")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a URL holds no log-in; write `headers: {Authorization: !secret …}`")
    return text


def _pattern(text: str) -> str:
    if len(text) > _REPEATS:
        raise ValueError(f"a regex has {_REPEATS} characters at most")
    return text


Host = Annotated[str, AfterValidator(_host)]
"""A name or an IP address; names are looked up by the system."""

Url = Annotated[str, AfterValidator(_url)]
Status = Annotated[int, Field(ge=100, le=599)]
Text = Annotated[str, Field(min_length=1, max_length=500)]


class HttpProbe(Settings):
    """A page of a web server."""

    url: Url
    """What is asked for. Secrets don't belong here: it is shown."""
    method: Literal["GET", "HEAD"] = "GET"
    """How it is asked for."""
    status: Annotated[tuple[Status, ...], Field(min_length=1)] = (200,)
    """Which answers are right."""
    text: Text | None = None
    """What must stand in the answer, in the first 64 KiB."""
    regex: Annotated[Text, AfterValidator(_pattern)] | None = None
    """What must be found there: a regular expression, which has a tenth of a second."""
    follow: Annotated[int, Field(ge=0, le=10)] = 0
    """How many redirects are followed at most. What is asked for counts for the last answer."""
    headers: dict[str, SecretReference] = Field(default_factory=dict)
    """Sent with the request, each a secret reference; not to another server that it redirects to."""
    verify: bool = True
    """Whether the certificate of the server must be trusted, and name it."""
    ca_file: str | None = None
    """Certificates in PEM that are trusted instead of the system's; relative to the folder of noc.yaml."""
    within: Duration | None = None
    """An answer that takes longer is a failure. Default: `timeout` bounds it."""

    @model_validator(mode="after")
    def _has_a_body(self) -> Self:
        if self.method == "HEAD" and (self.text or self.regex):
            raise ValueError("HEAD has no answer to look into; use GET, or leave text and regex out")
        return self

    @property
    def address(self) -> str:
        """Return what is asked."""
        return self.url


class TlsProbe(Settings):
    """A certificate, as a server shows it."""

    host: Host
    """Name or IP address."""
    port: Port = 443
    """TCP port."""
    server_name: Host | None = None
    """Name that is asked for (SNI), and that the certificate must have. Default: `host`."""
    chain: bool = True
    """Whether it must be signed by whom we trust."""
    name_matches: bool = True
    """Whether it must name the server."""
    days_left: Annotated[int, Field(ge=0, le=3650)] = 0
    """With fewer days left the end point is down; the rules warn long before."""
    version: TlsVersion = "1.2"
    """The oldest version of TLS that is right."""
    ca_file: str | None = None
    """Certificates in PEM that are trusted instead of the system's; relative to the folder of noc.yaml."""

    @property
    def address(self) -> str:
        """Return what is asked."""
        return hostport(self.host, self.port)


class DnsProbe(Settings):
    """A question to a name server."""

    server: Host
    """Name or IP address of the server."""
    port: Port = 53
    """UDP port; TCP where the answer doesn't fit."""
    name: Host
    """What is asked for."""
    type: RecordType = "A"
    """Type of the records."""
    answers: tuple[Text, ...] = ()
    """What the server must answer: all of these, as `dig +short` writes them; others may be there too."""
    authenticated: bool = False
    """Whether the resolver must say that it has verified the answer by DNSSEC (flag AD)."""
    signed: bool = False
    """Whether signatures (RRSIG) must come with the answer."""
    min_serial: Annotated[int, Field(ge=0, le=2**32 - 1)] | None = None
    """With `type: SOA`: the serial must be this or later (RFC 1982)."""

    @model_validator(mode="after")
    def _serial_of_soa(self) -> Self:
        if self.min_serial is not None and self.type != "SOA":
            raise ValueError("min_serial needs `type: SOA`")
        return self

    @property
    def address(self) -> str:
        """Return what is asked."""
        return hostport(self.server, self.port)


class TcpProbe(Settings):
    """A port that accepts connections."""

    host: Host
    """Name or IP address."""
    port: Port
    """TCP port."""

    @property
    def address(self) -> str:
        """Return what is asked."""
        return hostport(self.host, self.port)


class NtpProbe(Settings):
    """A time server."""

    host: Host
    """Name or IP address."""
    port: Port = 123
    """UDP port."""
    max_offset: Duration | None = None
    """Farther from noc's clock is a failure. The rules warn before."""
    max_stratum: Annotated[int, Field(ge=1, le=15)] = 15
    """Farther from a reference clock is a failure."""

    @property
    def address(self) -> str:
        """Return what is asked."""
        return hostport(self.host, self.port)


class SmtpProbe(Settings):
    """A mail server: its banner, and what it offers. No mail is ever sent."""

    host: Host
    """Name or IP address."""
    port: Port = 25
    """TCP port."""
    banner: Text | None = None
    """What must stand in its greeting."""
    ehlo: Host | None = None
    """The name that noc greets it with; without, and without `starttls`, noc only reads the banner."""
    starttls: bool = False
    """Whether it must offer STARTTLS."""

    @property
    def address(self) -> str:
        """Return what is asked."""
        return hostport(self.host, self.port)


Probe = HttpProbe | TlsProbe | DnsProbe | TcpProbe | NtpProbe | SmtpProbe


class EndpointText(Settings):
    """An end point as people write it: exactly one of http, tls, dns, tcp, ntp, smtp."""

    id: str
    name: Name
    """What people call it. Default: the id."""
    site: str
    """The site where it is served, such as a data centre."""
    room: Word | None = None
    """The room of the site."""
    http: HttpProbe | None = None
    """A page of a web server."""
    tls: TlsProbe | None = None
    """A certificate."""
    dns: DnsProbe | None = None
    """A question to a name server."""
    tcp: TcpProbe | None = None
    """A port."""
    ntp: NtpProbe | None = None
    """A time server."""
    smtp: SmtpProbe | None = None
    """A mail server."""
    interval: Duration | None = None
    """Time between two questions. Default, here and in the next six: as for the devices of the site."""
    timeout: Duration | None = None
    """How long one try may take, from the first packet to the last."""
    retries: Annotated[int, Field(ge=0, le=10)] | None = None
    """How often to ask again at once after a timeout."""
    confirm_down: Annotated[int, Field(ge=1, le=100)] | None = None
    """Failures in a row that make it down; the change is dated back to the first."""
    confirm_up: Annotated[int, Field(ge=1, le=100)] | None = None
    """Right answers in a row that make it up again."""
    stale_after: Duration | None = None
    """Without evidence for so long, the state is unknown. Default: 3 x interval."""
    skew: Duration | None = None
    """How far apart simultaneous probes may be. Default: 1 x interval."""
    asked_by: AskedBy | None = None
    """`pollers`: the remote pollers of the group whose scope has its site; `centre`: this centre. Default: pollers
    where a group has its site, else the centre."""
    down_when: DownWhen | None = None
    """What it takes to be down, where it is asked from several places: as for devices."""
    in_service: Periods = ()
    """When it is in service. Default: always."""
    tags: tuple[Word, ...] = ()
    """Words of your own, for rules and filters."""

    @model_validator(mode="after")
    def _one_probe(self) -> Self:
        given = [name for name in PROBES if getattr(self, name) is not None]
        if len(given) != 1:
            said = f"it has {' and '.join(given)}" if given else "it has none"
            raise ValueError(f"an end point has exactly one of {', '.join(PROBES)}; {said}")
        return self

    @property
    def kind(self) -> str:
        """Return the name of what is asked: the collector's."""
        return next(name for name in PROBES if getattr(self, name) is not None)

    @property
    def probe(self) -> Probe:
        """Return what is asked."""
        probe: Probe = getattr(self, self.kind)
        return probe

    def own_layer(self) -> WatchText:
        """Return what it says itself of how it is watched."""
        return WatchText(**{key: getattr(self, key) for key in ENDPOINT_WATCH_KEYS})


ENDPOINT_WATCH_KEYS: Final = (
    "interval",
    "timeout",
    "retries",
    "confirm_down",
    "confirm_up",
    "stale_after",
    "skew",
    "down_when",
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An end point, with all that holds for it. kind: the collector that asks. watch: the layers resolved.

    asked_by: None: whoever is nearest.
    """

    id: str
    name: str
    site: str
    room: str | None
    kind: str
    probe: Probe
    watch: Watch
    in_service: Periods
    tags: tuple[str, ...]
    asked_by: AskedBy | None = None

    @property
    def entity(self) -> str:
        """Return the entity's name."""
        return f"endpoint/{self.id}"

    @property
    def headers(self) -> Mapping[str, SecretRef]:
        """Return where the values of its headers are kept, by name."""
        return self.probe.headers if isinstance(self.probe, HttpProbe) else {}


def hostport(host: str, port: int) -> str:
    """Return `host:port`, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
