"""How every figure is taken: several runs in turn with its peer, medians, by the processor's clock."""

import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

RUNS = 5


@dataclass(frozen=True)
class Figure:
    """One row of the report: so many units of work, and the seconds of one core that they took (median)."""

    what: str
    units: int
    unit: str
    seconds: float
    against: str = ""
    ratio: float | None = None

    def __str__(self) -> str:
        line = f"{self.what:<44} {self.units / self.seconds:>12,.0f} {self.unit}/s a core"
        return line if self.ratio is None else f"{line}   {self.ratio:5.1f} times {self.against}"


def alone(what: str, units: int, unit: str, act: Callable[[], object]) -> Figure:
    """Time an act by itself, after one run that is not counted."""
    act()
    return Figure(what, units, unit, statistics.median(_cpu(act) for _ in range(RUNS)))


def beside(
    what: str,
    units: int,
    unit: str,
    act: Callable[[], object],
    against: str,
    peer: Callable[[], object],
    peer_units: int | None = None,
) -> Figure:
    """Time an act and a peer that does the same work, in turn, so that the machine's moods fall on both.

    A slow peer may do fewer units.
    """
    share = units / (peer_units or units)
    act()
    pairs = [(_cpu(act), _cpu(peer)) for _ in range(RUNS)]
    ours = statistics.median(own for own, _ in pairs)
    return Figure(what, units, unit, ours, against, statistics.median(share * other / own for own, other in pairs))


def _cpu(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def machine() -> str:
    """What the figures were taken with."""
    named = ", ".join(f"{name} {version(name)}" for name in ("polars", "polars-hash", "pandera", "pyarrow", "splink"))
    return f"Python {platform.python_version()} on {platform.machine()}; {named}; {RUNS} runs, medians"
