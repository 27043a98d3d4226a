"""The hub's side of witnessing: send the newest checkpoint to one witness, and keep the cosignature it answers.

Protocol: C2SP tlog-witness, ``add-checkpoint``.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import requests
from sqlalchemy import Connection, select

from audit.checkpoint import Signature, parse_note
from audit.cosignatures import Witness
from audit.errors import CheckpointRefused, WitnessRefused, WitnessUnreachable
from audit.events import Action, Entry
from audit.log import Stored, append, newest_checkpoint
from audit.models import CHECKPOINT, COSIGNATURE
from audit.proofs import consistency
from audit.statements import add_cosignature
from hub.clock import now
from hub.database import transaction
from hub.errors import HubError
from hub.settings import Settings

TIMEOUT_S = (10.0, 30.0)  # to connect, and between two bytes of the answer
MOST_BYTES = 64 * 1024  # of an answer
ROUNDS = 3  # the first may only learn what the witness saw, and the log may grow meanwhile
_SIZE = re.compile(r"(0|[1-9][0-9]{0,18})\n")


class Ground(StrEnum):
    """Why there is no cosignature."""

    FORK = "fork"
    REWOUND = "rewound"
    UNKNOWN = "unknown_log"
    OTHER_KEY = "other_key"
    UNCLEAR = "unclear"


_WHY = {
    Ground.FORK: "it saw another log: what it cosigned before is no part of this one, so entries were changed (a fork)",
    Ground.REWOUND: "it cosigned a longer log than this one, so entries were taken away (a rewound log)",
    Ground.UNKNOWN: "it knows no log of this name with this key",
    Ground.OTHER_KEY: "its answer is not signed by the key that the agreement states",
    Ground.UNCLEAR: "its answer is not one that a witness gives",
}
_FIX = {
    Ground.FORK: "Let nothing be published, keep the database as it is, and compare with the witness's copy",
    Ground.REWOUND: "Bring back the database's newest backup, and compare with the witness's copy",
    Ground.UNKNOWN: "Give the authority the log's origin and key (docs/howto/run-a-witness.md)",
    Ground.OTHER_KEY: "Ask the authority which key its witness has; a new one needs a new version of the agreement",
    Ground.UNCLEAR: "Check the witness's address, and ask the authority",
}


@dataclass(frozen=True)
class Sent:
    """A cosignature that was received: under which checkpoint, of how many entries, and when the witness signed."""

    witness: str
    number: int
    size: int
    at: datetime


@dataclass(frozen=True)
class _Visit:
    """Whose hub asks which witness, and where."""

    settings: Settings
    witness: Witness
    url: str


@dataclass(frozen=True)
class _Question:
    """A checkpoint, and the proof that it goes on from the first ``old`` entries."""

    stored: Stored
    old: int
    proof: tuple[bytes, ...]

    @property
    def size(self) -> int:
        return self.stored.checkpoint.size

    @property
    def body(self) -> bytes:
        lines = (f"old {self.old}", *(base64.b64encode(part).decode() for part in self.proof))
        return ("\n".join(lines) + f"\n\n{self.stored.checkpoint.note}").encode()


def send_all(settings: Settings, witnesses: Mapping[Witness, str]) -> dict[str, Sent | HubError]:
    """Send to each witness at its address; by name what came of it. One that fails does not stop the others."""
    outcomes: dict[str, Sent | HubError] = {}
    for witness, url in witnesses.items():
        try:
            outcomes[witness.name] = send(settings, witness, url)
        except (WitnessUnreachable, WitnessRefused) as problem:
            outcomes[witness.name] = problem
    return outcomes


def send(settings: Settings, witness: Witness, url: str) -> Sent:
    """Have one witness cosign the newest checkpoint, and keep its cosignature.

    1. The proof goes from the checkpoint that it cosigned last, as the hub's own table tells.
    2. If it says that it saw another size (409), it is asked once more from there.
    3. A size that the log never had: the log was rewound. One and the same size, or a proof that does not
       hold: the log was forked. Either is logged, and no retry mends it.
    4. Its line is kept only if the key that the caller trusts made it.

    Raises WitnessUnreachable (transient), WitnessRefused, CheckpointRefused if nothing was signed yet.
    """
    visit, told = _Visit(settings, witness, url), None
    for _ in range(ROUNDS):
        question = _question(visit, told)  # (1)
        if question.old > question.size:
            raise _refused(visit, question, Ground.REWOUND)  # (3)
        status, text = _ask(url, question.body)
        if status == requests.codes.ok:
            return _keep(visit, question, text)
        found = _SIZE.fullmatch(text)
        if status != requests.codes.conflict or found is None:
            raise _refused(visit, question, _ground(status))
        told = int(found[1])  # (2)
        if told == question.old:
            raise _refused(visit, question, Ground.FORK if told == question.size else Ground.UNCLEAR)  # (3)
    raise _refused(visit, question, Ground.UNCLEAR)


def _question(visit: _Visit, told: int | None) -> _Question:
    with transaction(visit.settings) as connection:
        stored = newest_checkpoint(connection)
        if stored is None:
            raise CheckpointRefused(
                "There is nothing to witness", where="the log", why="it was never signed", fix="Sign it first"
            )
        old, size = _last_cosigned(connection, visit.witness) if told is None else told, stored.checkpoint.size
        return _Question(stored, old, consistency(connection, old, size) if old <= size else ())


def _last_cosigned(connection: Connection, witness: Witness) -> int:
    """The size of the newest checkpoint that carries the witness's line; 0 before the first."""
    sizes = select(CHECKPOINT.c.size).join(COSIGNATURE, COSIGNATURE.c.number == CHECKPOINT.c.number)
    own = sizes.where(COSIGNATURE.c.witness == witness.name).order_by(CHECKPOINT.c.number.desc()).limit(1)
    return connection.execute(own).scalar() or 0


def _ask(url: str, body: bytes) -> tuple[int, str]:
    """Status and text of the answer; raises WitnessUnreachable, also where the witness has trouble of its own."""
    try:
        with requests.Session() as session:
            session.trust_env = False  # a proxy of the environment has no part in this
            answer = session.post(
                f"{url.rstrip('/')}/add-checkpoint", body, timeout=TIMEOUT_S, stream=True, allow_redirects=False
            )
            content = answer.raw.read(MOST_BYTES, decode_content=True)
            status = answer.status_code
    except (requests.RequestException, OSError, ValueError) as error:
        raise _unreachable(url, f"it gave no answer ({type(error).__name__})") from None
    if status == requests.codes.too_many_requests or status >= requests.codes.internal_server_error:
        raise _unreachable(url, f"its answer was {status}")
    return status, content.decode(errors="replace")


def _keep(visit: _Visit, question: _Question, text: str) -> Sent:
    note = question.stored.checkpoint.note
    signed = [(line, at) for line in _lines(text) if (at := visit.witness.cosigned(note.text, line)) is not None]
    if not signed:
        raise _refused(visit, question, Ground.OTHER_KEY)  # (4)
    line, at = signed[0]
    with transaction(visit.settings) as connection:
        add_cosignature(connection, question.stored.number, line, now())
    return Sent(visit.witness.name, question.stored.number, question.size, at)


def _lines(text: str) -> Sequence[Signature]:
    try:
        return parse_note(f"\n\n{text}").signatures
    except CheckpointRefused:
        return ()


def _ground(status: int) -> Ground:
    if status == requests.codes.unprocessable_entity:
        return Ground.FORK
    return Ground.UNKNOWN if status in (requests.codes.not_found, requests.codes.forbidden) else Ground.UNCLEAR


def _refused(visit: _Visit, question: _Question, ground: Ground) -> WitnessRefused:
    """Log that there is no cosignature and why; the error that says so."""
    name, settings = visit.witness.name, visit.settings
    detail: dict[str, str | int] = {"witness": name, "ground": str(ground), "size": question.size, "seen": question.old}
    entry = Entry(
        action=Action.REFUSE_WITNESS,
        actor=settings.actor,
        justification=f"{name}: {_WHY[ground]}",
        code_commit=settings.code_commit,
        detail=detail,
    )
    with transaction(settings) as connection:
        append(connection, entry)
    return WitnessRefused(f"There is no cosignature of {name}", where=visit.url, why=_WHY[ground], fix=_FIX[ground])


def _unreachable(url: str, why: str) -> WitnessUnreachable:
    return WitnessUnreachable("The witness does not answer", where=url, why=why, fix="It is tried again later")
