"""What all steps of a delivery in partitions are bound to: the same code, configuration, agreement and token version.

Its tasks run on several machines, hours apart if somebody starts one again; meanwhile a machine may get other code, a
feed another threshold, the hub's key a new version. One delivery would be checked by one rule and split by another.
"""

from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from ingest.case import Case
from ingest.errors import StepMissing, StepsDiffer
from pseudonymise.scheme_keys import token_version

STEPS = {"rows": "check", "outcome": "settle", "split": "tokenise"}  # what is left between them: which task leaves it


@dataclass(frozen=True)
class Bound:
    """Under what a step works; ``feed`` is a digest of the feed's configuration."""

    commit: str
    feed: str
    agreement: str
    tokens: int

    @classmethod
    def of(cls, case: Case) -> "Bound":
        """What this process works under."""
        feed = sha256(case.feed.model_dump_json().encode()).hexdigest()
        return cls(case.settings.code_commit, feed, case.agreement.hash, token_version(case.ring))

    def hold(self, said: dict[str, Any], step: str, delivery: str) -> None:
        """Raise StepsDiffer if an earlier step worked under something else."""
        mine, known = asdict(self), dict.fromkeys(asdict(self), "unknown") | said
        if differing := [_WORDS[name].format(known[name], mine[name]) for name in mine if known[name] != mine[name]]:
            raise StepsDiffer(
                "The delivery's steps do not belong together",
                where=f"delivery {delivery}",
                why=f"{step} worked under {'; '.join(differing)}. Nothing was decided of the delivery",
                fix="Start it again from check, all steps under the same",
            )


_WORDS = {
    "commit": "the code {}, and this step under {}",
    "feed": "a configuration of the feed with the digest {:.12}, and this step under {:.12}",
    "agreement": "the agreement {:.12}, and this step under {:.12}",
    "tokens": "version {} of the tokens, and this step under {}",
}


def missing(name: str, delivery: str) -> StepMissing:
    """The error that says which step has to run, where what it leaves under this name is not there."""
    left, _, partition = name.partition("-")
    which = STEPS[left] + (f" of partition {partition.partition('-')[0]}" if partition else "")
    return StepMissing(
        "The step cannot begin",
        where=f"delivery {delivery}, {name}",
        why=f"what {which} leaves for it is not there, so that has not run, or was cleared. Nothing was decided",
        fix=f"Run {which}, and what follows it, again",
    )
