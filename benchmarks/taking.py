"""What a step of a benchmark takes: seconds of the processor and of the clock, and memory."""

import resource
import time


class Taking:
    """A block whose seconds are printed, the processor's and the clock's, with the memory so far."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None:
        self.began = time.process_time(), time.perf_counter()

    def __exit__(self, *_: object) -> None:
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        processor, clock = time.process_time() - self.began[0], time.perf_counter() - self.began[1]
        print(f"{self.what:<32} {processor:8.2f} s of processor, {clock:7.2f} s, {memory:.2f} GB at most", flush=True)
