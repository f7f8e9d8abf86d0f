"""Stores: time series, embedded or in a server; one file a store."""
