"""Services to Samples: what rules look at, and what charts show. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from noc.inventory.entities import Service
from noc.model.samples import Samples
from noc.pipeline.services import ServiceNow

SERVICE_FIELDS: Final = ("up", "degraded", "away", "inputs", "inputs_down")
_UP: Final = {"up": 1.0, "down": 0.0}


def service_samples(service: Service, now: ServiceNow, at: datetime) -> Samples:
    """Return the numbers of a service now. `place` is the site that serves it, `from` the one that did before."""
    up = _UP.get(now.status)
    home = next(iter(service.places), None)
    values = (
        up,
        None if up is None else float(now.degraded),
        None if now.serving is None else float(now.serving != home),
        float(len(now.inputs)),
        float(len(now.failing)),
    )
    tags = {"device": service.entity, "place": now.serving or "", "from": now.came_from or ""}
    return Samples("noc_service", at, tuple(tags), SERVICE_FIELDS, (tuple(tags.values()),), (values,))
