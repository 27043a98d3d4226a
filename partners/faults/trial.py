"""One trial: a feed, troubles and kills, all drawn by a seed; then what the hub has is held against the truth."""

import multiprocessing
import random
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from sqlalchemy import select

from hub.database import transaction
from hub.settings import Settings
from partners.faults import acts
from partners.faults.child import Outcome, ingest_once
from partners.faults.house import QUARTER, House
from partners.faults.kinds import WAYS, Fault, Way
from store.datakeys import open_data_key
from store.deliveries import Delivery, admitted_delivery
from store.models import DeliveryRow
from store.tables import read_table

MOST_ATTEMPTS = 25
_LIFE_S = 1.2  # about as long as an undisturbed ingest takes
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["partners.faults.child"])


@dataclass(frozen=True)
class Kept:
    """What a hub has of a delivery: its counts, and its events as they are stored."""

    received: int
    quarantined: int
    events: pl.DataFrame


@dataclass
class Told:
    """What came of a trial. ``wrong``: each promise that was broken, in words."""

    seed: int
    feed: str
    faults: tuple[Fault, ...]
    kills: int = 0
    attempts: int = 0
    errors: list[str] = field(default_factory=list)
    fetched_again: int = 0
    wrong: list[str] = field(default_factory=list)


def trial(house: House, seed: int) -> Told:
    """Run one; the partners' data and credentials are as before at its end."""
    chance = random.Random(seed)
    way = chance.choice(WAYS)
    faults = tuple(chance.sample(way.faults, chance.randint(0, min(3, len(way.faults)))))
    told = Told(seed, way.feed, faults)
    restore = acts.originals(house)
    try:
        with house.hub() as said:
            mends = _arm(house, way, faults, chance)
            _until_admitted(house, said, way, chance, mends, told)
            _disarm(house, way)
            if not told.wrong:
                _hold(told, _kept(house, said, way.feed), _undisturbed(house, way))
    finally:
        restore()
        _disarm(house, way)
    return told


def _arm(house: House, way: Way, faults: tuple[Fault, ...], chance: random.Random) -> list[acts.Mend]:
    """Set up what is to go wrong; returns how that is mended which lasts."""
    mends: list[acts.Mend] = []
    if way.feed == "health.emergency_care":
        acts.send_message(house)
    if Fault.POISON in faults:
        acts.spoil_row(house, way.feed)
    if way.feed in house.scripts:
        places = chance.sample(range(1, 8), len(faults))
        struck = [fault for fault in faults if fault not in (Fault.REVOKED, Fault.CHANGED, Fault.POISON)]
        house.scripts[way.feed].begin(dict(zip(places, struck, strict=False)))
    else:
        resets = faults.count(Fault.RESET)
        house.wires[way.feed].refuse = chance.randint(1, 2) if Fault.REFUSED in faults else 0
        house.wires[way.feed].break_after = [chance.randrange(200, 60_000) for _ in range(resets)]
    if Fault.TRUNCATED in faults:  # one of these at a time: each makes a file of its own
        mends.append(acts.shorten_file(house))
    elif Fault.WRONG_HASH in faults:
        mends.append(acts.wrong_receipt(house))
    elif Fault.HALF_WRITTEN in faults:
        acts.grow_file(house, chance.uniform(0.2, 2.0))
    if Fault.REVOKED in faults:
        mends.append(acts.revoke(house, way.feed))
    return mends


def _disarm(house: House, way: Way) -> None:
    if way.feed in house.scripts:
        house.scripts[way.feed].begin({})
    else:
        house.wires[way.feed].refuse, house.wires[way.feed].break_after = 0, []


def _until_admitted(
    house: House, said: dict[str, Any], way: Way, chance: random.Random, mends: list[acts.Mend], told: Told
) -> None:
    """Ingest again and again, as Airflow would, killed some of the times; mend what does not pass by itself."""
    kills = chance.choice((0, 1, 1, 2, 3))
    changing = Fault.CHANGED in told.faults
    for told.attempts in range(1, MOST_ATTEMPTS + 1):
        kill_after = chance.uniform(0, _LIFE_S) if told.kills < kills else None
        outcome = _attempt(said, way.feed, kill_after)
        if outcome is None:
            told.kills += 1
            _count_again(house, said, way, told)
            if changing:
                acts.lose_row(house, way.feed)
                changing = False
            continue
        if outcome.error is None:
            return
        told.errors.append(outcome.error)
        if not outcome.transient:
            if not mends:
                told.wrong.append(f"it cannot go on: {outcome.said}")
                return
            mends.pop()()
    told.wrong.append(f"it is not in after {MOST_ATTEMPTS} attempts")


def _attempt(said: dict[str, Any], feed: str, kill_after: float | None) -> Outcome | None:
    """One ingest in a process of its own; None: it was killed, or died."""
    here, there = _PROCESSES.Pipe(duplex=False)
    process = _PROCESSES.Process(target=ingest_once, args=(said, feed, str(QUARTER), there))
    process.start()
    there.close()
    process.join(kill_after)
    if process.is_alive() and kill_after is not None:
        process.kill()
    process.join()
    try:
        outcome: Outcome = here.recv()
    except EOFError:
        return None
    return outcome


def _count_again(house: House, said: dict[str, Any], way: Way, told: Told) -> None:
    """How many pages were answered in full to the run that was killed, and not sealed: those are fetched again."""
    if way.feed not in house.scripts or {Fault.CHANGED, Fault.DUPLICATE_PAGE} & {*told.faults}:
        return
    with transaction(Settings(**said)) as connection:
        sealed = connection.execute(select(DeliveryRow.pages).where(DeliveryRow.feed == way.feed)).scalar() or 0
    answered = house.scripts[way.feed].furthest() + 1
    told.fetched_again = max(told.fetched_again, answered - sealed)


def _kept(house: House, said: dict[str, Any], feed: str) -> Kept:
    settings = Settings(**said)
    with transaction(settings) as connection:
        found = admitted_delivery(connection, feed, QUARTER)
        delivery = _there(found)
        key = open_data_key(connection, house.ring, delivery.data_key_id)
    events = read_table(settings, "events", f"{feed}/{delivery.id}.parquet", key).sort("event_id")
    return Kept(delivery.rows_received or 0, delivery.rows_quarantined or 0, events)


def _there(found: Delivery | None) -> Delivery:
    if found is None:
        raise LookupError("the ingest said that it admitted a delivery, and there is none")
    return found


def _undisturbed(house: House, way: Way) -> Kept:
    """The same data, delivered to another hub of the house while nothing goes wrong."""
    with house.hub() as said:
        if way.feed == "health.emergency_care":
            acts.send_message(house)
        outcome = _attempt(said, way.feed, None)
        if outcome is None or outcome.error is not None:
            raise LookupError(f"an undisturbed ingest of {way.feed} did not succeed: {outcome}")
        return _kept(house, said, way.feed)


def _hold(told: Told, found: Kept, true: Kept) -> None:
    if (found.received, found.quarantined) != (true.received, true.quarantined):
        told.wrong.append(f"{found.received} rows came and {found.quarantined} were quarantined, "
                          f"undisturbed {true.received} and {true.quarantined}")  # fmt: skip
    if found.events["event_id"].n_unique() != found.events.height:
        told.wrong.append("an event is there twice")
    if not found.events.equals(true.events):
        told.wrong.append("the events are not those of an undisturbed ingest")
    if told.fetched_again > 1:
        told.wrong.append(f"{told.fetched_again} pages were fetched again after a kill")
    if Fault.POISON in told.faults and found.quarantined == 0:
        told.wrong.append("the spoiled row was let in")
