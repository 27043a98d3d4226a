"""How wide a text is, and where its lines break. No font is opened: widths are those of Arial, with some room.

Widths are thousandths of the type size, as Arial and the fonts made to its measure have them.
"""

_WIDTHS = {
    222: "ijl",
    278: " !,./:;I[\\]ft|'",
    333: '()-`r"{}',
    500: "Jckvsxyz^*",
    556: "0123456789abdeghnopquL?_$#",
    611: "FTZ+<=>~",
    667: "ABEKPSVXY&",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
}
_OF = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
_UNKNOWN = 1000
_ROOM = 1.04
_BOLD = 1.08
_BREAK_AFTER = "-_./"


def width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a text set in one line."""
    return sum(_OF.get(letter, _UNKNOWN) for letter in text) / 1000 * size * _ROOM * (_BOLD if bold else 1)


def wrapped(text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
    """A text broken into lines that fit into ``room``: between words, and within one that is too long by itself."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width(joined, size, bold=bold) <= room:
            lines[-1] = joined
        else:
            lines.extend(_pieces(word, size, room, bold=bold))
    return lines


def printable(text: str) -> str:
    """A text without the control characters that XML cannot hold."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _pieces(word: str, size: float, room: float, *, bold: bool) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and width(pieces[-1] + letter, size, bold=bold) > room:
            cut = max(pieces[-1].rfind(mark) for mark in _BREAK_AFTER) + 1 or len(pieces[-1])
            pieces[-1:] = [pieces[-1][:cut], pieces[-1][cut:]]
        pieces[-1] += letter
    return pieces
