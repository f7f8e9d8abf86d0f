"""InfluxDB: 1.x, 2.x and 3 Core. Written by line protocol, read by InfluxQL, which all three understand."""

from noc.store.influx.settings import Settings
from noc.store.influx.store import build

__all__ = ["Settings", "build"]
