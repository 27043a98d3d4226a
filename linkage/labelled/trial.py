"""``hub link evaluate``: a labelled clear file is tokenised in memory, a model learned, persons found."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from linkage.clustered.persons import group, scale_of
from linkage.config import LinkageConfig
from linkage.labelled.columns import ColumnMap, read_map
from linkage.labelled.files import Labelled, read_labelled
from linkage.labelled.measured import Measured, measure
from linkage.labelled.patterns import Pattern, wrong_pairs
from linkage.labelled.tokens import tokenise
from linkage.learned.model import train_on
from linkage.learned.weighing import Scale
from linkage.paired.blocks import Blocks
from linkage.paired.coded import code
from linkage.paired.compared import Compared
from linkage.paired.grouping import Indices
from linkage.paired.meeting import meet


@dataclass(frozen=True)
class Trial:
    """What came out, and what is needed to look into it."""

    measured: Measured
    scale: Scale
    label: Indices
    labelled: Labelled
    columns: ColumnMap

    @property
    def wrong(self) -> list[Pattern]:
        """The commonest patterns of wrong pairs."""
        return wrong_pairs(self.labelled.truth, self.label, self.scale)


def evaluate_files(paths: list[Path], map_file: Path, truth: str, config: LinkageConfig) -> Trial:
    """Link one labelled file, or two together, by tokens alone, and compare with the truth. Raises LabelledRefused.

    The truth is read with the rest and looked at only once persons are found.
    """
    began = time.perf_counter()
    columns = read_map(map_file)
    labelled = read_labelled(paths, columns, truth)
    config = config.with_categorical(columns.categorical)
    coded = code(tokenise(labelled, columns), config.columns)
    blocks = Blocks.of(coded, config)
    scale = scale_of(coded, train_on(coded, blocks, config), config)
    compared = meet(scale, blocks).compared
    label = group(scale, compared)
    seconds = time.perf_counter() - began
    return Trial(_measured(labelled, label, compared, config, seconds), scale, label, labelled, columns)


def _measured(
    labelled: Labelled, label: Indices, compared: Compared, config: LinkageConfig, seconds: float
) -> Measured:
    match = np.flatnonzero(compared.weight >= config.clustering.threshold)
    return measure(labelled.truth, label, compared.left[match], compared.right[match], round(seconds, 2))
