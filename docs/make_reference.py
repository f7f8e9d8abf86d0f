"""Writes the tables of the reference pages from the models, so that they can't drift from the code.

    python docs/make_reference.py            write them anew
    python docs/make_reference.py --check    say which page is out of date (exit 1)

A page is written by hand; a table stands between `<!-- table: NAME -->` and `<!-- end -->`.
"""  # noqa: INP001 a script, no package

from __future__ import annotations

import re
import sys
import types
import typing
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Union
from zoneinfo import ZoneInfo

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, JsonValue, PlainValidator
from pydantic.fields import FieldInfo

from alerts.correlation import FlappingSettings, RootCauseSettings
from alerts.lifesettings import DiagnosticSettings, Impact, Matrix, Reach, Target, Targets
from alerts.notifiers import apprise, email, mqtt, pagerduty, rest, sms, ticketmail, webhook
from alerts.oncallsettings import (
    BusinessHours,
    Desk,
    Holidays,
    Hours,
    Layer,
    Schedule,
    WrittenShift,
    parse_clock,
    parse_days,
    parse_mark,
)
from alerts.policies import AlertSettings, CatchAll, Person, Policy, QuietHours, Step, parse_called
from alerts.rules.compiled import DownRule, ExpressionRule, Rule
from alerts.rules.eventrule import EventRule
from alerts.rules.eventtext import EventText, HoursText, MatchText
from alerts.rules.exampletext import ExampleText, HistoryText, SampleText, SentText, StatusText
from alerts.rules.expressiontext import BurnText, ExpressionText
from alerts.rules.load import load_rules
from alerts.rules.measurements import FOR_RULES
from alerts.rules.text import AboveText, BelowText, DownText, RuleText, ThresholdText
from alerts.tellingsettings import ExpectedHeartbeat, HeartbeatSettings, SourceSettings
from collectors.receivers._settings import (
    MailSettings,
    ReceiverSettings,
    StormSettings,
    SyslogSettings,
    TlsSettings,
    TrapSettings,
    parse_endpoint,
    parse_engine_id,
    parse_sender,
)
from noc.app.reportsettings import ReportSettings, ScheduleSettings
from noc.app.segmentationsettings import ExceptionSettings, SegmentationSettings, SegmentSettings, StatementSettings
from noc.app.settings import (
    Classes,
    MqttSettings,
    PollingSettings,
    RootSettings,
    SealSettings,
    SpoolSettings,
    SshSettings,
)
from noc.discovery.settings import DiscoverySettings
from noc.http.settings import HttpSettings
from noc.inventory.credentials import CredentialSet, SnmpCredentials, SshCredentials
from noc.inventory.endpoints import (
    DnsProbe,
    EndpointText,
    HttpProbe,
    NtpProbe,
    SmtpProbe,
    TcpProbe,
    TlsProbe,
)
from noc.inventory.entities import (
    Circuit,
    CircuitEnd,
    CircuitProbe,
    DeviceText,
    Marker,
    Region,
    Service,
    ServicePlace,
    Site,
)
from noc.inventory.formula import Formula
from noc.inventory.layers import BUILT_IN, DEVICE_CLASSES, WATCH_KEYS, WatchText
from noc.inventory.profiles.cli import load_cli
from noc.inventory.shipped import shipped
from noc.inventory.ssh import Backup, CliCheck, SshCheck, parse_command
from noc.inventory.values import (
    Liveness,
    Period,
    parse_address,
    parse_bit_rate,
    parse_budget,
    parse_country,
    parse_day,
    parse_liveness,
    parse_network,
    parse_size,
    parse_time,
    parse_word,
)
from noc.pipeline.objectives import ObjectiveSettings
from noc.settings.schema import format_duration
from noc.settings.secrets import SecretRef
from noc.store import embedded, influx
from noc.store._retention import ClassRetention, Retention
from noc.wire import outward

FOLDER = Path(__file__).parent / "reference"

MODELS: dict[str, type[BaseModel]] = {
    model.__name__: model
    for model in (
        DiscoverySettings,
        ObjectiveSettings,
        *(RootSettings, Classes, PollingSettings, SshSettings, CredentialSet, SnmpCredentials, SshCredentials),
        *(SealSettings, MqttSettings),
        *(ReportSettings, ScheduleSettings),
        *(SegmentationSettings, SegmentSettings, StatementSettings, ExceptionSettings),
        *(Impact, Reach, Matrix, Targets, Target, DiagnosticSettings),
        *(WatchText, SshCheck, Backup, SpoolSettings, HttpSettings, AlertSettings, Person, Policy, Step),
        *(QuietHours, CatchAll, Schedule, Layer, WrittenShift, Hours, Holidays, BusinessHours, Desk),
        *(ReceiverSettings, TrapSettings, SyslogSettings, TlsSettings, StormSettings, MailSettings),
        *(HeartbeatSettings, ExpectedHeartbeat, SourceSettings, RootCauseSettings, FlappingSettings),
        *(RuleText, DownText, ThresholdText, AboveText, BelowText),
        *(ExpressionText, BurnText, EventText, MatchText, HoursText),
        *(ExampleText, SampleText, SentText, StatusText, HistoryText),
        *(Region, Site, DeviceText, Circuit, CircuitEnd, CircuitProbe, Service, ServicePlace, Marker, Formula, Period),
        *(EndpointText, HttpProbe, TlsProbe, DnsProbe, TcpProbe, NtpProbe, SmtpProbe),
    )
}
MODELS |= {"EmbeddedSettings": embedded.Settings, "InfluxSettings": influx.Settings, "EmailSettings": email.Settings}
MODELS |= {"WebhookSettings": webhook.Settings, "SmsSettings": sms.Settings, "PagerDutySettings": pagerduty.Settings}
MODELS |= {"RestSettings": rest.Settings, "TicketMailSettings": ticketmail.Settings}
MODELS |= {"AppriseSettings": apprise.Settings, "MessageMqttSettings": mqtt.Settings}
MODELS |= {"Retention": Retention, "ClassRetention": ClassRetention}
"""And those of plug-ins."""
LINKS = {
    WatchText: "[how to watch](settings.md#how-devices-are-watched)",
    CredentialSet: "[set of credentials](#credentials)",
    SnmpCredentials: "[SNMP](#snmp)",
    SshCredentials: "[SSH](#ssh)",
    Classes: "[classes](#classes)",
    PollingSettings: "[polling](#polling)",
    DiscoverySettings: "[discovery](#discovery)",
    ObjectiveSettings: "[objectives](#objectives)",
    SpoolSettings: "[spool](#spool)",
    SealSettings: "[seal](#seal)",
    ReportSettings: "[reports](#reports)",
    SegmentationSettings: "[segmentation](#segmentation)",
    SegmentSettings: "[segment](#a-segment)",
    StatementSettings: "[statement](#a-statement)",
    ExceptionSettings: "[exception](#an-exception)",
    ScheduleSettings: "[schedule](#reports)",
    MqttSettings: "[broker](#broker)",
    ReceiverSettings: "[receivers](#receivers)",
    TrapSettings: "[traps](#traps)",
    SyslogSettings: "[syslog](#syslog)",
    TlsSettings: "[syslog over TLS](#syslog-over-tls)",
    StormSettings: "[storms](#storms)",
    MailSettings: "[answers by mail](#answers-by-mail)",
    HeartbeatSettings: "[heartbeat](#signs-of-life)",
    ExpectedHeartbeat: "[expected heartbeat](#signs-of-life)",
    SourceSettings: "[source](#other-systems)",
    RootCauseSettings: "[root cause](#root-cause)",
    FlappingSettings: "[flapping](#root-cause)",
    HttpSettings: "[dashboard and API](#dashboard-and-api)",
    AlertSettings: "[alerts](#alerts)",
    Impact: "[impact](#priority)",
    Reach: "[how much](#priority)",
    Matrix: "[matrix](#priority)",
    Targets: "[targets](#priority)",
    Target: "[target](#priority)",
    DiagnosticSettings: "[diagnostics](#diagnostics)",
    Person: "[person](#people)",
    Policy: "[policy](#policies)",
    Step: "[step](#policies)",
    CatchAll: "[catch-all](#policies)",
    QuietHours: "[quiet hours](#people)",
    Schedule: "[schedule](#schedules)",
    Layer: "[layer](#schedules)",
    WrittenShift: "[shift](#schedules)",
    Hours: "[hours](#hours-and-holidays)",
    Holidays: "[holidays](#hours-and-holidays)",
    BusinessHours: "[business hours](#hours-and-holidays)",
    Desk: "[desk](#desks)",
    SshSettings: "[logging in by SSH](#logging-in-by-ssh)",
    SshCheck: "[by SSH](settings.md#asked-by-ssh)",
    Backup: "[copies](settings.md#copies-of-the-configuration)",
    CircuitEnd: "[end](#ends-and-probe)",
    CircuitProbe: "[probe](#ends-and-probe)",
    Formula: "[formula](#formulas)",
    ServicePlace: "[place](#places)",
    Marker: "[marker](#markers)",
    HttpProbe: "[http](#http)",
    TlsProbe: "[tls](#tls)",
    DnsProbe: "[dns](#dns)",
    TcpProbe: "[tcp](#tcp)",
    NtpProbe: "[ntp](#ntp)",
    SmtpProbe: "[smtp](#smtp)",
    Period: "[period](#periods)",
    Retention: "duration or [how long](#how-long-numbers-are-kept)",
    ClassRetention: "[how long](#how-long-numbers-are-kept)",
    AboveText: "[limits](#limits)",
    BelowText: "[limits](#limits)",
    MatchText: "[events](#which-events)",
    HoursText: "[hours](#hours)",
    ExampleText: "[example](#examples)",
    SampleText: "[samples](#samples)",
    SentText: "[event](#events-of-an-example)",
    StatusText: "[status](#status)",
    HistoryText: "[history](#history)",
}
PLAIN = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path",
    timedelta: "duration",
    datetime: "time",
    ZoneInfo: "time zone",
    SecretRef: "secret reference",
    Liveness: "liveness check",
}
PARSED = {
    parse_address: "IP address",
    parse_network: "network",
    outward.parse_network: "network",
    parse_bit_rate: "bit rate",
    parse_size: "amount of data",
    parse_budget: "bytes an hour",
    parse_country: "country code",
    parse_day: "day",
    parse_word: "word",
    parse_time: "time",
    parse_liveness: "liveness check",
    parse_command: "command",
    parse_endpoint: "address with port",
    parse_engine_id: "engine id",
    parse_sender: "IP address",
    parse_called: "who",
    parse_clock: "time of day",
    parse_mark: "hand-off",
    parse_days: "days of the week",
}
BOUNDS = ((Ge, "ge", "from"), (Gt, "gt", "above"), (Le, "le", "to"), (Lt, "lt", "below"))


def table(model: type[BaseModel]) -> str:
    """Return the table of a model's properties, or of another name that pages know."""
    lines = ["| key | what it holds | default | |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        if name == "id" or name in _told_elsewhere(model):
            continue
        key = field.alias or name
        words = type_words(field.annotation, field.metadata)
        description = " ".join((field.description or "").split())
        lines.append(f"| `{key}` | {words} | {_default(model, name)} | {_escaped(description)} |")
    return "\n".join(lines)


def _told_elsewhere(model: type[BaseModel]) -> Iterable[str]:
    """Return the keys that stand in the table of the model that this one extends."""
    if issubclass(model, WatchText) and model is not WatchText:
        return WATCH_KEYS
    return RuleText.model_fields if issubclass(model, RuleText) and model is not RuleText else ()


def shipped_rules() -> str:
    """Return the table of the rules that noc brings along."""
    lines = ["| rule | raised when | for | severity | devices |", "|---|---|---|---|---|"]
    rules, _ = load_rules([shipped("rules")])
    for name, rule in rules.items():
        lasting = format_duration(timedelta(milliseconds=rule.hold_ms)) if rule.hold_ms else "at once"
        classes = _choices(tuple(sorted(rule.selection.classes))) or "all"
        lines.append(f"| `{name}` | {_condition(rule)} | {lasting} | {rule.severity} | {classes} |")
    return "\n".join(lines)


PROOFS = {"recording": "R", "living": "L", "library": "T", "documentation": "D"}


def command_lines() -> str:
    """Return the table of what can be asked by SSH of each platform, and what that rests on."""
    checks = typing.get_args(CliCheck)
    lines = [f"| platform | {' | '.join(checks)} |", "|---" * (len(checks) + 1) + "|"]
    for name, known in sorted(load_cli([shipped("profiles")])[0].items()):
        found = {check: {one.proof for one in known.commands if check in one.checks} for check in checks}
        cells = (" ".join(PROOFS[proof] for proof in PROOFS if proof in found[check]) for check in checks)
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _condition(rule: Rule) -> str:
    if isinstance(rule, ExpressionRule):
        when, _, clear = rule.program.text.partition(" | ")
        return f"`{when}`; cleared when {f'`{clear}`' if clear else 'not'}"
    if isinstance(rule, EventRule):
        many = format_duration(timedelta(milliseconds=rule.within_ms))
        what = "events" if rule.distinct is None else f"different {rule.distinct}s"
        ends = f"; over after {format_duration(timedelta(milliseconds=rule.clear_after_ms))} without one"
        came = f"{rule.count} {what} of a {rule.per} in {many}" if rule.count > 1 else f"an event, of a {rule.per}"
        return came + ends
    if isinstance(rule, DownRule):
        return "the device is down" if "device" in rule.of else f"{_choices(tuple(sorted(rule.of)))} is down"
    tags = ", ".join(f"{tag} `{value}`" for tag, value in rule.tags)
    series = f"`{rule.measurement}` `{rule.field}`{f' ({tags})' if tags else ''}"
    skipped = f", not {' or '.join(f'{number:g}' for number in sorted(rule.skip))}" if rule.skip else ""
    raised, cleared = ("or more", "or less") if rule.side == "above" else ("or less", "or more")
    unit = f" {rule.unit.replace('_', ' ')}" if rule.unit else ""
    return f"{series} is {rule.raise_at:g}{unit} {raised}{skipped}; cleared at {rule.clear_at:g} {cleared}"


def type_words(kind: Any, metadata: Iterable[object] = ()) -> str:  # noqa: ANN401 a type annotation is any object
    """Return what a type is called on the pages."""
    metadata = [part for mark in metadata for part in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]
    for mark in metadata:
        if isinstance(mark, PlainValidator) and mark.func in PARSED:
            return PARSED[mark.func]
    if kind is JsonValue:
        return "anything that JSON can say"
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Annotated:
        return type_words(arguments[0], [*arguments[1:], *metadata])
    if origin in (Union, types.UnionType):
        inner = [type_words(argument, metadata) for argument in arguments if argument is not type(None)]
        return " or ".join(dict.fromkeys(inner))
    if origin is tuple:
        return f"list: {type_words(arguments[0])}"
    if origin in (dict, Mapping):
        if arguments[1] is object:
            return "mapping with `kind`"
        return f"mapping from {type_words(arguments[0])} to {type_words(arguments[1])}"
    if origin is Literal:
        return "[device class](inventory.md#device-classes)" if arguments == DEVICE_CLASSES else _choices(arguments)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return LINKS[kind]
    return PLAIN[kind] + _bounds(metadata)


def _choices(values: tuple[str, ...]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _bounds(metadata: Iterable[object]) -> str:
    found = [
        f"{word} {getattr(mark, name):g}" for mark in metadata for kind, name, word in BOUNDS if isinstance(mark, kind)
    ]
    return f" {' '.join(found)}" if found else ""


def _default(model: type[BaseModel], name: str) -> str:
    field = model.model_fields[name]
    if name == "name" and "id" in model.model_fields:
        return ""  # the loader fills in the id
    if field.is_required():
        return "required"
    value = getattr(BUILT_IN, name) if model is WatchText else field.default
    if value in (None, ()) or field.default_factory is not None or isinstance(value, BaseModel):
        return ""
    if isinstance(value, tuple):
        if name == "days" or any(isinstance(one, BaseModel) for one in value):
            return ""  # the words beside it say which
        return f"`{' '.join(map(str, value))}`"
    return f"`{format_duration(value) if isinstance(value, timedelta) else value}`"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def rule_series() -> str:
    """Return the table of what rules alone may look at."""
    lines = ["| measurement | fields | tags | of |", "|---|---|---|---|"]
    for name, one in FOR_RULES.items():
        fields = ", ".join(f"`{field}`{f' ({unit})' if unit else ''}" for field, unit in one.fields.items())
        lines.append(f"| `{name}` | {fields} | {_choices(one.tags)} | {_choices(one.of)} |")
    return "\n".join(lines)


WRITTEN = {"ShippedRules": shipped_rules, "CommandLines": command_lines, "RuleSeries": rule_series}


def rendered(page: str) -> str:
    """Return a page with its tables written anew."""

    def write(match: re.Match[str]) -> str:
        return f"<!-- table: {match[1]} -->\n\n{_named(match[1])}\n\n<!-- end -->"

    return re.sub(r"<!-- table: (\w+) -->\n.*?<!-- end -->", write, page, flags=re.DOTALL)


def _named(name: str) -> str:
    if name in WRITTEN:
        return WRITTEN[name]()
    return _choices(DEVICE_CLASSES) if name == "DeviceClass" else table(MODELS[name])


def pages() -> list[Path]:
    """Return the pages that have tables of models."""
    return [path for path in sorted(FOLDER.glob("*.md")) if "<!-- table: " in path.read_text()]


def main() -> None:
    """Write the pages, or with --check say which would change."""
    stale = [path for path in pages() if rendered(path.read_text()) != path.read_text()]
    if "--check" in sys.argv[1:]:
        for path in stale:
            sys.stderr.write(f"{path} is out of date: run python docs/make_reference.py\n")
        sys.exit(bool(stale))
    for path in stale:
        path.write_text(rendered(path.read_text()))


if __name__ == "__main__":
    main()
