"""A running witness of a small log."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import requests

from tests.unit.witness.small_log import KEY
from witness.keeping import make_key
from witness.server import Server, Witness


class Running:
    """A witness that answers over HTTP."""

    def __init__(self, folder: Path, url: str, witness: Witness) -> None:
        self.folder, self.url, self.witness = folder, url, witness

    def post(self, body: bytes) -> requests.Response:
        return requests.post(f"{self.url}/add-checkpoint", body, timeout=10)

    def newest(self, origin: str = KEY.name) -> requests.Response:
        return requests.get(f"{self.url}/checkpoint", {"origin": origin}, timeout=10)

    def evidence(self) -> list[str]:
        return sorted(path.name.rsplit("-", 1)[0] for path in self.folder.glob("logs/*/refused/*.txt"))


@pytest.fixture
def serve(tmp_path: Path) -> Callable[[], AbstractContextManager[Running]]:
    """Run the witness of this test's folder for as long as a block lasts; the next block finds what it kept."""

    @contextmanager
    def run() -> Iterator[Running]:
        witness = Witness(tmp_path, "council.witness", make_key(tmp_path / "witness.key"), {KEY.name: (KEY,)})
        with Server(("127.0.0.1", 0), witness) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            yield Running(tmp_path, f"http://127.0.0.1:{server.server_address[1]}", witness)
            server.shutdown()
            thread.join()

    return run


@pytest.fixture
def running(serve: Callable[[], AbstractContextManager[Running]]) -> Iterator[Running]:
    with serve() as witness:
        yield witness
