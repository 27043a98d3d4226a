"""A database with the log's tables, a signer of the same form as the key ring's, and entries to record."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Engine, text

from audit.events import Action, Entry
from audit.models import CHECKPOINT, ENTRY, HEAD
from hub import database
from hub.database import Base
from hub.settings import Settings

START = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


class SeedSigner:
    """Signs with the key of a fixed seed."""

    def __init__(self, seed: int = 1, name: str = "safer-kingston/audit") -> None:
        self.name, self.key_id = name, f"audit/{seed}"
        self._private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)

    @property
    def public_key(self) -> bytes:
        return self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes, /) -> bytes:
        return self._private.sign(message)


@pytest.fixture
def signer() -> SeedSigner:
    return SeedSigner()


@pytest.fixture
def other_signer() -> SeedSigner:
    return SeedSigner(2)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    made = database.engine(settings)
    with made.begin() as connection:
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS hub"))
        Base.metadata.create_all(connection, tables=[ENTRY, HEAD, CHECKPOINT])
    yield made


@pytest.fixture
def entry() -> Callable[[int], Entry]:
    """The nth entry of a usual log."""

    def make(number: int) -> Entry:
        return Entry(
            action=list(Action)[number % len(Action)],
            actor=f"service:worker-{number % 3}",
            feed="police.recorded_crime" if number % 2 else None,
            period="2026-Q3",
            rows=number * 7,
            purpose="needs-assessment",
            columns=("offence_code", "sex"),
            detail={"sha256": f"{number:064x}", "quarantined": number},
            at=START + timedelta(seconds=number),
        )

    return make
