"""A run of a rotation that is killed (SIGKILL) at one point: ``python -m tests.unit.rotation.killed_run``.

Arguments: the settings as JSON, the rotation, the name of a function of ``rotation.rekeying`` (or of the key ring), how
many calls of it go well, and whether the last of them is let end (``after``) or not (``before``).
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from hub.settings import Settings
from keys.home import open_ring
from keys.ring import KeyRing
from keys.services import Service
from rotation import rekeying


def killing(genuine: Callable[..., Any], calls: int, moment: str) -> Callable[..., Any]:
    """The function, which kills the process at its last call."""
    left = [calls]

    def replaced(*given: Any, **named: Any) -> Any:
        left[0] -= 1
        made = genuine(*given, **named) if left[0] > 0 or moment == "after" else None
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    return replaced


def main() -> None:
    """Run, and be killed."""
    settings, rotation, name, calls, moment = sys.argv[1:]
    where = KeyRing if hasattr(KeyRing, name) else rekeying
    setattr(where, name, killing(getattr(where, name), int(calls), moment))
    own = Settings(**json.loads(settings))
    rekeying.run(own, open_ring(own, Service.CUSTODIAN), rotation)


if __name__ == "__main__":
    main()
