"""The database, two versions of the audit key, and entries to record."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from audit.events import Action, Entry
from hub import database
from hub.settings import Settings
from keys.key import Key
from keys.signing import RingSigner

START = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


@pytest.fixture
def signer() -> RingSigner:
    return RingSigner(Key("audit/1", bytes(32)), "safer-kingston/audit")


@pytest.fixture
def other_signer() -> RingSigner:
    return RingSigner(Key("audit/2", bytes([2] * 32)), "safer-kingston/audit")


@pytest.fixture
def engine(settings: Settings) -> Engine:
    return database.engine(settings)


@pytest.fixture
def entry() -> Callable[[int], Entry]:
    """The nth entry of a usual log."""

    def make(number: int) -> Entry:
        return Entry(
            action=list(Action)[number % len(Action)],
            actor=f"service:worker-{number % 3}",
            feed=("police.recorded_crime", "council.marac")[number % 2],
            delivery=f"delivery-{number % 5}",
            period="2026-Q3",
            release="2026-Q3-v1" if number % 2 else None,
            recipient="partnership_analysts",
            rows=number * 7,
            purpose="needs-assessment",
            clause="PCSC Act 2022 s.16",
            agreement_hash="a" * 64,
            code_commit="c" * 40,
            columns=("offence_code", "sex"),
            detail={"sha256": f"{number:064x}", "quarantined": number},
            at=START + timedelta(seconds=number),
        )

    return make
