"""Dashboards for Grafana over the time series that noc writes: plain JSON, made by code."""
