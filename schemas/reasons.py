"""Why a row is quarantined, and what is remarked on in a row that is kept."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a row cannot be taken. Each is a word for a provider who must mend the row."""

    MISSING = "missing"  # a value that every row must have is blank
    WRONG_TYPE = "wrong_type"  # not a number, date, time or truth value of the promised form
    WRONG_FORM = "wrong_form"  # text that does not have the promised form
    UNKNOWN_CODE = "unknown_code"  # not in the column's code list
    OUT_OF_RANGE = "out_of_range"  # a number or a date outside what is possible
    WRONG_CHECK_DIGIT = "wrong_check_digit"  # a number whose last digit does not follow from the others
    INCONSISTENT = "inconsistent"  # columns of one row contradict each other
    OUTSIDE_AREA = "outside_area"  # a place that is not in or near the borough, of a feed that is about it alone
    OUTSIDE_PERIOD = "outside_period"  # the row belongs to another quarter
    UNKNOWN_REFERENCE = "unknown_reference"  # it refers to a row that the delivery does not have
    REPEATED = "repeated"  # a later row of the same delivery has the same key
    NO_IDENTIFIERS = "no_identifiers"  # nothing in the row says whom it is about
    LIMITED_ACCESS = "limited_access"  # the authority bars access to this person's record


class Remark(StrEnum):
    """What was noticed in a row that is nevertheless kept; counted, never guessed at."""

    UNREADABLE = "unreadable"  # an identifier that cannot be read; treated as missing
    LOST_PRECISION = "lost_precision"  # a long number that a spreadsheet turned into 1.00021E+11; treated as missing
    UNUSUAL_FORM = "unusual_form"  # an identifier that does not have its usual form; kept as given
    WRONG_CHECK_DIGIT = "wrong_check_digit"  # a number whose last digit does not follow from the others; kept as given
    UNKNOWN_AREA = "unknown_area"  # a place outside the borough or of an older area vintage; the area is left blank


UNREAD = frozenset({Remark.UNREADABLE, Remark.LOST_PRECISION})  # of a text from which no value could be read
