"""How an end point is watched: defaults < class of its site < its site < what it says itself; and what contradicts."""

from __future__ import annotations

from dataclasses import replace

from noc.inventory.endpoints import Endpoint, EndpointText
from noc.inventory.entities import Site
from noc.inventory.layers import Layers, resolve
from noc.inventory.records import Record
from noc.model.finding import Finding
from noc.settings.schema import format_duration


def endpoint_of(
    text: EndpointText, record: Record, site: Site | None, layers: Layers, findings: set[Finding]
) -> Endpoint:
    """Return an end point with all that holds for it; what contradicts itself is added to findings.

    site: None where it is unknown. layers: of noc.yaml; what a class of devices says is not for end points.
    """
    below = [layer.text for layer in layers.below("", None if site is None else site.site_class)]
    watch = resolve([*below, *([] if site is None else [site.defaults]), text.own_layer()])
    interval = format_duration(watch.interval)
    if watch.stale_after <= watch.interval:
        stale = format_duration(watch.stale_after)
        message = f"stale_after {stale} must be longer than interval {interval}, or nothing is known between probes"
        findings.add(record.finding(message, "stale_after" if text.stale_after is not None else "interval"))
    if watch.timeout * (watch.retries + 1) > watch.interval:
        tries = f"{watch.retries + 1} x {format_duration(watch.timeout)}"
        message = f"a probe may take {tries} (timeout, retries), longer than its interval {interval}"
        findings.add(replace(record.finding(message, "timeout"), level="warning"))
    return Endpoint(
        id=text.id,
        name=text.name,
        site=text.site,
        room=text.room,
        kind=text.kind,
        probe=text.probe,
        watch=watch,
        in_service=text.in_service,
        tags=text.tags,
        asked_by=text.asked_by,
    )
