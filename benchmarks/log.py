"""The log's figures: appending, proofs, verification; each in a process of its own, since two of them choose cores."""

import subprocess
import sys

PARTS = (("log_append",), ("log_append", "--one-core"), ("log_proofs",), ("log_verify",))


def main() -> None:
    """Print every figure."""
    for part, *words in PARTS:
        subprocess.run([sys.executable, "-m", f"benchmarks.{part}", *words], check=True)


if __name__ == "__main__":
    main()
