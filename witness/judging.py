"""What a witness answers to a checkpoint that it is sent. Pure: what was sent and what is kept in, a verdict out.

Source: C2SP tlog-witness, ``add-checkpoint``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from witness.verify_log import EMPTY_ROOT, Checkpoint, Key, parse_checkpoint, unbase64, verify_consistency

MOST_PROOF_LINES = 63
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")  # a note has no control character but the newline


class Ground(StrEnum):
    """Why a checkpoint is not cosigned."""

    UNKNOWN_LOG = "unknown-log"
    UNKNOWN_KEY = "unknown-key"
    OTHER_SIZE = "other-size"
    FORK = "fork"
    REWOUND = "rewound"


ACCUSING = (Ground.FORK, Ground.REWOUND)  # the log signed what an honest log does not sign: kept as evidence


@dataclass(frozen=True)
class Submission:
    """What a log sends: a checkpoint, and the proof that it goes on from the first ``old`` entries."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint


@dataclass(frozen=True)
class Verdict:
    """Whether to cosign (no ground), or with which status and why not."""

    status: HTTPStatus
    ground: Ground | None = None


def parse_submission(body: bytes) -> Submission:
    """Read a request's body; raises ValueError for any text that is not of the protocol's form, which is 400.

    So it is if the old size is larger than the checkpoint's.
    """
    head, blank, note = body.decode("utf-8").partition("\n\n")
    old, *proof = head.split("\n")
    found = _OLD.fullmatch(old)
    if not blank or found is None or len(proof) > MOST_PROOF_LINES or _CONTROL.search(note):
        raise ValueError("it is not an old size, a proof, a blank line and a checkpoint")
    sent = Submission(int(found[1]), tuple(unbase64(line, 32) for line in proof), parse_checkpoint(note))
    if sent.old > sent.checkpoint.size:
        raise ValueError("the old size is larger than the checkpoint's")
    return sent


def judge(sent: Submission, keys: Sequence[Key], newest: Checkpoint | None, same: Checkpoint | None) -> Verdict:
    """Whether to cosign, by the log's keys, the newest checkpoint kept, and the one kept of the same size, if any.

    1. A key that the witness knows for the log signed the checkpoint; else 403.
    2. A size that the witness cosigned has the root that it cosigned; else it is a fork, 409.
    3. A smaller checkpoint than the newest, which the witness never cosigned, is of a rewound log, 409.
    4. The old size is that of the newest checkpoint, 0 before the first; else 409, which tells that size.
    5. The proof shows that the checkpoint goes on from the newest; else it is a fork, 422.
    """
    point = sent.checkpoint
    seen, root = (newest.size, newest.root) if newest else (0, EMPTY_ROOT)
    if not any(key.signed(point) for key in keys):  # (1)
        return Verdict(HTTPStatus.FORBIDDEN, Ground.UNKNOWN_KEY)
    if same and same.root != point.root:  # (2)
        return Verdict(HTTPStatus.CONFLICT, Ground.FORK)
    if point.size < seen and not same:  # (3)
        return Verdict(HTTPStatus.CONFLICT, Ground.REWOUND)
    if sent.old != seen:  # (4)
        return Verdict(HTTPStatus.CONFLICT, Ground.OTHER_SIZE)
    if not verify_consistency(seen, point.size, root, point.root, sent.proof):  # (5)
        return Verdict(HTTPStatus.UNPROCESSABLE_ENTITY, Ground.FORK)
    return Verdict(HTTPStatus.OK)
