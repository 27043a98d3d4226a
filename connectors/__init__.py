"""Connectors: how the hub fetches what partners hand out, one module a transport."""

from connectors.connect import connect
from connectors.page import Connector, Page

__all__ = ["Connector", "Page", "connect"]
