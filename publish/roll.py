"""The roll of officers: whose appointment counts on a day, under the agreement in force. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from agreement.model import Agreement
from publish.appointment import Appointment, objection


@dataclass(frozen=True)
class Roll:
    """What is known of officers: the documents that are kept, and what the log says of them.

    ``registered`` are the digests of the appointments that the log knows, ``dismissed`` the public keys that it
    knows to be dismissed. The log has the last word, so that a row put in or taken out by hand changes nothing.
    ``unreadable`` are the digests of the documents that were altered so far that they say nothing.
    """

    agreement: Agreement
    appointments: tuple[Appointment, ...]
    registered: frozenset[str]
    dismissed: frozenset[str]
    unreadable: tuple[str, ...] = ()

    def objection(self, appointment: Appointment, on: date) -> str | None:
        """Why an appointment does not count on a day; none if it counts.

        1. A party that may appoint signed it (``appointment.objection``).
        2. The log knows its registration.
        3. The officer has not been dismissed.
        4. The day is one of its days.
        """
        if why := objection(appointment, self.agreement):  # (1)
            return why
        if appointment.digest not in self.registered:  # (2)
            return "the log does not know that it was registered"
        if appointment.public_key in self.dismissed:  # (3)
            return "the officer has been dismissed"
        if on < appointment.from_on:  # (4)
            return f"it begins on {appointment.from_on}"
        if on > appointment.until_on:  # (4)
            return f"it ended on {appointment.until_on}"
        return None

    def of(self, officer: str) -> tuple[Appointment, ...]:
        """Every appointment of an officer, whether it counts or not."""
        return tuple(appointment for appointment in self.appointments if appointment.officer == officer)

    def counting(self, officer: str, on: date) -> tuple[Appointment, ...]:
        """The officer's appointments that count on a day."""
        return tuple(appointment for appointment in self.of(officer) if self.objection(appointment, on) is None)

    def speaking(self, officer: str, said_at: datetime, now: datetime) -> tuple[Appointment, ...]:
        """The officer's appointments that count now and had begun when something was said; days are in UTC."""
        begun = said_at.astimezone(UTC).date()
        return tuple(each for each in self.counting(officer, now.astimezone(UTC).date()) if each.from_on <= begun)
