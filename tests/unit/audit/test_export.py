"""An export holds exactly what was asked for, an outsider can verify it, and it is logged."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from audit.checkpoint import Signature, Verifier
from audit.cosignatures import Quorum, Witness, cosigned_message
from audit.errors import ExportRefused
from audit.events import Action, Entry
from audit.export import Exported, Format, Request, export
from audit.log import append, checkpoint, newest_checkpoint
from audit.query import Filter, Kept, entries
from audit.statements import add_cosignature
from hub.database import transaction
from witness import verify_log

START = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
WHO = {"code_commit": "0" * 40, "agreement_hash": "a" * 64, "clause": "pcsc-2022-s16", "purpose": "strategy"}
EVIL = '=cmd|" /C calc"!A0'


def logged(number: int) -> Entry:
    action, actor = (Action.LINK, EVIL) if number % 10 == 3 else (Action.COLLECT, "service:hub")
    feed = "police.recorded_crime" if number % 2 else "yot.cases"
    told = {"feed": feed, "delivery": f"d{number}", "columns": ("sex", "age_band"), "detail": {"pages": number}}
    return Entry(action=action, actor=actor, rows=number, at=START + timedelta(minutes=number), **told, **WHO)


@pytest.fixture
def log(settings, signer):
    """Thirty entries under three checkpoints."""
    for part in range(3):
        with transaction(settings) as connection:
            append(connection, *map(logged, range(part * 10, part * 10 + 10)))
            checkpoint(connection, signer)
    return settings


def asked(format_: Format = Format.JSONL, quorum: Quorum | None = None, **wanted) -> Request:
    return Request(
        wanted=Filter(**wanted),
        format=format_,
        actor="user:reviewer",
        recipient="council",
        justification="a yearly review",
        quorum=quorum,
    )


def newest(settings) -> Kept:
    with transaction(settings) as connection:
        return entries(connection, Filter(), limit=1)[0]


def about(done: Exported) -> dict:
    return json.loads((done.folder / "export.json").read_text())


def verdict(folder: Path, signer, *words: str) -> int:
    """What an authority's officer is told who has nothing but the folder and the log's key."""
    return verify_log.main([str(folder), "--log-key", Verifier.of(signer).vkey, *words])


def cosign(connection: Connection, *names: str) -> tuple[Witness, ...]:
    """Let witnesses of these names cosign the newest checkpoint."""
    stored = newest_checkpoint(connection)
    assert stored is not None
    found = []
    for name in names:
        key = Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32))
        witness = Witness(name, key.public_key().public_bytes_raw())
        seconds = int(START.timestamp())
        signature = key.sign(cosigned_message(seconds, stored.checkpoint.note.text))
        line = Signature(name, witness.key_hash, seconds.to_bytes(8) + signature)
        assert add_cosignature(connection, stored.number, line, START)
        found.append(witness)
    return tuple(found)


def test_the_whole_log_is_verified_from_outside(log, signer, tmp_path, capsys):
    done = export(log, signer, tmp_path / "out", asked())
    assert (done.entries, done.size) == (30, 30)
    assert verdict(done.folder, signer, "--entry", "17") == 0
    assert '"delivery":"d17"' in capsys.readouterr().out


def test_a_part_is_verified_from_outside(log, signer, tmp_path):
    done = export(log, signer, tmp_path / "out", asked(feed="police.recorded_crime"))
    assert done.entries == 15
    assert verdict(done.folder, signer, "--entry", "17") == 0
    assert verdict(done.folder, signer, "--entry", "18") == 1


def test_a_part_that_nothing_is_in_is_verified_too(log, signer, tmp_path):
    done = export(log, signer, tmp_path / "out", asked(actor="nobody"))
    assert done.entries == 0
    assert verdict(done.folder, signer) == 0


@pytest.mark.parametrize("wanted", [{}, {"authority": "police"}], ids=["whole", "part"])
def test_a_changed_export_is_found(log, signer, tmp_path, wanted):
    done = export(log, signer, tmp_path / "out", asked(**wanted))
    lines = done.folder / "entries.jsonl"
    lines.write_bytes(lines.read_bytes().replace(b'"delivery":"d17"', b'"delivery":"d71"'))
    assert verdict(done.folder, signer) == 1


@pytest.mark.parametrize("wanted", [{}, {"authority": "police"}], ids=["whole", "part"])
def test_the_witnesses_are_in_the_export(log, signer, tmp_path, wanted):
    with transaction(log) as connection:
        witnesses = cosign(connection, "council.example", "police.example")
        append(connection, *map(logged, range(30, 35)))
        checkpoint(connection, signer)
    done = export(log, signer, tmp_path / "out", asked(quorum=Quorum(witnesses, 2, timedelta(days=1)), **wanted))
    keys = [word for witness in witnesses for word in ("--witness", witness.vkey)]
    assert verdict(done.folder, signer, *keys, "--needed", "2") == 0
    other = Witness("yot.example", bytes(range(32)))
    assert verdict(done.folder, signer, *keys, "--witness", other.vkey, "--needed", "3") == 1


def test_a_proof_leads_to_a_cosigned_checkpoint_where_one_covers_the_entry(log, signer, tmp_path):
    with transaction(log) as connection:
        witnesses = cosign(connection, "council.example")
        append(connection, *map(logged, range(30, 35)))
    quorum = Quorum(witnesses, 1, timedelta(days=1))
    done = export(log, signer, tmp_path / "out", asked(quorum=quorum, authority="yot"))
    proofs = [json.loads(line) for line in (done.folder / "proofs.jsonl").read_text().splitlines()]
    assert {proof["size"] for proof in proofs if proof["index"] < 30} == {30}
    assert {proof["size"] for proof in proofs if proof["index"] >= 30} == {35}


def test_entries_that_no_checkpoint_covered_are_covered_now(log, signer, tmp_path):
    with transaction(log) as connection:
        append(connection, logged(30))
    assert export(log, signer, tmp_path / "out", asked()).size == 31
    assert verdict(tmp_path / "out", signer, "--entry", "30") == 0


def test_an_export_is_a_disclosure_in_the_log(log, signer, tmp_path):
    done = export(log, signer, tmp_path / "out", asked(Format.CSV, authority="police"))
    entry = newest(log)
    said = entry.said
    assert entry.index == done.logged == 30
    assert (said["action"], said["actor"], said["recipient"]) == (str(Action.EXPORT_LOG), "user:reviewer", "council")
    assert (said["justification"], said["rows"]) == ("a yearly review", 15)
    assert said["detail"] == {"format": "csv", "size": 30, "whole": False}
    with transaction(log) as connection:
        stored = newest_checkpoint(connection)
    assert stored is not None
    assert stored.checkpoint.size == 31


def test_it_says_what_it_is(log, signer, tmp_path):
    whole = about(export(log, signer, tmp_path / "whole", asked()))
    assert whole == {
        "format": "hub-log-export/1",
        "written_as": "jsonl",
        "origin": signer.name,
        "log_key": Verifier.of(signer).vkey,
        "size": 30,
        "entries": 30,
        "filter": {},
        "first": 0,
    }
    part = about(export(log, signer, tmp_path / "part", asked(authority="police", since=START)))
    assert part["filter"] == {"authority": "police", "since": "2026-10-05T09:00:00+00:00"}
    assert part["first"] is None


@pytest.mark.parametrize("kind", Format)
def test_nothing_is_written_over_and_nothing_logged(log, signer, tmp_path, kind):
    (tmp_path / "out").mkdir()
    with pytest.raises(ExportRefused, match="nothing is written over"):
        export(log, signer, tmp_path / "out", asked(kind))
    assert newest(log).index == 29
    assert [path.name for path in tmp_path.iterdir()] == ["home", "out"] or list((tmp_path / "out").iterdir()) == []


def test_an_export_that_fails_leaves_no_file_and_no_entry(log, signer, tmp_path, monkeypatch):
    monkeypatch.setattr("audit.export.write_csv", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export(log, signer, tmp_path / "deep" / "out", asked(Format.CSV))
    assert list((tmp_path / "deep").iterdir()) == []
    assert newest(log).index == 29


def test_csv_is_for_reading(log, signer, tmp_path):
    done = export(log, signer, tmp_path / "out", asked(Format.CSV))
    rows = list(csv.DictReader((done.folder / "entries.csv").open(encoding="utf-8", newline="")))
    assert [row["index"] for row in rows] == [str(number) for number in range(30)]
    assert rows[7]["at"] == "2026-10-05T09:07:00.000000Z"
    assert (rows[7]["feed"], rows[7]["rows"], rows[7]["columns"]) == ("police.recorded_crime", "7", "sex age_band")
    assert (rows[7]["recipient"], rows[7]["detail"]) == ("", '{"pages": 7}')


def test_a_spreadsheet_runs_nothing_that_somebody_had_logged(log, signer, tmp_path):
    done = export(log, signer, tmp_path / "out", asked(Format.CSV))
    rows = list(csv.DictReader((done.folder / "entries.csv").open(encoding="utf-8", newline="")))
    assert rows[3]["actor"] == f"'{EVIL}"
    assert not any(cell.startswith(tuple("=+-@")) for row in rows for cell in row.values())


def test_parquet_is_for_reading(log, signer, tmp_path):
    done = export(log, signer, tmp_path / "out", asked(Format.PARQUET))
    row = pq.read_table(done.folder / "entries.parquet").to_pylist()[7]
    assert (row["index"], row["at"], row["rows"]) == (7, START + timedelta(minutes=7), 7)
    assert (row["columns"], row["detail"], row["recipient"]) == (["sex", "age_band"], '{"pages": 7}', None)


def test_more_entries_than_are_held_at_once(log, signer, tmp_path, monkeypatch):
    monkeypatch.setattr("audit.readable.ROWS_AT_ONCE", 7)
    monkeypatch.setattr("audit.query.ROWS_AT_ONCE", 7)
    done = export(log, signer, tmp_path / "out", asked(Format.PARQUET))
    assert pq.read_table(done.folder / "entries.parquet")["index"].to_pylist() == list(range(30))


def test_only_its_maker_may_read_it(log, signer, tmp_path):
    done = export(log, signer, tmp_path / "out", asked())
    assert done.folder.stat().st_mode & 0o777 == 0o700
