"""What an assessment tells is logged before it is told: who asks, what for, of which release, what was protected."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import rfc8785

from agreement.archive import enact
from agreement.model import Agreement
from agreement.policy import load_agreement, permit_release
from assessment.safe import Estimate
from audit.events import Action, Entry, Scalar
from audit.log import append, checkpoint
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from keys.home import log_signer, open_ring
from keys.services import Service
from publish.releases import Release


def log_telling(
    settings: Settings,
    release: Release,
    action: Action,
    what: str,
    purpose: str,
    told: Mapping[str, Any],
    decisions: Sequence["Protection"],
    on: date,
) -> str:
    """Log what is about to be told, with its hash, under a signed checkpoint; returns the hash.

    1. The agreement in force still permits the recipient the tables of the release for the purpose: the figures may
       have taken minutes to make. Raises AgreementRefusal.
    2. The log says what is told by its SHA-256 alone, and how many counts were hidden (DPA 2018 s.62(1)(d), (3)).

    ``what`` is a name that the hub's configuration states, never what somebody typed.
    """
    agreement = load_agreement(settings)
    _permit(agreement, release, purpose, on)  # (1)
    digest = hashlib.sha256(rfc8785.dumps(told)).hexdigest()
    entry = Entry(
        action=action,
        actor=settings.actor,
        period=release.quarter,
        release=release.name,
        recipient=release.recipient,
        purpose=purpose,
        justification=what,
        agreement_hash=agreement.hash,
        code_commit=settings.code_commit,
        detail={"manifest": release.manifest.hash, "sha256": digest, **counted(decisions)},
    )  # (2)
    ring = open_ring(settings, Service.CONSOLE)
    with transaction(settings) as connection:
        enact(connection, agreement, settings.actor, settings.code_commit, now())
        append(connection, entry)
        checkpoint(connection, log_signer(settings, ring))
    return digest


def _permit(agreement: Agreement, release: Release, purpose: str, on: date) -> None:
    asked = {entry.name: entry.portion for entry in release.manifest.tables if purpose in entry.portion.purposes}
    permit_release(agreement, release.recipient, asked, on)


class Protection(Protocol):
    """What was done to one table."""

    @property
    def cells(self) -> int:
        """Its counts that are not 0."""

    @property
    def small(self) -> int:
        """How many are hidden since they are too small."""

    @property
    def beside(self) -> int:
        """How many are hidden since they would tell of those."""


def counted(decisions: Sequence[Protection]) -> dict[str, Scalar]:
    """What disclosure control did to all tables together."""
    return {
        "tables": len(decisions),
        "cells": sum(one.cells for one in decisions),
        "cells_small": sum(one.small for one in decisions),
        "cells_beside": sum(one.beside for one in decisions),
    }


def estimate(one: Estimate) -> dict[str, Any]:
    """An estimate as JSON; what is not told is null, with why."""
    return {"value": one.value, "low": one.low, "high": one.high} | ({"why": one.why} if not one.told else {})
