"""What a ring's keys were used for: told to the log once for each act, in the act's own transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, event

from audit.events import Action, Entry
from keys.errors import KeyNotGranted
from keys.services import UNTOLD, Service, Use


@dataclass(frozen=True)
class Used:
    """One key, what it was used for, and by which service."""

    key_id: str
    use: Use
    service: Service


@dataclass
class Uses:
    """The uses of one opened ring.

    1. A use is noted when the key is opened, before its material is given out; the same use is noted once, however many
       rows it serves.
    2. The notes are told when the act that the key served is told: ``audit.log.checkpoint`` asks the signer for them,
       and they are in the log if and only if the act is. Is its transaction rolled back, they wait for the next.
    3. ``grants`` is the digest of the grants in force, so that it shows if they were changed unseen.
    4. A use that no grant names is refused, which is logged at once, by ``log_refusal``: what it was for will not be.
    """

    actor: str = "service:hub"
    code_commit: Callable[[], str] = lambda: "unknown"
    grants: str = ""
    log_refusal: Callable[[Entry], None] = lambda entry: None
    _waiting: dict[Used, None] = field(default_factory=dict)

    def note(self, key_id: str, use: Use, service: Service) -> None:
        """Note that a key is about to be used."""
        if use not in UNTOLD:
            self._waiting[Used(key_id, use, service)] = None  # (1)

    def refuse(self, refusal: KeyNotGranted, series: str, use: Use, service: Service) -> None:
        """Log that a use was refused."""
        about = {"key": series, "use": use, "service": service, "grants": self.grants}
        entry = Entry(
            action=Action.REFUSE_KEY,
            actor=self.actor,
            justification=refusal.why,
            code_commit=self.code_commit(),
            detail=about,
        )
        self.log_refusal(entry)  # (4)

    def told(self, connection: Connection) -> Sequence[Entry]:
        """The entries of what was used since the last were told; they come back if the transaction does not hold."""
        telling, self._waiting = self._waiting, {}
        if telling:
            event.listen(connection, "rollback", lambda _: self._waiting.update(telling), once=True)  # (2)
        return tuple(map(self._entry, telling))

    def _entry(self, used: Used) -> Entry:
        return Entry(
            action=Action.USE_KEY,
            actor=self.actor,
            code_commit=self.code_commit(),
            detail={"key": used.key_id, "use": used.use, "service": used.service, "grants": self.grants},  # (3)
        )
