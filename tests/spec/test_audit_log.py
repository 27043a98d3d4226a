"""The log as a reviewer meets it: what happens on the left, what verification says on the right."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from textwrap import dedent

from sqlalchemy import Connection, delete, text, update

from audit.checkpoint import Verifier
from audit.events import Action, Entry
from audit.log import append, checkpoint
from audit.models import BUNDLE, CHECKPOINT, HEAD
from audit.verify import verify
from hub import database
from hub.settings import Settings
from keys.key import Key
from keys.signing import RingSigner
from tests.stored_log import rewrite, rewrite_entry

SIGNER = RingSigner(Key("audit/1", bytes(32)), "safer-kingston/audit")
FEEDS = ("police.recorded_crime", "fire.fire_setter_referrals", "yot.cases", "council.marac")


def collected(number: int) -> Entry:
    return Entry(
        action=Action.COLLECT,
        actor="service:hub",
        feed=FEEDS[number],
        delivery=f"delivery-{number}",
        rows=100 + number,
        purpose="needs-assessment",
        clause="PCSC Act 2022 s.16",
        agreement_hash="a" * 64,
        code_commit="c" * 40,
        at=datetime(2026, 10, 5, 9, number, tzinfo=UTC),
    )


def usual_log(connection: Connection) -> None:
    """Entries 0 and 1, checkpoint 1, entry 2, checkpoint 2, entry 3."""
    append(connection, collected(0), collected(1))
    checkpoint(connection, SIGNER)
    append(connection, collected(2))
    checkpoint(connection, SIGNER)
    append(connection, collected(3))


def delete_bundle(connection: Connection, first: int) -> None:
    connection.execute(delete(BUNDLE).where(BUNDLE.c.first == first))


DEEDS: Mapping[str, Callable[[Connection], object]] = {
    "nothing": lambda connection: None,
    "entry 3 is signed too": lambda connection: checkpoint(connection, SIGNER),
    "entry 2 cannot be found": lambda connection: connection.execute(
        update(BUNDLE).where(BUNDLE.c.first == 2).values(terms=["feed=council.marac"])
    ),
    "a bit of entries 0 and 1": lambda connection: connection.execute(
        text("UPDATE hub.audit_bundle SET entries = set_byte(entries, 9, get_byte(entries, 9) # 1) WHERE first = 0")
    ),
    "entry 1 is rewritten": lambda connection: rewrite_entry(connection, 1, lambda _: collected(2).canonical()),
    "entries 0 and 1 are swapped": lambda connection: rewrite(connection, 0, lambda both: both[::-1]),
    "entry 1 is taken out": lambda connection: rewrite(connection, 0, lambda both: both[:1]),
    "entry 2 is deleted": lambda connection: delete_bundle(connection, 2),
    "entry 3 is deleted": lambda connection: delete_bundle(connection, 3),
    "checkpoint 2 is deleted": lambda connection: connection.execute(
        delete(CHECKPOINT).where(CHECKPOINT.c.number == 2)
    ),
    "checkpoint 1 is edited": lambda connection: connection.execute(
        text(
            "UPDATE hub.audit_checkpoint SET note = replace(note, chr(10) || '2' || chr(10), chr(10) || '3' || chr(10))"
        )
    ),
    "the head is deleted": lambda connection: connection.execute(delete(HEAD)),
}

TABLE = """
    what happens                  | size | unsigned | verified | the first problem
    nothing                       | 4    | 1        | yes      |
    entry 3 is signed too         | 4    | 0        | yes      |
    entry 2 cannot be found       | 4    | 1        | no       | Entry 2 was changed: the column terms beside it says something else.
    a bit of entries 0 and 1      | 4    | 1        | no       | One of the entries 0 to 1 was changed: it cannot be read.
    entry 1 is rewritten          | 4    | 1        | no       | Entry 1 does not have the hash that tile 0 at level 0 holds for it: one of them was changed.
    entries 0 and 1 are swapped   | 4    | 1        | no       | Entry 0 does not have the hash that tile 0 at level 0 holds for it: one of them was changed.
    entry 1 is taken out          | 3    | 0        | no       | Entry 1 is missing: the next that is stored is 2.
    entry 2 is deleted            | 3    | 0        | no       | Entry 2 is missing: the next that is stored is 3.
    entry 3 is deleted            | 3    | 0        | no       | Entry 3 is missing: the tree holds the hashes of 4.
    checkpoint 2 is deleted       | 4    | 2        | no       | The log's head (the table audit_head) counts 2 checkpoints, but 1 are stored.
    checkpoint 1 is edited        | 4    | 1        | no       | Checkpoint 1 is stored under size 2, but its note says 3.
    the head is deleted           | 4    | 1        | no       | The log's head (the table audit_head) is missing, but 4 entries and 2 checkpoints are stored.
"""  # noqa: E501


def found(connection: Connection, deed: str) -> list[str]:
    with connection.begin_nested() as attempt:
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # the triggers would refuse
        DEEDS[deed](connection)
        said = verify(connection, Verifier.of(SIGNER))
        attempt.rollback()
    yes_or_no = "yes" if said.verified else "no"
    return [deed, str(said.size), str(said.unsigned), yes_or_no, (*said.problems, "")[0]]


def test_what_verification_says(settings: Settings) -> None:
    _, *rows = [[cell.strip() for cell in line.split("|")] for line in dedent(TABLE).strip().splitlines()]
    with database.engine(settings).connect() as connection:
        usual_log(connection)
        assert [found(connection, row[0]) for row in rows] == rows


def test_an_entry_says_who_what_why_and_when_and_no_more() -> None:
    entry = Entry(
        action=Action.PUBLISH,
        actor="person:ig.reviewer",
        release="2026-Q3.1",
        recipient="partnership_analysts",
        table="event",
        columns=("event_id", "offence_code"),
        rows=1200,
        purpose="needs-assessment",
        clause="Agreement, recipients",
        justification="Quarterly release for the strategic needs assessment",
        code_commit="c0ffee",
        at=datetime(2026, 10, 5, 9, 30, tzinfo=UTC),
    )
    assert entry.canonical().decode() == "".join(
        (
            '{"action":"publish:release:disclosure","actor":"person:ig.reviewer","at":"2026-10-05T09:30:00.000000Z",',
            '"clause":"Agreement, recipients","code_commit":"c0ffee","columns":["event_id","offence_code"],"format":1,',
            '"justification":"Quarterly release for the strategic needs assessment","outcome":"done",',
            '"purpose":"needs-assessment","recipient":"partnership_analysts","release":"2026-Q3.1","rows":1200,',
            '"table":"event"}',
        )
    )
