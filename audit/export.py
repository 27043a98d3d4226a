"""Handing over the log, or a part of it: a folder that witness/verify_log.py verifies without the hub.

``hub-log-export/1`` is a folder with

- ``export.json``: ``format``, ``written_as`` (jsonl, csv or parquet), ``origin`` and ``log_key`` (C2SP verifier key),
  ``size`` (how long the log was), ``entries`` (how many are here), ``filter`` (what was asked for; empty for the whole
  log), ``first`` (0 where entry follows entry from there to ``size``; else null);
- ``entries.jsonl``: each line the bytes of one entry as the log hashes them, oldest first;
- ``checkpoints.jsonl``: ``number`` and ``note`` of each checkpoint, oldest first, the witnesses' lines under the log's,
  and ``proof``, empty here;
- and where ``filter`` is not empty ``proofs.jsonl``: of each entry ``index``, ``size`` and ``proof``, which leads from
  it to the root of that size (RFC 9162 section 2.1.3). Of the checkpoints there are then those that a witness cosigned,
  and the newest; the ``proof`` of each is that it goes on from the one before it (section 2.1.4).

A proof is a list of hashes in base64.
``entries.csv`` and ``entries.parquet`` are for reading. They stand in place of all but ``export.json``.
"""

import base64
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import ColumnElement, Connection, select

from audit.checkpoint import Checkpoint, Signer, Verifier, parse_checkpoint
from audit.cosignatures import Quorum
from audit.errors import ExportRefused
from audit.events import Action, Entry
from audit.log import append, checkpoint
from audit.models import CHECKPOINT, COSIGNATURE
from audit.proofs import consistency, inclusion
from audit.proving import cosignatures, with_lines, witnessed
from audit.query import ROWS_AT_ONCE, Filter, Kept, stream
from audit.readable import write_csv, write_parquet
from hub.database import transaction
from hub.settings import Settings

FORMAT = "hub-log-export/1"


class Format(StrEnum):
    """What an export is written as."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, kw_only=True)
class Request:
    """Which entries are handed over, as what, to whom, and why; ``actor`` does it."""

    wanted: Filter
    format: Format
    actor: str
    recipient: str
    justification: str
    quorum: Quorum | None = None


@dataclass(frozen=True)
class Exported:
    """What was handed over: ``entries`` of a log that was ``size`` long; ``logged`` is the entry that tells of it."""

    folder: Path
    entries: int
    size: int
    logged: int


def export(settings: Settings, signer: Signer, folder: Path, asked: Request) -> Exported:
    """Write an export of all that the log held when it was asked, and log the disclosure.

    1. The log is signed as it stands, so that every entry is under a checkpoint.
    2. The files are written to a hidden folder beside their place; if that fails, it goes.
    3. The disclosure is logged and signed.
    4. The folder is put in place by one rename. Killed before it: logged, and nothing is to be seen.

    Raises ExportRefused if there is something where the folder shall be.
    """
    _require_free(folder)
    with transaction(settings) as connection:
        size = checkpoint(connection, signer).size  # (1)
    folder.parent.mkdir(parents=True, exist_ok=True)
    hidden = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        with transaction(settings) as connection:
            count = _write(connection, hidden, asked, size, Verifier.of(signer))  # (2)
        with transaction(settings) as connection:
            (logged,) = append(connection, _entry(settings, asked, count, size))
            checkpoint(connection, signer)  # (3)
        _require_free(folder)
        hidden.rename(folder)  # (4)
    except BaseException:
        shutil.rmtree(hidden)
        raise
    return Exported(folder, count, size, logged)


def _write(connection: Connection, folder: Path, asked: Request, size: int, log: Verifier) -> int:
    kept = stream(connection, asked.wanted, size=size)
    if asked.format is Format.CSV:
        count = write_csv(folder / "entries.csv", kept)
    elif asked.format is Format.PARQUET:
        count = write_parquet(folder / "entries.parquet", kept)
    else:
        count = _write_provable(connection, folder, asked, size)
    about = {
        "format": FORMAT,
        "written_as": asked.format,
        "origin": log.name,
        "log_key": log.vkey,
        "size": size,
        "entries": count,
        "filter": dict(asked.wanted.given),
        "first": None if asked.wanted.given else 0,
    }
    (folder / "export.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    return count


def _write_provable(connection: Connection, folder: Path, asked: Request, size: int) -> int:
    kept = stream(connection, asked.wanted, size=size)
    if not asked.wanted.given:
        every = _checkpoints(connection, CHECKPOINT.c.size <= size)
        _write_lines(folder / "checkpoints.jsonl", (_line(number, point, ()) for number, point in every))
        return _write_lines(folder / "entries.jsonl", (entry.content for entry in kept))
    _write_lines(folder / "checkpoints.jsonl", _joined(connection, size))
    safest = witnessed(connection, asked.quorum) if asked.quorum else None
    with (folder / "proofs.jsonl").open("wb") as proofs:
        sizes = (safest.checkpoint.size if safest else 0, size)
        return _write_lines(folder / "entries.jsonl", _proved(connection, kept, sizes, proofs))


def _proved(connection: Connection, kept: Iterable[Kept], sizes: tuple[int, int], proofs: BinaryIO) -> Iterator[bytes]:
    """The bytes of each entry, and on the way its proof: to a cosigned checkpoint if one covers it, or the newest."""
    cosigned, newest = sizes
    for entry in kept:
        size = cosigned if entry.index < cosigned else newest
        proof = inclusion(connection, entry.index, size)
        proofs.write(json.dumps({"index": entry.index, "size": size, "proof": _base64(proof)}).encode() + b"\n")
        yield entry.content


def _joined(connection: Connection, size: int) -> Iterator[bytes]:
    """The cosigned checkpoints and the newest, each with the proof that it goes on from the one before it."""
    cosigned = CHECKPOINT.c.number.in_(select(COSIGNATURE.c.number))
    before: int | None = None
    wanted = CHECKPOINT.c.size <= size, cosigned | (CHECKPOINT.c.size == size)
    for number, point in _checkpoints(connection, *wanted):
        yield _line(number, point, () if before is None else consistency(connection, before, point.size))
        before = point.size


def _checkpoints(connection: Connection, *wanted: ColumnElement[bool]) -> Iterator[tuple[int, Checkpoint]]:
    """Checkpoints by number, with their cosignatures."""
    query = select(CHECKPOINT.c.number, CHECKPOINT.c.note).where(*wanted).order_by(CHECKPOINT.c.number)
    for row in connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}):
        point = parse_checkpoint(row.note)
        yield row.number, replace(point, note=with_lines(point.note, cosignatures(connection, row.number)))


def _line(number: int, point: Checkpoint, proof: Sequence[bytes]) -> bytes:
    said = {"number": number, "note": str(point.note), "proof": _base64(proof)}
    return json.dumps(said, ensure_ascii=False).encode()


def _base64(hashes: Iterable[bytes]) -> list[str]:
    return [base64.b64encode(found).decode() for found in hashes]


def _write_lines(path: Path, lines: Iterable[bytes]) -> int:
    count = 0
    with path.open("wb") as file:
        for line in lines:
            file.write(line + b"\n")
            count += 1
    return count


def _entry(settings: Settings, asked: Request, entries: int, size: int) -> Entry:
    return Entry(
        action=Action.EXPORT_LOG,
        actor=asked.actor,
        recipient=asked.recipient,
        justification=asked.justification,
        rows=entries,
        code_commit=settings.code_commit,
        detail={"format": str(asked.format), "size": size, "whole": not asked.wanted.given},
    )


def _require_free(folder: Path) -> None:
    if folder.exists() or folder.is_symlink():
        raise ExportRefused(
            "The log is not exported",
            where=str(folder),
            why="there is something already, and nothing is written over",
            fix="Name another folder",
        )
