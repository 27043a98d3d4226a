"""Zones and sealed files: what the hub keeps, and the deliveries it came by."""
