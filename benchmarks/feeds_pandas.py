"""The peer: plain pandas and pandera on the same extract of recorded crime, in a process of its own.

The rules are those that a pandera user would write for the same contract: code lists, forms, ranges, dates, the rules
across columns and the unique key. Rows that break one are left out by row number, as pandera's report gives them.
"""

import json
import resource
import sys
import time
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from schemas import codes
from schemas.offences import load_offences

_DAY, _MINUTE = "%d/%m/%Y", "%d/%m/%Y %H:%M"


def _check(path: Path) -> int:
    """Read, check and write; the number of rows that pass."""
    read = pd.read_csv(path, dtype=str, keep_default_na=False)
    rows = read.apply(lambda column: column.str.strip()).replace({"": None, "NULL": None})
    for name in ("Committed From", "Committed To"):
        rows[name] = pd.to_datetime(rows[name], format=_MINUTE, errors="coerce")
    for name in ("Recorded Date", "Date of Birth", "Outcome Date"):
        rows[name] = pd.to_datetime(rows[name], format=_DAY, errors="coerce")
    for name in ("Age", "Easting", "Northing"):
        rows[name] = pd.to_numeric(rows[name], errors="coerce")
    flags = {name: pa.Column(str, pa.Check.isin(["Y", "N"]), nullable=True) for name in read.columns if "Flag" in name}
    recorded = pa.Check.in_range(pd.Timestamp(2026, 7, 1), pd.Timestamp(2026, 9, 30))
    text = pa.Column(str, pa.Check.str_matches(r"^[^\x00-\x1f]*$"), nullable=True)
    schema = pa.DataFrameSchema(
        {
            "Crime Reference": pa.Column(str, pa.Check.str_matches(r"^[^\x00-\x1f]+$")),
            "HO Code": pa.Column(str, pa.Check.isin(load_offences().filter("valid")["offence_code"].to_list())),
            "Committed From": pa.Column("datetime64[us]"),
            "Committed To": pa.Column("datetime64[us]", nullable=True),
            "Recorded Date": pa.Column("datetime64[us]", recorded),
            **flags,
            "Person Role": pa.Column(str, pa.Check.isin(["VICTIM", "SUSPECT"])),
            "Person Number": pa.Column(str),
            **dict.fromkeys(("Forename", "Surname", "Address"), text),
            "Date of Birth": pa.Column("datetime64[us]", nullable=True),
            "Age": pa.Column(float, pa.Check.in_range(0, 130), nullable=True, coerce=True),
            "Sex": pa.Column(str, pa.Check.isin(list(codes.SEX_LETTERS)), nullable=True),
            "Ethnicity": pa.Column(str, pa.Check.isin(list(codes.ETHNICITY_SELF_DEFINED)), nullable=True),
            "PNC ID": pa.Column(str, pa.Check.str_matches(r"^\d{4}/\d{7}[A-Z]$"), nullable=True),
            "Postcode": pa.Column(str, pa.Check.str_matches(r"^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$"), nullable=True),
            "UPRN": pa.Column(str, pa.Check.str_matches(r"^\d{1,12}$"), nullable=True),
            "Easting": pa.Column(float, nullable=True, coerce=True),
            "Northing": pa.Column(float, nullable=True, coerce=True),
            "Location Type": pa.Column(str, pa.Check.isin(list(codes.PLACE_TYPE)), nullable=True),
            "Weapon": pa.Column(str, pa.Check.isin(list(codes.WEAPON)), nullable=True),
            "Relationship": pa.Column(str, pa.Check.isin(list(codes.RELATIONSHIP)), nullable=True),
            "Outcome Type": pa.Column(str, pa.Check.isin(list(codes.OUTCOME_TYPE)), nullable=True),
            "Outcome Date": pa.Column("datetime64[us]", nullable=True),
        },
        checks=[
            pa.Check(lambda rows: ~(rows["Committed To"] < rows["Committed From"]), name="ends after it starts"),
            pa.Check(lambda rows: ~(rows["Recorded Date"] < rows["Committed From"].dt.normalize()), name="recorded"),
            pa.Check(lambda rows: ~((rows["Weapon"] == "Knife") & (rows["Knife Flag"] == "N")), name="knife"),
        ],
        unique=["Crime Reference", "Person Number"],
        strict=True,
    )
    try:
        sound = schema.validate(rows, lazy=True)
    except pa.errors.SchemaErrors as errors:
        sound = rows.drop(index=errors.failure_cases["index"].dropna().unique())
    event = ["Crime Reference", "HO Code", "Committed From", "Committed To", "Recorded Date", *flags, "Weapon"]
    sound[event].drop_duplicates("Crime Reference", keep="last").to_parquet(path.with_suffix(".events"))
    sound[["Crime Reference", "Person Number", "Person Role", "Age", "Sex", "Ethnicity"]].to_parquet(
        path.with_suffix(".involvements")
    )
    sound[["Crime Reference", "Person Number"]].to_parquet(path.with_suffix(".records"))
    return len(sound)


def main() -> None:
    """Print seconds, rows and memory as JSON."""
    began = time.process_time()
    accepted = _check(Path(sys.argv[1]))
    seconds = time.process_time() - began
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": seconds, "accepted": accepted, "mib": mib}))


if __name__ == "__main__":
    main()
