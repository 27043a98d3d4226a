"""Read releases from the hub: ``Hub(url, token).release("2026-Q3").table("event")`` is a polars frame.

It needs requests and polars and nothing of the hub, so an analyst may copy this folder as it is.
"""

from client.hub import Hub, HubRefused, Release

__all__ = ["Hub", "HubRefused", "Release"]
