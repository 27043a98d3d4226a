"""Restriction and objection: a person's data are kept, and published no more.

1. Restricted (UK GDPR Art 18): kept, and in no release from then on. Published releases with the person are withdrawn,
   since to have them read would be to use the data.
2. An objection (Art 21) is judged by the officer. Upheld, the person is in no release to come; overruled, only the log
   knows of it.
3. Both hold when persons merge: who takes records of such a person over is left out too (``excluded_persons``). A
   candidate that was built before is not published (``publish.disclosed_persons``).
4. An officer lifts either.
"""

from audit.events import Action
from hub.settings import Settings
from keys.ring import KeyRing
from linkage.registered.forgetting import exclude, include
from publish.finishing import finish
from publish.order import Act
from publish.ordering import Officer
from subjects.acting import acting
from subjects.releasing import withdraw_with

RESTRICTED, OBJECTED = "restricted", "objected"


def restrict(settings: Settings, ring: KeyRing, officer: Officer, person: str) -> list[str]:
    """Restrict a person's data; the releases that were withdrawn. Raises as ``acting`` (1)."""
    with acting(settings, ring, officer, Act.RESTRICT, person) as act:
        exclude(act.connection, person, RESTRICTED)
        withdrawn = withdraw_with(act, [person], "a person in it had the data restricted")
        act.log(Action.RESTRICT_SUBJECT, {"releases": len(withdrawn)})
    finish(settings, ring)
    return withdrawn


def judge(settings: Settings, ring: KeyRing, officer: Officer, person: str, *, upheld: bool) -> None:
    """Record what the officer says of a person's objection. Raises as ``acting`` (2)."""
    with acting(settings, ring, officer, Act.UPHOLD if upheld else Act.OVERRULE, person) as act:
        if upheld:
            exclude(act.connection, person, OBJECTED)
        act.log(Action.OBJECT_SUBJECT, {"upheld": upheld})


def lift(settings: Settings, ring: KeyRing, officer: Officer, person: str) -> bool:
    """Let a person be published again; says whether anything stood against it. Raises as ``acting`` (4)."""
    with acting(settings, ring, officer, Act.LIFT, person) as act:
        stood = include(act.connection, person)
        act.log(Action.LIFT_SUBJECT, {"stood": stood})
    return stood
