"""A hub with a girl whom the police, the probation service, the council and the hospital know, and four officers."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy.engine import URL, make_url

from agreement.policy import load_agreement
from hub import database
from hub.clock import now
from hub.database import transaction
from hub.settings import PROJECT, Settings
from keys.home import create_ring, open_ring
from keys.purposes import Purpose
from keys.services import Service
from pseudonymise.references import SEPARATOR, seal
from pseudonymise.scheme_keys import SEAL_BYTES, SourceKeys
from publish.appointing import appoint, new_key
from publish.officers import register
from reidentify.asking import Officer, ask, decide
from reidentify.fulfilling import Fulfilled, fulfil
from reidentify.statements import Request, Signed, Verdict, Word
from reidentify.target import Target
from store.datakeys import open_data_key
from store.deliveries import admitted_delivery
from store.kept import tables_name
from store.tables import write_table
from tests.agreed import SEALING_KEYS, agree, pem
from tests.conftest import copied_database
from tests.unit.publish.small_hub import ATTENDANCES, CRIMES, PARTS, PATIENTS, Q2, Q3, Hub, an_id

OFFICERS = {"asker": "council", "police officer": "police", "health officer": "health", "council officer": "council"}
# feed -> record -> the source's own reference, its parts joined
REFERENCES = {
    "police.recorded_crime": {f"a{n}": SEPARATOR.join((f"Xanthippe-C/{n}", f"Xanthippe-P{n}")) for n in range(5)},
    "probation.supervision": {"c0": "Xanthippe-X320741"},
    "council.marac": {"f0": "Xanthippe-MR-7"},
    "health.emergency_care": {"b0": "Xanthippe-A&E-1"},
}
PERSONS = {"girl": ["a0", "a2", "b0", "c0", "f0"], "man": ["a1", "a4"], "other": ["a3"]}
EVENT = {"probation.supervision": an_id("c", 9), "council.marac": an_id("f", 9)}
TEXTS = [text for records in REFERENCES.values() for text in records.values()]


@dataclass(frozen=True)
class Road(Hub):
    """A hub from which there is a road back."""

    officers: dict[str, bytes]

    def officer(self, name: str) -> Officer:
        return Officer(name, self.officers[name])

    def target(self, name: str = "girl") -> Target:
        """Somebody, under the hub's own id."""
        record = PERSONS[name][0]
        asked = f"SELECT person_id FROM hub.membership WHERE record_id = '{an_id(record[0], int(record[1:]))}'"
        ((own,),) = self.rows(asked)
        return Target.new("person", "hub", own)

    def ask(self, *feeds: str, by: str = "asker", target: Target | None = None, **changed: Any) -> Signed[Request]:
        said = {"purpose": "safeguarding", "clause": "Children Act 2004 s.11", "reason": "A child may be at risk"}
        wanted = feeds or ("police.recorded_crime",)
        return ask(self.settings, self.officer(by), target or self.target(), wanted, **said | changed)

    def say(self, asked: Signed[Request], by: str, verdict: Verdict = Verdict.APPROVE) -> Signed[Word]:
        return decide(self.settings, asked.statement.digest, self.officer(by), verdict, "Necessary and proportionate")

    def approved(self, *feeds: str, **said: Any) -> Signed[Request]:
        """A request that two officers of two authorities approved."""
        asked = self.ask(*feeds, **said)
        for name in ("police officer", "health officer"):
            self.say(asked, name)
        return asked

    def fulfil(self, asked: Signed[Request]) -> Fulfilled:
        return fulfil(self.settings, self.ring, asked.statement.digest)

    def outbox(self) -> list[str]:
        """The authorities that have a file."""
        return sorted(path.parent.name for path in (self.settings.home / "outbox").rglob("*.sealed"))

    def refused(self) -> list[str]:
        """Why acts of re-identification were refused, as the log says it."""
        kinds = ("reidentify:request:refusal", "agreement:act:refusal")
        return [entry["justification"] for kind in kinds for entry in self.said(action=kind)]


def private(authority: str) -> X25519PrivateKey:
    """The key with which an authority opens what is sealed to it."""
    return SEALING_KEYS[authority]


@pytest.fixture(scope="session")
def full(postgres_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    """A hub that is filled once: what each test has a copy of."""
    home = tmp_path_factory.mktemp("road") / "home"
    with copied_database(postgres_url, "template_hub") as url:
        settings = Settings(home=home, config=home / "config", database_url=url, commit="0" * 40)
        shutil.copytree(PROJECT / "config", settings.config)
        agree(settings.agreement_path)
        keys = {name: new_key() for name in OFFICERS}
        road = Road(settings, create_ring(settings), b"", {name: secret for name, (secret, _) in keys.items()})
        for name, party in OFFICERS.items():
            _appoint(settings, name, keys[name][1], party)
        _fill(road)
        shutil.copytree(home, home.with_name("kept"))
        database.engine(settings).dispose()
        yield road


@pytest.fixture
def road(full: Road, postgres_url: URL) -> Iterator[Road]:
    """A hub from which there is a road back, and no request yet."""
    home, template = full.settings.home, make_url(str(full.settings.database_url)).database or ""
    shutil.rmtree(home)
    shutil.copytree(home.with_name("kept"), home)
    with copied_database(postgres_url, template) as url:
        own = full.settings.model_copy(update={"database_url": url})
        yield replace(full, settings=own, ring=open_ring(own, Service.CUSTODIAN))


def _appoint(settings: Settings, name: str, public: bytes, party: str) -> None:
    today = now().date()
    days = (today - timedelta(days=9), today + timedelta(days=99))
    register(settings, appoint(load_agreement(settings), name, public, party, pem(party), *days).document())


def _fill(road: Road) -> None:
    road.deliver("police.recorded_crime", Q3, CRIMES, PARTS)
    road.deliver("health.emergency_care", Q3, ATTENDANCES, PATIENTS)
    for feed, event in EVENT.items():
        record = next(iter(REFERENCES[feed]))
        part = {"event_id": event, "record_id": an_id(record[0], 0), "feed": feed, "role": "subject"}
        road.deliver(feed, Q2, ATTENDANCES.with_columns(event_id=pl.lit(event), feed=pl.lit(feed)), pl.DataFrame(part))
    for feed in REFERENCES:
        _keep_records(road, feed)
    road.link(PERSONS, tuple(REFERENCES))


def _keep_records(road: Road, feed: str) -> None:
    texts = pl.Series(REFERENCES[feed].values())
    key = road.ring.key(Purpose.REFERENCE).derive(f"seal/{feed}/1", SEAL_BYTES)
    if feed == "health.emergency_care":  # the hospital seals its references itself
        key = SourceKeys(road.ring.key(Purpose.SOURCE)).seal(feed)
    frame = pl.DataFrame(
        {
            "record_id": [an_id(name[0], int(name[1:])) for name in REFERENCES[feed]],
            "feed": feed,
            "authority": feed.partition(".")[0],
            "reference_sealed": seal(texts, feed, key),
        }
    )
    with transaction(road.settings) as connection:
        quarter = Q2 if feed in EVENT else Q3
        delivery = admitted_delivery(connection, feed, quarter)
        assert delivery is not None
        opened = open_data_key(connection, road.ring, delivery.data_key_id)
    write_table(road.settings, "records", f"{tables_name(delivery)}.parquet", opened, frame)
