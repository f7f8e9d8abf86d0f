"""Inventory: regions, sites, devices, circuits, services, and the profiles that read them."""
