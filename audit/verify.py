"""Proving the log: everything is computed again from the stored entries and compared with what is stored."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import Connection, Row, select

from audit.checkpoint import Checkpoint, Verifier, parse_checkpoint
from audit.errors import CheckpointRefused
from audit.events import instant
from audit.log import CHECKPOINT, ENTRY, HEAD
from audit.merkle import Frontier, leaf_hash
from audit.models import FILTERS

MOST_PROBLEMS = 100
_BATCH = 5_000
_HEAD_NAME = "The log's head (audit_head)"


@dataclass(frozen=True)
class Verification:
    """What was found. ``unsigned`` entries stand after the last checkpoint: consistent, but not signed yet."""

    size: int
    checkpoints: int
    unsigned: int
    problems: tuple[str, ...]

    @property
    def verified(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify(connection: Connection, *verifiers: Verifier) -> Verification:
    """Check the whole log. Problems are sentences that name the entry or the checkpoint; at most 100.

    1. Entries are numbered from 0 without a gap.
    2. Each entry's hash is that of its bytes (RFC 6962 section 2.1).
    3. Each entry is canonical JSON (RFC 8785), and the columns copied from it say the same.
    4. Checkpoints are numbered from 1 without a gap, as many as the head counts; their sizes never fall.
    5. Each checkpoint is signed by one of ``verifiers`` (C2SP tlog-checkpoint, RFC 8032).
    6. Each checkpoint's root is that of the entries up to its size.
    7. The head's size and tree are those of all entries.

    Entries after the last checkpoint are covered by 1-3 and 7 alone; they are counted as ``unsigned`` and
    are no problem by themselves. Whoever can rewrite entries, head and checkpoints together, or take the
    last ones away with all traces, is found out only by those who keep copies of the checkpoints.
    Entries that are added while this runs are checked too; nobody has to wait.
    """
    problems: list[str] = []
    signed = _checkpoints(connection, verifiers, problems)
    tree, head = _walk(connection, {point.size: number for number, point in signed.items()}, signed, problems)
    _compare_head(tree, head, problems)
    last = max((point.size for point in signed.values()), default=0)
    if len(problems) > MOST_PROBLEMS:
        problems = [*problems[:MOST_PROBLEMS], f"There are {len(problems) - MOST_PROBLEMS} more problems."]
    return Verification(tree.size, len(signed), max(tree.size - last, 0), tuple(problems))
