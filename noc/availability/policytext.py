"""Writes a policy as the file that `noc availability replay` reads; the same policy gives the same text. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from noc.availability.policy import Policy, ProbePolicy, Window
from noc.availability.spans import BEGINNING, FOREVER, Spans
from noc.availability.times import SECOND_MS, format_time


def policy_text(policy: Policy, *, whole: bool = False) -> str:
    """Return a policy as YAML, one line an entity, names sorted. Read again, it gives the same figures.

    whole: with what windows to come hold for, and what degraded time is made of.
    """
    lines = [f"probe: {_probe(policy.probe)}"]
    lines += _lists("upstream", policy.upstream)
    lines += _lists("sites", policy.sites)
    lines += _lists("regions", policy.regions)
    if whole:
        lines += [*_lists("below", _filled(policy.below)), *_lists("paths", _filled(policy.paths))]
    if policy.windows:
        lines.append("maintenance:")
        lines += sorted(f"- {_window(window)}" for window in _for_all_below(policy))
    exceptions = sorted({*policy.probes, *policy.in_service, *policy.weights, *policy.named})
    if exceptions:
        lines.append("entities:")
        lines += (f"  {_quoted(name)}: {{{', '.join(_exception(policy, name))}}}" for name in exceptions)
    if policy.end is not None:
        lines.append(f"end: {format_time(policy.end)}")
    return "\n".join(lines) + "\n"


def _lists(key: str, groups: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if groups:
        yield f"{key}:"
    for name in sorted(groups):
        yield f"  {_quoted(name)}: [{', '.join(map(_quoted, groups[name]))}]"


def _filled(groups: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    return {name: members for name, members in groups.items() if members}


def _for_all_below(policy: Policy) -> Iterator[Window]:
    """Yield the windows for all that they hold for: a file tells of edge devices alone what site they are of."""
    for window in policy.windows:
        yield window
        for site in (window.entity, *policy.regions.get(window.entity, ())):
            for name in policy.below.get(site, ()):
                yield replace(window, entity=name)


def _window(window: Window) -> str:
    entered = [] if window.entered is None else [f"entered: {format_time(window.entered)}"]
    said = [f"{key}: {_quoted(text)}" for key, text in (("who", window.who), ("why", window.why)) if text]
    times = [f"from: {format_time(window.start)}", f"to: {format_time(window.end)}"]
    return f"{{{', '.join([f'entity: {_quoted(window.entity)}', *times, *entered, *said])}}}"


def _exception(policy: Policy, name: str) -> Iterator[str]:
    if name in policy.probes:
        yield _probe(policy.probes[name])[1:-1]
    if name in policy.in_service:
        yield f"in_service: [{', '.join(_dates(policy.in_service[name]))}]"
    if name in policy.weights:
        yield f"weight: {float(policy.weights[name])!r}"


def _probe(probe: ProbePolicy) -> str:
    durations = f"stale_after: {_duration(probe.stale_after)}, skew: {_duration(probe.skew)}"
    return f"{{{durations}, confirm_down: {probe.confirm_down}, confirm_up: {probe.confirm_up}}}"


def _dates(spans: Spans) -> Iterable[str]:
    for start, end in spans:
        ends = (("from", start, BEGINNING), ("to", end, FOREVER))
        yield f"{{{', '.join(f'{key}: {format_time(time)}' for key, time, opened in ends if time != opened)}}}"


def _duration(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, SECOND_MS)
    return f"{milliseconds}ms" if rest else f"{seconds}s"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
