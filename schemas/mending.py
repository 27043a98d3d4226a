"""What is wrong with a quarantined row, and how its provider mends it: one sentence a reason, and no value of any row.

The provider's report and the page of each feed both take their words from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.reasons import Reason, Remark


@dataclass(frozen=True)
class Mending:
    """``what`` is wrong, in a few words that fit after "Rows:"; ``how`` to mend it, in one sentence."""

    what: str
    how: str


MENDING: Mapping[Reason, Mending] = {
    Reason.MISSING: Mending(
        "a value that every row must have is blank",
        "Fill the column in; if the value is not known to you either, leave the row out and say so.",
    ),
    Reason.WRONG_TYPE: Mending(
        "the text is not the number, date, time or truth value that the column promises",
        "Write it in the form that the feed's page gives for the column, and export the column as text.",
    ),
    Reason.WRONG_FORM: Mending(
        "the text does not have the form that the column promises, holds a character that cannot be printed, or is a "
        "formula that a spreadsheet would run",
        "Write it in the form that the feed's page gives for the column, without tabs or line ends in a reference, and "
        "without a sign such as = at its beginning.",
    ),
    Reason.UNKNOWN_CODE: Mending(
        "the code is not in the column's list",
        "Use a code of the list on the feed's page, or agree the new code with the hub's operator before sending it.",
    ),
    Reason.OUT_OF_RANGE: Mending(
        "the number or date lies outside what is possible",
        "Correct the number or date; no date lies before 1900, nor after the quarter unless its column allows it.",
    ),
    Reason.WRONG_CHECK_DIGIT: Mending(
        "the number's last digit does not follow from the others, so that some digit of it is wrong",
        "Look the number up at its source and correct it; if it cannot be found, leave the column blank.",
    ),
    Reason.INCONSISTENT: Mending(
        "the columns of the row contradict each other",
        "Compare the column with those that the rule on the feed's page names, and correct whichever is wrong.",
    ),
    Reason.OUTSIDE_AREA: Mending(
        "the place is not in or near the borough",
        "Leave out rows about other areas, or correct the place.",
    ),
    Reason.OUTSIDE_PERIOD: Mending(
        "the row belongs to another quarter",
        "Send the row with its own quarter's delivery, or correct the date by which it belongs to a quarter.",
    ),
    Reason.UNKNOWN_REFERENCE: Mending(
        "the row refers to a row that the delivery does not have",
        "Send the row that it refers to in the same delivery, or correct the reference.",
    ),
    Reason.REPEATED: Mending(
        "a later row of the same delivery has the same key, and that one was taken",
        "Send one row for each key; if two things share a reference, give each its own.",
    ),
    Reason.NO_IDENTIFIERS: Mending(
        "nothing in the row says whom it is about",
        "Fill in at least one of the columns that tell who the person is, such as a name or a date of birth.",
    ),
    Reason.LIMITED_ACCESS: Mending(
        "access to this person's record is barred",
        "Nothing is to be mended: the bar is honoured, and no value of the row was kept.",
    ),
}
REMARKED: Mapping[Remark, Mending] = {
    Remark.UNREADABLE: Mending(
        "an identifier cannot be read; the row was taken without it",
        "Write it in the form that the feed's page gives for the column.",
    ),
    Remark.LOST_PRECISION: Mending(
        "a spreadsheet shortened a long number to a form such as 1.00021E+11; the row was taken without it",
        "Export the column as text, straight from the source and not by way of a spreadsheet.",
    ),
    Remark.UNUSUAL_FORM: Mending(
        "an identifier does not have its usual form; it was taken as given",
        "Check the identifier at its source.",
    ),
    Remark.WRONG_CHECK_DIGIT: Mending(
        "the number's last digit does not follow from the others; it was taken as given",
        "Look the number up at its source.",
    ),
    Remark.UNKNOWN_AREA: Mending(
        "the place lies outside the borough, or its area code is of an older vintage; the area was left blank",
        "Check the place, and send area codes of the vintage that the feed's page names.",
    ),
}
