"""How much a document may hold, so that none fills the hub's memory, however it was made.

Memory is that of a batch. What has to be held whole (a workbook, a Parquet file) is bounded as it comes.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """Limits of one document; tests ask for smaller ones.

    ``ratio`` holds once ``ratio_from_bytes`` were unpacked: text of codes packs to a fiftieth, a bomb to a thousandth.
    """

    batch_bytes: int = 16 << 20
    batch_rows: int = 200_000
    record_bytes: int = 1 << 20  # of one row, header or object
    blank_lines: int = 100_000  # of one batch
    columns: int = 2_000
    depth: int = 32  # of objects or elements inside each other
    unpacked_bytes: int = 128 << 30
    ratio: int = 200
    ratio_from_bytes: int = 24 << 20
    whole_bytes: int = 256 << 20  # of a file that cannot be read as a stream
    cells: int = 5_000_000  # of the rectangle that a workbook's sheet spans
    unpacked_workbook_bytes: int = 1 << 30


BOUNDS = Bounds()
