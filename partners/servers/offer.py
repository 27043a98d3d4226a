"""What a running partner server gives the hub."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Offer:
    """Where a server is, and what to log in with.

    ``endpoints`` is by feed name: a base URL, ``host:port`` for SFTP, an SQLAlchemy URL for a database;
    a witness of the log is ``witness.<authority>``.
    ``secrets`` is by the names that the feeds' files use.
    """

    server: str
    address: str
    endpoints: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    pid: int = field(default_factory=os.getpid)
