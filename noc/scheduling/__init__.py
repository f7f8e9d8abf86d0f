"""Scheduling: which checks, how often, at which moment; deadline, concurrency, breaker."""
