"""The embedded PostgreSQL: nobody else can reach it, and the last who used it stops it."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from hub import postgres
from hub.errors import ConfigurationError


@pytest.fixture
def home(tmp_path):
    yield tmp_path
    postgres.stop(tmp_path)


def runs(home):
    return (home / "postgres" / "postmaster.pid").exists()


def test_its_socket_lies_where_only_its_owner_can_enter(home):
    url = make_url(postgres.start(home))
    assert Path(url.query["host"]) == home / "postgres"
    assert (home / "postgres").stat().st_mode & 0o077 == 0


def test_a_home_with_too_long_a_path_is_refused_before_anything_starts(tmp_path):
    home = tmp_path / ("long" * 20)
    before = set(Path(tempfile.gettempdir()).iterdir())
    with pytest.raises(ConfigurationError, match="shorter path"):
        postgres.start(home)
    assert not home.exists()
    assert not {
        path for path in set(Path(tempfile.gettempdir()).iterdir()) - before if (path / ".s.PGSQL.5432").exists()
    }


def test_who_did_not_use_it_does_not_stop_it(home):
    code = "import sys, pathlib, hub.postgres as p; p.start(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, home], check=True)
    assert not postgres.stop_if_last(home)
    assert runs(home)


def test_it_runs_as_long_as_another_process_uses_it(home):
    postgres.start(home)
    code = "import sys, pathlib, hub.postgres as p; p.start(pathlib.Path(sys.argv[1])); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code, home], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        assert not postgres.stop_if_last(home)
        assert runs(home)
        other.kill()
    assert postgres.stop_if_last(home)
    assert not runs(home)
