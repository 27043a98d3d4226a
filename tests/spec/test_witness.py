"""The log as an outsider meets it: what is done on the left, what witnesses and readers say on the right."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from textwrap import dedent

import pytest

from agreement.policy import load_agreement
from agreement.witnesses import quorum, witnesses
from audit.checkpoint import Verifier
from audit.errors import WitnessRefused
from audit.events import Action, Entry
from audit.export import Format, Request, export
from audit.log import append, checkpoint
from audit.query import Filter
from audit.verify import verify
from audit.witnessing import send
from hub.database import transaction
from hub.settings import Settings
from keys.key import Key as RingKey
from keys.signing import RingSigner
from tests.agreed import WITNESS_KEYS
from tests.witnessed import copied, serving
from witness.verify_log import main

SIGNER = RingSigner(RingKey("audit/1", bytes(32)), "safer-kingston.example/hub")
PARTIES = ("police", "fire", "health", "probation", "yot")  # five of the six: the council's witness is down


def add(settings: Settings, count: int, actor: str = "service:hub") -> None:
    """Add entries and sign."""
    with transaction(settings) as connection:
        for number in range(count):
            said = {"key": f"storage/{number}"}
            append(connection, Entry(action=Action.CREATE_KEY, actor=actor, code_commit="0" * 40, detail=said))
        checkpoint(connection, SIGNER)


class Partnership:
    """A hub, and the addresses of its witnesses."""

    def __init__(self, settings: Settings, addresses: dict[str, str]) -> None:
        self.settings, self.addresses = settings, addresses
        self.agreement = load_agreement(settings)

    def witness(self, settings: Settings | None = None) -> str:
        """Send the newest checkpoint to all; what the first says that refuses."""
        for authority, url in self.addresses.items():
            try:
                send(settings or self.settings, witnesses(self.agreement)[authority], url)
            except WitnessRefused as refusal:
                return refusal.why.partition(" (")[2].rstrip(")") or refusal.why
        return "cosigned"

    def verified(self, settings: Settings | None = None) -> str:
        with transaction(settings or self.settings) as connection:
            found = verify(connection, Verifier.of(SIGNER), quorum=quorum(self.agreement))
        return "yes" if found.verified else "no"


@pytest.fixture
def partnership(settings: Settings, tmp_path: Path) -> Iterator[Partnership]:
    known = [(SIGNER.name, SIGNER.public_key)]
    with ExitStack() as stack:
        addresses = {
            name: stack.enter_context(serving(tmp_path / name, f"{name}.witness", WITNESS_KEYS[name], known))
            for name in PARTIES
        }
        yield Partnership(settings, addresses)


def honest(hub: Partnership) -> tuple[str, str]:
    add(hub.settings, 3)
    return hub.witness(), hub.verified()


def backup(hub: Partnership) -> tuple[str, str]:
    with copied(hub.settings) as old:
        add(hub.settings, 3)
        hub.witness()
        add(old, 1)
        return hub.witness(old), hub.verified(old)


def other_entries(hub: Partnership) -> tuple[str, str]:
    with copied(hub.settings) as other:
        add(hub.settings, 3)
        hub.witness()
        add(other, 4, "service:somebody")
        return hub.witness(other), hub.verified(other)


def as_many_other_entries(hub: Partnership) -> tuple[str, str]:
    with copied(hub.settings) as other:
        add(hub.settings, 3)
        hub.witness()
        add(other, 3, "service:somebody")
        return hub.witness(other), hub.verified(other)


def two_down(hub: Partnership) -> tuple[str, str]:
    del hub.addresses["fire"]
    add(hub.settings, 3)
    return hub.witness(), hub.verified()


DEEDS: dict[str, Callable[[Partnership], tuple[str, str]]] = {
    "three entries are added": honest,
    "the same, with two witnesses of six down": two_down,
    "an old backup goes on": backup,
    "four other entries take the place of three": other_entries,
    "three other entries take their place": as_many_other_entries,
}

TABLE = """
    after five entries were cosigned           | what the witnesses say | verified
    three entries are added                    | cosigned               | yes
    the same, with two witnesses of six down   | cosigned               | yes
    an old backup goes on                      | a rewound log          | yes
    four other entries take the place of three | a fork                 | yes
    three other entries take their place       | a fork                 | yes
"""  # the last column is the hub's word about itself, and no more: within 26 hours the forger's own log looks whole


@pytest.mark.parametrize("row", dedent(TABLE).strip().splitlines()[1:])
def test_what_the_witnesses_say(partnership: Partnership, row: str) -> None:
    deed, *expected = (cell.strip() for cell in row.split("|"))
    add(partnership.settings, 5)
    assert partnership.witness() == "cosigned"
    assert list(DEEDS[deed](partnership)) == expected


READERS = """
    what the officer has                    | what the program says                                                  | ends
    the whole log                           | Nothing is wrong.                                                      | 0
    the entries of one actor                | This is a part of a log                                                | 0
    the whole log, and last week's copy     | The log goes on from the checkpoint of 5 entries                       | 0
    the whole log of an old backup, a copy  | The log was rewound: you kept a checkpoint of 9 entries                | 1
    the whole log of a fork, and a copy     | this is another log than you saw                                       | 1
    the whole log, with one letter changed  | and from entry                                                         | 1
"""  # noqa: E501


def handed_over(settings: Settings, folder: Path, wanted: Filter, terms: object) -> Path:
    asked = Request(
        wanted=wanted,
        format=Format.JSONL,
        actor="person:reviewer",
        recipient="council",
        justification="the officer asked for it",
        quorum=terms,  # type: ignore[arg-type]
    )
    return export(settings, SIGNER, folder, asked).folder


@pytest.mark.parametrize("row", dedent(READERS).strip().splitlines()[1:])
def test_what_an_officer_is_told(partnership: Partnership, tmp_path: Path, row: str, capsys) -> None:
    deed, said, ends = (cell.strip() for cell in row.split("|"))
    hub, wanted, kept = partnership.settings, Filter(), None
    copy = tmp_path / "police" / "logs" / "log-safer-kingston.example%2Fhub"
    add(hub, 5)
    partnership.witness()
    with copied(hub) as other:
        add(hub, 4)
        partnership.witness()
        shown = hub
        if "backup" in deed or "fork" in deed:
            shown = other
            add(other, 2 if "backup" in deed else 7, "service:somebody")
        if "copy" in deed:
            kept = copy / f"{5 if 'last week' in deed else 9:019d}.checkpoint"
        if "one actor" in deed:
            wanted = Filter(actor="service:hub")
        folder = handed_over(shown, tmp_path / "export", wanted, quorum(partnership.agreement))
    if "letter" in deed:
        entries = folder / "entries.jsonl"
        entries.write_bytes(entries.read_bytes().replace(b"service:hub", b"service:hum", 1))
    words = [str(folder), "--log-key", Verifier.of(SIGNER).vkey, *(["--known", str(kept)] if kept else [])]
    for found in witnesses(partnership.agreement).values():
        words += ["--witness", found.vkey]
    code = main(words)
    told = capsys.readouterr().out
    assert said in told
    assert code == int(ends), told
