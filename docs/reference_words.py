"""What the reference pages call the models, their types and their bounds."""  # noqa: INP001 a script, no package

from __future__ import annotations

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
from alerts.policies import AlertSettings, CatchAll, MajorIncidents, Person, Policy, QuietHours, Step, parse_called
from alerts.rules.eventtext import EventText, HoursText, MatchText
from alerts.rules.exampletext import ExampleText, HistoryText, SampleText, SentText, StatusText
from alerts.rules.expressiontext import BurnText, ExpressionText
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
from noc.access.settings import AccountSettings, OidcSettings
from noc.app.pollersettings import PollerGroup, PollersSettings
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
from noc.inventory.layers import DEVICE_CLASSES, WatchText
from noc.inventory.ssh import Backup, SshCheck, parse_command
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
from noc.settings.secrets import SecretRef
from noc.store import embedded, influx
from noc.store._retention import ClassRetention, Retention
from noc.wire import outward

MODELS: dict[str, type[BaseModel]] = {
    model.__name__: model
    for model in (
        DiscoverySettings,
        ObjectiveSettings,
        *(RootSettings, Classes, PollingSettings, SshSettings, CredentialSet, SnmpCredentials, SshCredentials),
        *(SealSettings, MqttSettings, PollersSettings, PollerGroup),
        *(ReportSettings, ScheduleSettings),
        *(SegmentationSettings, SegmentSettings, StatementSettings, ExceptionSettings),
        *(Impact, Reach, Matrix, Targets, Target, DiagnosticSettings),
        *(
            WatchText,
            SshCheck,
            Backup,
            SpoolSettings,
            HttpSettings,
            AccountSettings,
            OidcSettings,
            AlertSettings,
            Person,
            Policy,
            Step,
        ),
        *(QuietHours, CatchAll, MajorIncidents, Schedule, Layer, WrittenShift, Hours, Holidays, BusinessHours, Desk),
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
    PollersSettings: "[pollers](#remote-pollers)",
    PollerGroup: "[group](#a-group-of-pollers)",
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
    AccountSettings: "[accounts](#accounts)",
    OidcSettings: "[identity provider](#accounts)",
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
    MajorIncidents: "[major incidents](#policies)",
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
        return "[device class](inventory.md#device-classes)" if arguments == DEVICE_CLASSES else choices(arguments)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return LINKS[kind]
    return PLAIN[kind] + _bounds(metadata)


def choices(values: tuple[str, ...]) -> str:
    """Return values as they are written, one beside the other."""
    return ", ".join(f"`{value}`" for value in values)


def _bounds(metadata: Iterable[object]) -> str:
    found = [
        f"{word} {getattr(mark, name):g}" for mark in metadata for kind, name, word in BOUNDS if isinstance(mark, kind)
    ]
    return f" {' '.join(found)}" if found else ""
