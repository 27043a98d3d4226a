"""What would keep likeness from telling names, and what it would cost linkage. Nothing of it is in scheme 1.

Encodings of names are permuted once more, in an order of their own for every value of a *salt*, a token of the same
record: two encodings can then be compared only where the salts are the same. Without a salt there is no encoding.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.attacks.frequency import by_likeness
from benchmarks.attacks.target import Public, Target
from hub.settings import PROJECT
from linkage.clustered.persons import find_persons
from linkage.config import load_linkage
from linkage.evaluation import evaluate
from linkage.learned.model import train
from pseudonymise.encodings import WORDS, from_words
from pseudonymise.permutation import BITS

NAME_ENCODINGS = ("encoding_forename", "encoding_forename_family", "encoding_surname")
LARGEST = 6  # groups of one salt that are attacked, the largest first


def hardened(records: pl.DataFrame, salt: str) -> pl.DataFrame:
    """Records whose encodings of names are permuted by the salt."""
    known = records[salt].is_not_null()
    return records.with_columns(
        _salted(records[name], records[salt], (known & records[name].is_not_null()).to_numpy())
        for name in NAME_ENCODINGS
    )


def _salted(encodings: pl.Series, salts: pl.Series, known: NDArray[np.bool_]) -> pl.Series:
    rows = np.frombuffer(b"".join(encodings.filter(known).to_list()), dtype=np.uint8).reshape(-1, BITS // 8)
    bits, moved = np.unpackbits(rows, axis=1), np.empty((len(rows), BITS), dtype=np.uint8)
    which = salts.filter(known).to_frame("salt").with_row_index().group_by("salt").agg("index")
    for salt, index in which.iter_rows():
        order = np.random.default_rng(int(salt, 16)).permutation(BITS)
        moved[index] = bits[np.ix_(index, order)]
    return from_words(np.packbits(moved, axis=1).view(np.uint64).reshape(-1, WORDS), known, encodings.name)


def likeness_within(seen: Target, known: Public, field: str, salt: str) -> list[str]:
    """The attack by likeness on the largest groups of one salt, each by itself."""
    records = hardened(seen.records, salt)
    groups = records[salt].value_counts(sort=True, name="n").drop_nulls()[salt].head(LARGEST)
    lines = []
    for number, group in enumerate(groups, 1):
        rows = (records[salt] == group).fill_null(False)
        part = Target(records.filter(rows), {field: seen.names[field].filter(rows)}, seen.person.filter(rows))
        lines.append(
            by_likeness(part, known, f"encoding_{field}", field).replace("likeness", f"likeness, {salt} {number}")
        )
    return lines


def accuracy(seen: Target, records: pl.DataFrame) -> str:
    """How right linkage is on these records."""
    ids = pl.Series("record_id", [f"{number:032x}" for number in range(records.height)])
    given, config = (
        records.insert_column(0, ids) if "record_id" not in records.columns else records,
        load_linkage(PROJECT / "config"),
    )
    found = find_persons(given, train(given, config), config)
    truth = pl.DataFrame({"record_id": ids, "true_person_id": seen.person})
    right = evaluate(truth, found.clusters.rename({"cluster": "person_id"}))
    return f"precision {right.precision:.4f}, recall {right.recall:.4f}, F1 {right.f1:.4f}"
