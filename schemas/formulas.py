"""Texts that a spreadsheet would run: a row that has one is at fault (decision 0015 says why).

Nothing in the hub runs a cell. The danger is with whoever opens a file in a spreadsheet, and comes from fields that a
stranger fills in, such as a name given to the police.

1. A formula begins with =, or with +, - or @ and has what a formula needs to do harm: a call, or a reference outwards
   (``(``, ``|`` or ``!``; OWASP, CSV injection). A negative number, a telephone number, a dash and "-Smith" are none.
"""

from schemas.plain_text import PlainText

FORMULA = r"^(?:[=\x{FF1D}]|[+\-@](?:.*[|!]|\S.*\())"
_FIRST_BYTES = [mark.encode()[0] for mark in "=+-@\uff1d"]


def may_be_formulas(text: PlainText) -> bool:
    """Whether some text may be one: nearly always none is, which a look at the first letters says."""
    marks = [mark for mark in _FIRST_BYTES if text.lowest <= mark <= text.highest]
    firsts = text.firsts if marks else text.data
    return any(bool((firsts == mark).any()) for mark in marks)
