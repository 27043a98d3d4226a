"""What somebody did to a run by hand goes into the hub's log. It publishes nothing, and should not pass unseen."""

import logging
from contextvars import ContextVar

ACTOR: ContextVar[str | None] = ContextVar("actor", default=None)
"""The user of Airflow whose request is being answered; none where nobody is known."""
_log = logging.getLogger(__name__)
_LONGEST = 300  # of a text in an entry


def record(what: str, *, dag: str, task: str | None, run: str, quarter: str | None) -> None:
    """Log an act by hand on a task, or on a whole run, as a refusal.

    It never raises into Airflow: what cannot be logged is said in Airflow's log.
    """
    try:
        _append(what, dag=dag, task=task, run=run, quarter=quarter)
    except Exception as error:  # noqa: BLE001 - whatever it is, Airflow's own answer is not to depend on it
        _log.error(
            "That in the run %s of %s %s is NOT in the hub's log: %s. Mend that; Airflow's own audit log has it too.",
            run, dag, what, error,
        )  # fmt: skip


def _append(what: str, *, dag: str, task: str | None, run: str, quarter: str | None) -> None:
    from audit.events import Action, Entry
    from audit.log import append, checkpoint
    from hub.database import transaction
    from hub.settings import Settings
    from keys.home import log_signer, open_ring
    from keys.services import Service
    from publish.database import ANALYSTS
    from publish.logged import newest_candidate

    settings = Settings()
    with transaction(settings) as connection:
        built = newest_candidate(connection, quarter, ANALYSTS) if quarter and dag == "release" else None
        entry = Entry(
            action=Action.MARKED_BY_HAND,
            actor=ACTOR.get() or settings.actor,
            period=quarter,
            release=built[0] if built else None,
            justification=f"{what}, in the run {run}; that publishes nothing"[:_LONGEST],
            code_commit=settings.code_commit,
            detail={"dag": dag} | ({"task": task} if task else {}),
        )
        append(connection, entry)
        checkpoint(connection, log_signer(settings, open_ring(settings, Service.CONSOLE)))
