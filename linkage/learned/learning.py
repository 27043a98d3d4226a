"""What the records teach of themselves, without a label: m, u and how many pairs match (Fellegi & Sunter 1969).

1. Candidates are the pairs that blocking brings together; all other pairs are taken as of two persons. What these look
   like is counted on random pairs that are no candidates.
2. m is learned on the candidates that agree by a training block, such as one date of birth, by expectation
   maximisation over the comparisons that the block says nothing of (as Splink does); each block counts by its matches.
   Within a block, pairs of one person are many and the others have nothing to do with each other; over all candidates
   at once, people of one town or one family would pass for persons.
3. How many pairs match in all, from every two blocks: as many as each holds, over the share of the one that is in the
   other too (capture and recapture, Lincoln 1930; Petersen 1896); the median counts, and no fewer than any block holds.
4. u, chance agreement, from the candidates by how likely each is no match, and from all other pairs. So a person's
   many records do not pass for chance, nor blocking's choice for likeness. u and m are learned in turn.
5. Some things go together by chance: a birthplace and a postcode, a forename and a sex, the names of one community.
   Where two comparisons agree more often together among pairs of two persons than each by itself says, the excess is
   taken off a pair that agrees by both: the strongest such links that make no ring (a tree; Chow & Liu 1968).
6. What is not learned (``learned: false``) keeps the m of the configuration; a level with little to learn from is drawn
   towards it.
"""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from linkage.config import LinkageConfig
from linkage.paired.levels import Levels

Shares = NDArray[np.float64]
Flags = NDArray[np.bool_]
_TURNS, _ROUNDS, _ENOUGH = 3, 25, 1e-3
_PRIOR_PAIRS = 50  # how many matching pairs the configured m of a comparison is worth
_FEWEST = 0.5  # a level never seen by chance counts as half a pair
_FEWEST_MATCHES = 20  # below this a block teaches nothing
_LEAST_PART = 0.1  # of the matches of the richest block; one with fewer holds twins and the like, not persons
_LEAST_LINK = 0.25  # bits
_SURELY = 0.5  # a pair likelier a match than this says nothing of chance


@dataclass(frozen=True)
class Learned:
    """What is known of pairs.

    ``m``, ``u``: by comparison, in order, of each level from 0, different, upwards. ``prior``: the share of pairs that
    match. ``together``: which two comparisons agree together by chance, and by how many bits oftener than apart.
    """

    m: tuple[Shares, ...]
    u: tuple[Shares, ...]
    prior: float
    together: tuple[tuple[int, int, float], ...] = ()


@dataclass(frozen=True)
class Block:
    """One training block: which candidates are in it, and which comparisons (by number) it says something of."""

    inside: Flags
    silent: frozenset[int]


@dataclass(frozen=True)
class Sample:
    """Candidates with their levels, other pairs with theirs, and how many there are of each in all.

    ``told``: which two comparisons need no link, since the rules themselves see to what they have in common.
    """

    candidates: Levels
    others: Levels
    pairs: tuple[float, float]
    blocks: tuple[Block, ...]
    told: frozenset[tuple[int, int]]


@dataclass(frozen=True)
class _Patterns:
    """The distinct rows of levels, how often each is there, and in which blocks.

    ``others``: by comparison, how many of all other pairs stand at each level.
    """

    rows: Levels
    counts: Shares
    inside: Flags
    others: tuple[Shares, ...]


def learn(sample: Sample, start: Learned, config: LinkageConfig, *, again: bool) -> Learned:
    """``again``: whether there is enough to learn all from; else m and prior of ``start`` stand, and u is counted."""
    patterns = _patterns(sample, config)
    now = replace(start, u=_chance(patterns, np.zeros(len(patterns.counts))))
    for _ in range(_TURNS):
        matching = _likely(patterns, now)
        now = replace(now, u=_chance(patterns, matching))  # (4)
        now = replace(now, together=going_together(patterns, matching, sample, now))  # (5)
        if again:
            taught = [_block(patterns, number, block, now, start) for number, block in enumerate(sample.blocks)]
            now = _agreed(patterns, taught, sample, replace(now, m=start.m), config)
    return now


def _patterns(sample: Sample, config: LinkageConfig) -> _Patterns:
    columns = [*(sample.candidates.T.astype(np.int64) + 1), *(block.inside.astype(np.int64) for block in sample.blocks)]
    codes = np.zeros(len(sample.candidates), dtype=np.int64)
    for column in columns:
        codes = codes * (int(column.max(initial=0)) + 1) + column
    _, first, counts = np.unique(codes, return_index=True, return_counts=True)
    seen = (len(sample.candidates), len(sample.others))
    each, rest = (whole / max(some, 1) for whole, some in zip(sample.pairs, seen, strict=True))
    others = tuple(
        _at_levels(column, np.full(len(column), rest), len(comparison.names))
        for column, comparison in zip(sample.others.T, config.comparisons.values(), strict=True)
    )  # (1)
    inside = np.array([block.inside[first] for block in sample.blocks], dtype=bool).reshape(len(sample.blocks), -1)
    return _Patterns(sample.candidates[first], np.asarray(counts * each, dtype=np.float64), inside, others)


def _likely(patterns: _Patterns, now: Learned) -> Shares:
    """How likely each pattern is a match, by all comparisons."""
    agrees = agreeing(patterns.rows, now)
    less = sum((bits * (agrees[:, one] & agrees[:, other]) for one, other, bits in now.together), np.zeros(1))
    return _matching(patterns.rows, now, now.prior, range(len(now.m)), less * np.log(2))


def agreeing(rows: Levels, now: Learned) -> Flags:
    """By comparison, whether a pair stands at a level that speaks for a match."""
    speaks = [np.append(m > u, [False])[rows[:, at]] for at, (m, u) in enumerate(zip(now.m, now.u, strict=True))]
    return np.stack(speaks, axis=1)


def _matching(
    rows: Levels, now: Learned, prior: float, comparisons: range | list[int], less: Shares | float = 0.0
) -> Shares:
    bits = np.full(len(rows), np.log(prior / (1 - prior))) - less
    for number in comparisons:
        bits += np.append(np.log(now.m[number] / now.u[number]), 0.0)[rows[:, number]]  # -1, unknown, is the last
    return 1 / (1 + np.exp(-bits))


@dataclass(frozen=True)
class _Taught:
    """What one block taught: m by comparison (None where it is silent), and how likely each of its patterns matches."""

    m: tuple[Shares | None, ...]
    matching: Shares


def _block(patterns: _Patterns, number: int, block: Block, now: Learned, start: Learned) -> _Taught:
    """Rule 2."""
    inside = patterns.inside[number]
    rows, counts = patterns.rows[inside], patterns.counts[inside]
    open_ = [at for at in range(len(now.m)) if at not in block.silent]
    matching, share, whole = np.zeros(len(patterns.counts)), 0.5, max(counts.sum(), 1.0)
    for _ in range(_ROUNDS):
        found = _matching(rows, now, share, open_)
        before, share = share, float(min(max(counts @ found, 1.0) / whole, 1 - 1e-6))
        weights = counts * found
        m = (_drawn(rows[:, at], weights, stated) for at, stated in enumerate(start.m))
        now = replace(now, m=tuple(m))
        if abs(share - before) < _ENOUGH * share:
            break
    matching[inside] = found
    return _Taught(tuple(m if at in open_ else None for at, m in enumerate(now.m)), matching)


def _drawn(column: NDArray[np.int8], weights: Shares, towards: Shares) -> Shares:
    """Rule 6's last part."""
    counts = _at_levels(column, weights, len(towards)) + towards * _PRIOR_PAIRS
    return np.asarray(counts / counts.sum())


def _agreed(
    patterns: _Patterns, taught: list[_Taught], sample: Sample, start: Learned, config: LinkageConfig
) -> Learned:
    """What the blocks say together: rule 2's mean, rule 3, rule 6."""
    held = [float(patterns.counts @ it.matching) for it in taught]
    enough = max(_FEWEST_MATCHES, _LEAST_PART * max(held, default=0.0))
    useful = [it for it, matches in zip(taught, held, strict=True) if matches >= enough]
    m = []
    for number, comparison in enumerate(config.comparisons.values()):
        said = [(it.m[number], patterns.counts @ it.matching) for it in useful if it.m[number] is not None]
        if not said or not comparison.learned:  # (6)
            m.append(start.m[number])
            continue
        shares, matches = zip(*said, strict=True)
        m.append(np.average(np.array(shares), axis=0, weights=np.array(matches)))
    return replace(start, m=tuple(m), prior=_share(patterns, useful, sum(sample.pairs), start.prior))


def _share(patterns: _Patterns, taught: list[_Taught], pairs: float, start: float) -> float:
    """Rule 3."""
    found: list[float] = []
    least = max((float(patterns.counts @ it.matching) for it in taught), default=1.0)
    for one, other in combinations(taught, 2):
        both = patterns.counts @ np.minimum(one.matching, other.matching)
        if both >= _FEWEST_MATCHES:
            found.append(float((patterns.counts @ one.matching) * (patterns.counts @ other.matching) / both))
    return min(max(float(np.median(found or [start * pairs])), least) / pairs, 0.5)


def _chance(patterns: _Patterns, matching: Shares) -> tuple[Shares, ...]:
    """Rule 4."""
    found = []
    for column, others in zip(patterns.rows.T, patterns.others, strict=True):
        counts = np.maximum(_at_levels(column, patterns.counts * (1 - matching), len(others)) + others, _FEWEST)
        found.append(counts / counts.sum())
    return tuple(found)


def _at_levels(column: NDArray[np.int8], weights: Shares, levels: int) -> Shares:
    known = column >= 0
    return np.bincount(column[known], weights=weights[known], minlength=levels).astype(float)


def going_together(
    patterns: _Patterns, matching: Shares, sample: Sample, now: Learned
) -> tuple[tuple[int, int, float], ...]:
    """Rule 5: the links, strongest first."""
    each = sample.pairs[1] / max(len(sample.others), 1)
    rows = np.concatenate([patterns.rows, sample.others])
    surely_two = np.where(matching < _SURELY, patterns.counts * (1 - matching), 0.0)
    weight = np.concatenate([surely_two, np.full(len(sample.others), each)])
    agrees, known = agreeing(rows, now), rows >= 0
    links = []
    for one, other in combinations(range(rows.shape[1]), 2):
        if (one, other) in sample.told:
            continue
        both = known[:, one] & known[:, other]
        counts = np.bincount(agrees[both, one] * 2 + agrees[both, other], weights=weight[both], minlength=4)
        links.append((*_excess(counts.astype(np.float64)), one, other))
    return _tree(links)


def _excess(counts: Shares) -> tuple[float, float]:
    """Of a table of two by two: its mutual information, and by how many bits both agree oftener than by chance.

    The information is that of all its pairs: what is known of few would else stand between what is known of all.
    """
    if counts.sum() <= 0 or counts[3] < _FEWEST_MATCHES:
        return 0.0, 0.0
    share = counts.reshape(2, 2) / counts.sum()
    apart = share.sum(axis=1, keepdims=True) * share.sum(axis=0, keepdims=True)
    ratio = np.log2(np.maximum(share, 1e-300) / np.maximum(apart, 1e-300))
    return float(counts.sum() * (share * ratio).sum()), float(ratio[1, 1])


def _tree(links: list[tuple[float, float, int, int]]) -> tuple[tuple[int, int, float], ...]:
    """The links of most information that make no ring (Kruskal 1956), if they are of any weight."""
    root = {number: number for _, _, *ends in links for number in ends}
    found = []
    for _, bits, one, other in sorted(links, key=lambda link: (-link[0], link[2:])):
        if bits >= _LEAST_LINK and root[one] != root[other]:
            found.append((one, other, bits))
            gone, kept = root[other], root[one]
            root = {number: kept if of == gone else of for number, of in root.items()}
    return tuple(found)
