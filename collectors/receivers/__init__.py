"""Receivers: what devices send by themselves. One file a protocol; the rest is shared by them."""
