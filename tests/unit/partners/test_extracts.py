"""The authorities' extracts: their shapes, their dirt, and the truth beside them."""

import csv
import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from hub.periods import Quarter
from hub.settings import PROJECT
from partners.extracts import ExtractCounts, replay_street_crime, write_extracts
from partners.layout import EXTRACTS, extract_path
from partners.population.errors import PopulationError

QUARTER = Quarter(2026, 3)
PERIOD = str(QUARTER)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("partners")


@pytest.fixture(scope="module")
def counts(folder: Path) -> ExtractCounts:
    return write_extracts(folder, people=5000, seed=1, quarters=[QUARTER])


def table(folder: Path, feed: str) -> list[dict[str, str]]:
    with extract_path(folder, feed, PERIOD).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def items(folder: Path, feed: str, period: str = PERIOD) -> list[dict]:
    return json.loads(extract_path(folder, feed, period).read_text(encoding="utf-8"))


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_feed_has_rows_in_a_sensible_number(counts: ExtractCounts) -> None:
    usual = {
        "police.recorded_crime": (1500, 2600),
        "police.street_crime": (1500, 3000),
        "fire.fire_setter_referrals": (25, 65),
        "fire.incidents": (100, 250),
        "health.emergency_care": (180, 320),
        "health.assault_attendances": (180, 320),
        "probation.supervision": (220, 380),
        "yot.cases": (50, 120),
        "council.exclusions": (80, 160),
        "council.marac": (45, 100),
        "council.antisocial_behaviour": (220, 350),
        "council.children_in_need": (50, 130),
        "council.children_in_need_census": (50, 130),
        "council.looked_after": (5, 40),
        "council.exploitation": (12, 45),
        "council.nrm_referrals": (1, 20),
    }
    assert set(counts.rows) == set(EXTRACTS)
    assert {feed: rows for feed, rows in counts.rows.items() if not usual[feed][0] <= rows <= usual[feed][1]} == {}


def test_a_third_of_those_known_are_known_to_two_authorities(counts: ExtractCounts) -> None:
    assert counts.known_to_two / counts.known >= 1 / 3


@pytest.mark.usefixtures("counts")
@pytest.mark.parametrize(
    ("feed", "header"),
    [
        (
            "police.recorded_crime",
            "Crime Reference,HO Code,Committed From,Committed To,Recorded Date,DA Flag,Knife Flag,Gang Flag,Hate Flag,"
            "Alcohol Flag,Person Role,Person Number,Forename,Surname,Date of Birth,Age,Sex,Ethnicity,PNC ID,"
            "Address,Postcode,UPRN,Easting,Northing,Location Type,Weapon,Relationship,Outcome Type,Outcome Date,MO",
        ),
        (
            "health.emergency_care",
            "ATTENDANCE IDENTIFIER,SITE CODE (OF TREATMENT),ARRIVAL DATE,ARRIVAL TIME,ASSAULT DATE,ASSAULT TIME,"
            "ASSAULT LOCATION TYPE,ASSAULT LOCATION DESCRIPTION,ASSAULT METHOD,INJURY INTENT,ALCOHOL INVOLVED,"
            "EMERGENCY CARE PLACE OF INJURY (SNOMED CT),EMERGENCY CARE INJURY MECHANISM (SNOMED CT),"
            "EMERGENCY CARE INJURY ACTIVITY TYPE (SNOMED CT),"
            "EMERGENCY CARE INJURY ALCOHOL OR DRUG INVOLVEMENT (SNOMED CT),"
            "NHS NUMBER,PERSON GIVEN NAME,PERSON FAMILY NAME,PERSON BIRTH DATE,PERSON STATED GENDER CODE,"
            "ETHNIC CATEGORY,POSTCODE OF USUAL ADDRESS,LSOA OF INCIDENT",
        ),
        (
            "council.exclusions",
            "exclusion_id,upn,forename,surname,date_of_birth,gender,ethnicity,postcode,uprn,school_urn,category,reason,"
            "start_date,sessions,sen_provision,period",
        ),
        (
            "council.marac",
            "referral_id,meeting_date,referring_agency,repeat_case,children_count,victim_forename,victim_surname,"
            "victim_date_of_birth,victim_gender,victim_ethnicity,victim_postcode,victim_uprn,period",
        ),
        (
            "council.antisocial_behaviour",
            "incident_reference,incident_at,reported_at,category,incident_type,location_type,young_people,alcohol,drugs,"
            "weapon_seen,action_taken,easting,northing,ward_code,period",
        ),
        (
            "council.children_in_need",
            "EpisodeID,LAchildID,UPN,Forename,Surname,PersonBirthDate,GenderCurrent,Ethnicity,Postcode,UPRN,"
            "CINreferralDate,ReferralSource,PrimaryNeedCode,CINclosureDate,ReasonForClosure,AssessmentFactors,"
            "CPPstartDate,InitialCategoryOfAbuse,period",
        ),
        (
            "council.looked_after",
            "EPISODE,CHILD,UPN,FORENAME,SURNAME,DOB,SEX,ETHNIC,HOME_POST,DECOM,RNE,LS,CIN,PLACE,DEC,REC,period",
        ),
    ],
)
def test_a_table_has_exactly_the_agreed_columns(folder: Path, feed: str, header: str) -> None:
    assert extract_path(folder, feed, PERIOD).read_text(encoding="utf-8").partition("\n")[0] == header


@pytest.mark.usefixtures("counts")
def test_fire_referrals_have_the_shape_of_the_api(folder: Path) -> None:
    [item, *_] = items(folder, "fire.fire_setter_referrals")
    assert list(item) == [
        "referralId", "dateOfReferral", "dateOfFire", "incidentNumber", "incidentGroup", "deliberate",
        "referringAgency", "riskLevel", "child", "intervention",
    ]  # fmt: skip
    assert list(item["child"]) == [
        "forename", "surname", "dateOfBirth", "gender", "ethnicity", "address", "postcode", "uprn",
    ]  # fmt: skip


@pytest.mark.usefixtures("counts")
def test_supervisions_have_the_shape_of_the_api(folder: Path) -> None:
    item = next(item for item in items(folder, "probation.supervision") if len(item["riskPredictors"]) == 8)
    assert list(item) == [
        "crn", "nomsNumber", "pncNumber", "name", "dateOfBirth", "gender", "ethnicity", "address",
        "limitedAccessOffender", "supervision", "riskPredictors", "rosh", "mappa", "requirement",
    ]  # fmt: skip
    assert list(item["name"]) == ["forename", "surname", "middleName"]
    assert list(item["supervision"]) == ["eventNumber", "startDate", "endDate", "orderType", "mainOffenceCode"]
    assert list(item["riskPredictors"]) == [
        "assessmentType", "dateCompleted", "OGRS", "OGP", "OVP", "OSP", "RSR", "newActuarialPredictors",
    ]  # fmt: skip
    assert list(item["riskPredictors"]["OGRS"]) == ["ogrs31Year", "ogrs32Year", "ogrs3RiskRecon"]
    assert list(item["rosh"]) == ["public", "children", "knownAdult", "staff"]


@pytest.mark.usefixtures("counts")
def test_youth_cases_have_the_shape_of_the_return(folder: Path) -> None:
    root = ET.parse(extract_path(folder, "yot.cases", PERIOD)).getroot()
    assert (root.tag, root.attrib) == ("YOTReturn", {"yot": "Kingston", "period": PERIOD})
    case = root[0]
    parts = ["Person", "Offence", "Disposal", "KeyIndicators", "AssetPlus"]
    told = [[part.tag for part in case] for case in root]
    assert told.count(parts) + told.count([*parts, "Intervention"]) == len(told)
    assert 0.2 < told.count([*parts, "Intervention"]) / len(told) < 0.9
    declined = [one for one in root.iter("Intervention") if one.findtext("outcome") == "Declined"]
    assert all(one.find("startDate") is None for one in declined)
    assert [part.tag for part in case[0]] == [
        "Forename", "Surname", "DateOfBirth", "Sex", "Ethnicity", "PNCID", "Postcode", "UPRN",
    ]  # fmt: skip
    assert set(case[1].attrib) == {"code", "date", "gravity"}


@pytest.mark.usefixtures("counts")
def test_street_crime_has_the_shape_of_the_api_and_no_person(folder: Path) -> None:
    for month in QUARTER.months:
        records = items(folder, "police.street_crime", month)
        assert {frozenset(record) for record in records} == {
            frozenset(
                ("category", "location_type", "location", "context", "outcome_status", "persistent_id", "id",
                 "location_subtype", "month")
            )
        }  # fmt: skip
        assert {record["month"] for record in records} == {month}
        assert all(
            (record["persistent_id"] == "") == (record["category"] == "anti-social-behaviour") for record in records
        )
        assert 0 < len(records) - len({record["id"] for record in records}) <= 10  # sent twice


@pytest.mark.usefixtures("counts")
def test_a_crime_is_found_in_the_street_records_of_its_month_near_where_it_was(folder: Path) -> None:
    recorded = Counter(
        reference[-1]
        for reference in {
            (row["Crime Reference"], row["Recorded Date"][3:5]) for row in table(folder, "police.recorded_crime")
        }
    )
    street = {month[-2:]: items(folder, "police.street_crime", month) for month in QUARTER.months}
    for month, records in street.items():
        assert recorded[month] <= sum(record["category"] != "anti-social-behaviour" for record in records)


@pytest.mark.usefixtures("counts")
def test_the_police_extract_holds_the_dirt_of_real_files(folder: Path) -> None:
    rows = table(folder, "police.recorded_crime")
    assert any(row["UPRN"] == "1.00021E+11" for row in rows)
    assert any("NULL" in row.values() for row in rows)
    assert any(row["Surname"].endswith("  ") for row in rows)
    assert any(row["Easting"].endswith(".0") for row in rows)
    assert any(row["Crime Reference"] == "" for row in rows)
    assert any(row["HO Code"] == "8.1" or row["Person Role"] == "WITNES" for row in rows)
    keys = Counter((row["Crime Reference"], row["Person Number"]) for row in rows if row["Crime Reference"])
    assert any(count == 2 for count in keys.values())


@pytest.mark.usefixtures("counts")
def test_the_truth_knows_every_row_that_still_has_its_key(folder: Path) -> None:
    with (folder / "truth" / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = {(row["feed"], row["source_reference"]): row["true_person_id"] for row in csv.DictReader(file)}
    with (folder / "truth" / "people.csv").open(encoding="utf-8", newline="") as file:
        people = {row["true_person_id"] for row in csv.DictReader(file)}
    assert len(people) == 5000
    assert set(truth.values()) <= people
    for row in table(folder, "police.recorded_crime"):
        if row["Crime Reference"]:
            assert ("police.recorded_crime", f"{row['Crime Reference']}\x1f{row['Person Number']}") in truth
    for feed, key in (
        ("council.exclusions", "exclusion_id"),
        ("council.marac", "referral_id"),
        ("council.children_in_need", "LAchildID"),
        ("council.looked_after", "CHILD"),
        ("council.exploitation", "referral_id"),
        ("council.nrm_referrals", "nrm_reference"),
    ):
        assert all((feed, row[key]) in truth for row in table(folder, feed))
    assert all(
        ("probation.supervision", item["crn"]) in truth
        for item in items(folder, "probation.supervision")
        if item["crn"]
    )


@pytest.mark.usefixtures("counts")
def test_few_records_lack_a_date_of_birth(folder: Path) -> None:
    rows = table(folder, "police.recorded_crime")
    assert sum(row["Date of Birth"] == "" for row in rows) / len(rows) <= 0.03


def test_the_same_seed_gives_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; import sys; from hub.periods import Quarter;"
        "from partners.extracts import write_extracts;"
        "write_extracts(Path(sys.argv[1]), 300, 5, [Quarter(2024, 2)])"
    )
    made = []
    for hash_seed in ("0", "4242"):
        target = tmp_path / hash_seed
        subprocess.run(
            [sys.executable, "-c", program, str(target)],
            check=True,
            cwd=PROJECT,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
        )
        made.append(digests(target))
    assert made[0] == made[1]
    assert len(made[0]) == len(EXTRACTS) - 1 + 3 + 3  # one each, street crime by month, and the truth


def test_a_quarters_extracts_do_not_depend_on_the_other_quarters_asked_for(tmp_path: Path) -> None:
    first, second = Quarter(2024, 1), Quarter(2024, 2)
    write_extracts(tmp_path / "one", 200, 5, [first])
    write_extracts(tmp_path / "both", 200, 5, [first, second])
    alone = digests(tmp_path / "one" / "extracts")
    assert alone.items() <= digests(tmp_path / "both" / "extracts").items()


@pytest.mark.parametrize("people", [50, 200])
def test_a_small_population_works(tmp_path: Path, people: int) -> None:
    counts = write_extracts(tmp_path, people, 1, [QUARTER])
    assert counts.people == people
    assert counts.rows["police.recorded_crime"] > 0
    assert counts.known <= people


@pytest.mark.parametrize("quarters", [[], [Quarter(2023, 4)], [Quarter(2031, 1)]])
def test_quarters_that_no_life_is_made_for_are_refused(tmp_path: Path, quarters: list[Quarter]) -> None:
    with pytest.raises(PopulationError, match="2024-Q1"):
        write_extracts(tmp_path, 200, 1, quarters)


def test_genuine_records_are_replayed_by_month_without_the_ward(tmp_path: Path) -> None:
    records = [
        {"category": "burglary", "id": n, "month": f"2016-0{n % 2 + 1}", "_ward_code": "E05000400"} for n in range(5)
    ]
    path = tmp_path / "records.jsonl.gz"
    path.write_bytes(gzip.compress("".join(json.dumps(record) + "\n" for record in records).encode()))
    assert replay_street_crime(path, tmp_path) == {"2016-01": 3, "2016-02": 2}
    assert items(tmp_path, "police.street_crime", "2016-02") == [
        {"category": "burglary", "id": n, "month": "2016-02"} for n in (1, 3)
    ]


def test_every_genuine_record_is_replayed(genuine: Path, tmp_path: Path) -> None:
    months = replay_street_crime(genuine / "police_street_crime_kingston_2016-01_2017-06.jsonl.gz", tmp_path)
    assert len(months) == 17  # March 2016 is not among them
    assert sum(months.values()) == 20_177
    assert not any("_ward_code" in record for record in items(tmp_path, "police.street_crime", "2017-06"))
