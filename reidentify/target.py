"""Whom or what a request is about, and the commitment by which statements and the log name it. Pure.

The commitment is HMAC-SHA256(key = salt, "hub/target/1" LF about LF under LF id), with a salt of 32 random bytes.
Nobody can tell from it whom it is about without the salt; and no other id and salt can be put in their place.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Literal

from reidentify.errors import RequestRefused

About = Literal["person", "event", "record"]
HUB = "hub"
SALT_BYTES = 32
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, repr=False)
class Target:
    """An id, of what it is one, and under whose key: the hub's own, or a recipient's. It is never shown."""

    about: About
    under: str
    id: str
    salt: bytes

    @classmethod
    def new(cls, about: About, under: str, given: str) -> "Target":
        """A target with a salt of its own; raises RequestRefused, which does not repeat what was given."""
        if not _ID.fullmatch(given):
            raise _refused("what was given is no id: 32 hexadecimal digits", "Copy the id as the table has it")
        if about == "record" and under != HUB:
            raise _refused("no recipient knows ids of records", "Leave the recipient out, or ask about a person")
        return cls(about, under, given, secrets.token_bytes(SALT_BYTES))

    @property
    def commitment(self) -> str:
        """How statements and the log name it, in lower hex."""
        said = f"hub/target/1\n{self.about}\n{self.under}\n{self.id}"
        return hmac.digest(self.salt, said.encode(), "sha256").hex()

    def __repr__(self) -> str:
        return f"Target({self.about})"


def _refused(why: str, fix: str) -> RequestRefused:
    return RequestRefused("Nothing is asked for", where="the id of the request", why=why, fix=fix)
