"""How right incidents are: the partners' synthetic borough, read by the contracts and linked from tokens alone.

python -m benchmarks.incidents [PEOPLE] [SEED ...]
"""

import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from hub.periods import Quarter
from hub.settings import PROJECT
from incidents.finding import find_incidents
from incidents.rules import load_incident_rules
from keys.key import Key
from linkage.clustered.persons import find_persons
from linkage.config import load_linkage
from linkage.evaluation import Quality, evaluate
from linkage.learned.model import train
from partners.extracts import write_extracts
from partners.layout import extract_path
from pseudonymise.linkage_columns import linkage_columns
from pseudonymise.scheme_keys import SourceKeys
from schemas.contract import Contract
from schemas.formats import parse
from schemas.health import HEALTH_CLEAR
from schemas.police import RECORDED_CRIME
from schemas.validation import validate
from schemas.yot import CASES

TOLD = ((RECORDED_CRIME, "csv"), (HEALTH_CLEAR, "csv"), (CASES, "xml"))
QUARTERS = (Quarter(2026, 2), Quarter(2026, 3))
KEYS = SourceKeys(Key("source/1", b"0" * 32))


def read(folder: Path, contract: Contract, form: str) -> pl.DataFrame:
    """The valid rows of all quarters, the last of each record, with its tokens and the ids of event and record."""
    rows = [
        validate(
            parse(form, extract_path(folder, contract.feed, str(quarter)).read_bytes(), contract), contract, quarter
        )
        for quarter in QUARTERS
    ]
    frame = pl.concat([each.valid for each in rows]).unique(contract.row_key, keep="last", maintain_order=True)
    named = {"event_id": contract.event_key, "record_id": contract.record_key}
    ids = [pl.concat_str(pl.lit(contract.feed), *key, separator="/").alias(name) for name, key in named.items()]
    role = pl.col("role") if contract.role is None else pl.lit(contract.role)
    tokens = linkage_columns(frame, contract.identifiers, KEYS, None)
    return frame.with_columns(*ids, *tokens, feed=pl.lit(contract.feed), role=role)


def borough(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The events of the borough, and who takes part in them as linkage finds."""
    frames = [read(folder, contract, form) for contract, form in TOLD]
    config = load_linkage(PROJECT / "config")
    records = pl.concat(frames, how="diagonal")
    tokens = records.select("record_id", "^token_.*$", "^encoding_.*$").sort("record_id")
    found = find_persons(tokens, train(tokens, config), config).clusters
    events = pl.concat(frames, how="diagonal").unique("event_id", maintain_order=True)
    return events, records.join(found, on="record_id").select("event_id", "role", person_id="cluster")


def measure(people: int, seed: int) -> tuple[Quality, float]:
    """How right the incidents of a borough are, over pairs of events; and the seconds of processor it took."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_extracts(folder, people, seed, QUARTERS)
        events, involvements = borough(folder)
        truth = pl.read_csv(folder / "truth" / "incidents.csv", infer_schema=False)
    began = time.process_time()
    found = find_incidents(events, involvements, load_incident_rules(PROJECT / "config"))
    seconds = time.process_time() - began
    known = truth.select(
        record_id=pl.concat_str("feed", "source_reference", separator="/"), true_person_id="true_incident_id"
    )
    return evaluate(known, found.select(record_id="event_id", person_id="incident")), seconds


if __name__ == "__main__":
    size, *seeds = map(int, sys.argv[1:] or ("5000",))
    for seed in seeds or (1, 2, 3):
        quality, seconds = measure(size, seed)
        counts = f"{quality.records:,} events of {quality.persons_true:,} incidents, {quality.persons_found:,} found"
        print(
            f"seed {seed}: {counts}; "
            f"precision {quality.precision:.4f}, recall {quality.recall:.4f}, F1 {quality.f1:.4f}; {seconds:.2f} s"
        )
