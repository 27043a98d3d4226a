"""What is made to do harm is refused in one sentence that a provider can act on, and takes hardly any memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hostile import CANARY, DOCUMENTS

PROJECT = Path(__file__).resolve().parents[2]
GROWN_MIB, PEAK_MIB = 48, 700


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, object]]:
    """What was said of each document by a process that read them all, and how its memory grew meanwhile."""
    program = [sys.executable, str(PROJECT / "tests" / "spec" / "hostile.py")]
    environment = {"PYTHONPATH": str(PROJECT), "POLARS_MAX_THREADS": "1", "PATH": "/usr/bin:/bin"}
    ran = subprocess.run(program, env=environment, cwd=PROJECT, capture_output=True, check=True, timeout=240)
    return {one["name"]: one for one in map(json.loads, ran.stdout.splitlines())}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_document_is_refused_in_one_sentence_with_flat_memory(
    name: str, told: dict[str, dict[str, object]]
) -> None:
    said, grown = str(told[name]["said"]), told[name]["grown_mib"]
    assert DOCUMENTS[name].said in said
    assert said.count(". ") == 1  # what and why, and how to mend it
    assert f"feed {DOCUMENTS[name].contract.feed}" in said
    assert CANARY not in said
    assert len(said) < 400
    assert isinstance(grown, int)
    assert grown < GROWN_MIB
    assert int(str(told[name]["peak_mib"])) < PEAK_MIB
