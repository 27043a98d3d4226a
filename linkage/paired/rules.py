"""The rules of ``config/linkage.yaml`` at work on arrays of pairs, as ``linkage.paired.language`` states them."""

import ast
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from linkage.paired.coded import Coded, Numbers
from linkage.paired.language import columns_of

Mask = NDArray[np.bool_]
Values = NDArray[Any]
_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.GtE: operator.ge, ast.Gt: operator.gt, ast.LtE: operator.le, ast.Lt: operator.lt, ast.Eq: operator.eq,
}  # fmt: skip


class Pairs:
    """Pairs of records, left and right by number, that rules are asked of; what was worked out once is kept."""

    def __init__(self, coded: Coded, left: Numbers, right: Numbers) -> None:
        self._coded, self._left, self._right = coded, left, right
        self._known: dict[tuple[str, str], Values] = {}
        self._of: dict[str, tuple[Numbers, Numbers]] = {}

    def __len__(self) -> int:
        return len(self._left)

    def holds(self, rule: str) -> Mask:
        """Whether each pair satisfies the rule."""
        return np.asarray(self._value(_tree(rule)), dtype=np.bool_)

    def may(self, rule: str) -> Mask:
        """Whether each pair may satisfy the rule as far as tokens tell: what bits of encodings decide is possible."""
        return self._within(_tree(rule), possible=True)

    def surely(self, rule: str) -> Mask:
        """Whether each pair satisfies the rule whatever the bits of encodings are."""
        return self._within(_tree(rule), possible=False)

    def _within(self, node: ast.expr, *, possible: bool) -> Mask:
        """Where this holds if encodings decide all for it (``possible``), or all against it."""
        match node:
            case ast.BoolOp(op=ast.And()):
                return np.asarray(np.logical_and.reduce([self._within(it, possible=possible) for it in node.values]))
            case ast.BoolOp():
                return np.asarray(np.logical_or.reduce([self._within(it, possible=possible) for it in node.values]))
            case ast.UnaryOp():
                return ~self._within(node.operand, possible=not possible)
            case ast.Compare():  # the language compares nothing but bits
                return np.full(len(self), possible)
            case _:
                return np.asarray(self._value(node), dtype=np.bool_)

    def only_at(self, kept: Values) -> "Pairs":
        """Those pairs alone, given by number."""
        fewer = Pairs(self._coded, self._left.take(kept), self._right.take(kept))
        fewer._known = {asked: found.take(kept) for asked, found in self._known.items()}
        return fewer

    def _value(self, node: ast.expr) -> Any:
        """The value of a part of a rule: a mask, a number for each pair, or one number."""
        match node:
            case ast.BoolOp(op=ast.And()):
                return np.logical_and.reduce([self._value(part) for part in node.values])
            case ast.BoolOp():
                return np.logical_or.reduce([self._value(part) for part in node.values])
            case ast.UnaryOp():
                return np.logical_not(self._value(node.operand))
            case ast.Compare():
                return _COMPARE[type(node.ops[0])](self._value(node.left), self._value(node.comparators[0]))
            case ast.Call(func=ast.Name(id=word), args=[ast.Name(id=column)]):
                return self._word(word, column)
            case _:
                return ast.literal_eval(node)

    def _word(self, word: str, column: str) -> Values:
        if (word, column) not in self._known:
            self._known[word, column] = _WORDS[word](self, column)
        return self._known[word, column]

    def _sides(self, column: str) -> tuple[Numbers, Numbers]:
        if column not in self._of:
            tokens = self._coded.tokens
            found = tokens[column] if column in tokens else self._coded.encodings[column].which
            self._of[column] = found.take(self._left), found.take(self._right)
        return self._of[column]

    def _same(self, column: str) -> Mask:
        left, right = self._sides(column)
        return np.asarray((left == right) & (left >= 0))

    def _missing(self, column: str) -> Mask:
        left, right = self._sides(column)
        return np.asarray((left < 0) | (right < 0))

    def _both(self, column: str) -> Mask:
        return ~self._missing(column)

    def _common(self, column: str) -> NDArray[np.int32]:
        """How many bits both set; 0 where an encoding is missing."""
        left, right = self._sides(column)
        known = np.flatnonzero((left >= 0) & (right >= 0))
        words = self._coded.encodings[column].words
        count = np.zeros(len(left), dtype=np.int32)
        shared = words.take(left.take(known), axis=0)  # numpy takes rows ten times as fast as it indexes them
        shared &= words.take(right.take(known), axis=0)
        count[known] = bits_set(shared)
        return count

    def _set(self, column: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """How many bits each side sets; of a pair that lacks one this is any number, for it shares none."""
        left, right = self._sides(column)
        bits = self._coded.encodings[column].bits
        if not len(bits):
            return np.ones(len(left), dtype=np.int32), np.ones(len(left), dtype=np.int32)
        return bits.take(left), bits.take(right)

    def _dice(self, column: str) -> NDArray[np.float64]:
        left, right = self._set(column)
        return np.asarray(2 * self._word("common", column) / np.maximum(left + right, 1))

    def _overlap(self, column: str) -> NDArray[np.float64]:
        left, right = self._set(column)
        return np.asarray(self._word("common", column) / np.maximum(np.minimum(left, right), 1))

    def _bits(self, column: str) -> Values:
        left, right = self._sides(column)
        bits = np.append(self._coded.encodings[column].bits, np.iinfo(np.int32).max)  # -1, missing, is the last
        return np.asarray(np.minimum(bits.take(left), bits.take(right)))


def bits_set(words: NDArray[np.uint64]) -> NDArray[np.int32]:
    """How many bits the eight words of each row set: a row's eight counts are added as the bytes of one number."""
    counts = np.bitwise_count(words).view(np.uint64).reshape(-1)
    twice = (counts & _EVEN) + ((counts >> np.uint64(8)) & _EVEN)  # four numbers of two bytes
    return ((twice * _ADD) >> np.uint64(48)).astype(np.int32)


_EVEN, _ADD = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0001000100010001)
_WORDS: Mapping[str, Callable[[Pairs, str], Values]] = {
    "same": Pairs._same, "missing": Pairs._missing, "both": Pairs._both,
    "common": Pairs._common, "dice": Pairs._dice, "overlap": Pairs._overlap, "bits": Pairs._bits,
}  # fmt: skip


@lru_cache(maxsize=1024)
def _tree(rule: str) -> ast.expr:
    columns_of(rule)  # refuses all that is not of the language
    return ast.parse(rule.strip(), mode="eval").body
