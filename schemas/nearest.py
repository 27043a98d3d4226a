"""Which of some points is nearest to each of many places.

The land around the points is cut into squares, once. In most squares one point is the nearest of any place, in most
others one of two: then a place needs a look at its square and at most one comparison, not the distance to every point.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_SIDE = 50.0  # of a square, in the points' unit (metres)
_HALF_DIAGONAL = _SIDE / np.sqrt(2) + 1e-6
_CHUNK, _PART = 4_000, 16_000  # places at once: small enough for the processor's cache
_MANY = 20_000  # places from which it is worth while to cut up the land
_NONE, _UNCLEAR = -1, -2

Points = NDArray[np.float64]
Places = NDArray[np.intp]
Indexes = NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class _Squares:
    """Squares side by side, the outermost of which hold no near place.

    Of each the nearest point (or _NONE, or _UNCLEAR), and the rival (or _NONE), both flat.
    """

    origin: Points
    shape: tuple[int, int]
    first: Indexes
    rival: Indexes

    def of(self, x: Points, y: Points) -> Places:
        """The square of each place: one of the outermost for a place beyond, and for not-a-number."""
        column, row = (
            np.fmin(np.fmax((place - low) * (1 / _SIDE), 0), size - 1).astype(np.intp)
            for place, low, size in zip((x, y), self.origin, self.shape, strict=True)
        )
        square: Places = column * self.shape[1] + row
        return square


@dataclass(frozen=True, eq=False)
class Nearest:
    """Points, and how far a place may lie from the nearest."""

    points: Points
    farthest: float

    def of(self, x: Points, y: Points) -> Places:
        """The index of each place's nearest point, of two the first; -1 where none is near, or the place is blank."""
        if len(x) < _MANY:
            return self._exactly(x, y)
        parts = [slice(start, start + _PART) for start in range(0, len(x), _PART)]
        return np.concatenate([self._by_square(x[part], y[part]) for part in parts])

    def _exactly(self, x: Points, y: Points) -> Places:
        found = np.empty(len(x), dtype=np.intp)
        for start in range(0, len(x), _CHUNK):
            squared = self._squared(x[start : start + _CHUNK], y[start : start + _CHUNK])
            nearest = squared.argmin(axis=1)
            near = squared[np.arange(len(squared)), nearest] <= self.farthest**2  # never true of not-a-number
            found[start : start + len(squared)] = np.where(near, nearest, _NONE)
        return found

    def _by_square(self, x: Points, y: Points) -> Places:
        """Look each place's square up.

        1. Of a square's two points, the nearer is compared.
        2. Where a square does not tell, the distances to all points are compared.
        """
        square = self._squares.of(x, y)
        found: Places = self._squares.first.take(square, mode="clip").astype(np.intp)
        rival = self._squares.rival.take(square, mode="clip")
        rows = np.flatnonzero(rival >= 0)
        one, two = found[rows], rival[rows].astype(np.intp)
        to_one, to_two = (self._to(x[rows], y[rows], point) for point in (one, two))
        found[rows] = np.where((to_two < to_one) | ((to_two == to_one) & (two < one)), two, one)  # (1)
        unclear = np.flatnonzero(found == _UNCLEAR)
        found[unclear] = self._exactly(x[unclear], y[unclear])  # (2)
        return found

    def _to(self, x: Points, y: Points, index: Places) -> Points:
        """The squared distance of each place to the point of its own."""
        across, along = x - self.points[:, 0].take(index), y - self.points[:, 1].take(index)
        distance: Points = across * across + along * along
        return distance

    @cached_property
    def _squares(self) -> _Squares:
        origin = self.points.min(axis=0) - self.farthest - 2 * _SIDE
        columns, rows = (int(n) for n in np.ceil((self.points.max(axis=0) + self.farthest - origin) / _SIDE) + 2)
        first, rival = np.empty((columns, rows), np.int16), np.empty((columns, rows), np.int16)
        for column in range(columns):
            x, y = np.full(rows, column + 0.5) * _SIDE + origin[0], (np.arange(rows) + 0.5) * _SIDE + origin[1]
            first[column], rival[column] = self._judged(np.sqrt(self._squared(x, y)))
        return _Squares(origin, (columns, rows), first.ravel(), rival.ravel())

    def _judged(self, away: Points) -> tuple[Places, Places]:
        """What holds of all places in a square, by the distances of its middle."""
        order = np.argsort(away, axis=1)[:, :3]
        least, next_, third = np.take_along_axis(away, order, axis=1).T
        whole = least + _HALF_DIAGONAL <= self.farthest
        nowhere = least - _HALF_DIAGONAL > self.farthest
        alone = whole & (next_ - least > 2 * _HALF_DIAGONAL)
        rivals = whole & ~alone & (third - least > 2 * _HALF_DIAGONAL)
        first = np.where(nowhere, _NONE, np.where(alone | rivals, order[:, 0], _UNCLEAR))
        return first, np.where(rivals, order[:, 1], _NONE)

    def _squared(self, x: Points, y: Points) -> Points:
        """Squared distances, a place a row, a point a column; whole numbers give them exactly."""
        across, along = x[:, None] - self.points[None, :, 0], y[:, None] - self.points[None, :, 1]
        distances: Points = across * across + along * along
        return distances
