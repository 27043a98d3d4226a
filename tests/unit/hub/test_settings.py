"""Settings say which of them is wrong, never what was in it; and which code runs."""

import subprocess

import pytest

from hub import settings as module
from hub.errors import ConfigurationError
from hub.settings import Settings, _commit_of_checkout

CANARY = "Xanthippe-Secret"


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout of some code, which the settings take for the project's."""
    for name in ("code.py", "docs/page.md", "tests/test_code.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("first\n")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "first")
    monkeypatch.setattr(module, "PROJECT", tmp_path)
    monkeypatch.delenv("HUB_COMMIT", raising=False)
    _commit_of_checkout.cache_clear()
    yield tmp_path
    _commit_of_checkout.cache_clear()


def git(folder, *arguments):
    return subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, text=True).stdout.strip()


def test_the_commit_of_unchanged_code(checkout):
    (checkout / "code.py").touch()  # the same content at another time is no change
    assert Settings().code_commit == git(checkout, "rev-parse", "HEAD")


@pytest.mark.parametrize("name", ["code.py", "new.py", "config/new.yaml"])
def test_changed_or_new_files_are_told(checkout, name):
    (checkout / name).parent.mkdir(exist_ok=True)
    (checkout / name).write_text("second\n")
    assert Settings().code_commit == git(checkout, "rev-parse", "HEAD") + "+changes"


@pytest.mark.parametrize("name", ["docs/page.md", "docs/new.md", "tests/test_code.py", "tests/test_new.py"])
def test_docs_and_tests_are_not_what_runs(checkout, name):
    (checkout / name).write_text("second\n")
    assert Settings().code_commit == git(checkout, "rev-parse", "HEAD")


def test_without_git_the_commit_is_unknown(checkout, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert Settings().code_commit == "unknown"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("LOG_LEVEL", CANARY, "HUB_LOG_LEVEL"),
        ("AIRFLOW_PORT", CANARY, "HUB_AIRFLOW_PORT"),
        ("DATABASE_URL", f"mysql://hub:{CANARY}@here/hub", "HUB_DATABASE_URL"),
        ("DATABASE_URL", f"{CANARY} is no address", "HUB_DATABASE_URL"),
        ("DATABASE_URL", f"postgresql+psycopg://hub@here:{CANARY}/hub", "HUB_DATABASE_URL"),
        ("ENDPOINTS", f'{{"feed": "{CANARY}', "endpoints"),
        ("ENDPOINTS", f'["{CANARY}"]', "HUB_ENDPOINTS"),
    ],
)
def test_a_wrong_setting_is_named_and_never_quoted(monkeypatch, name, value, told):
    monkeypatch.setenv(f"HUB_{name}", value)
    with pytest.raises(ConfigurationError, match=told) as refusal:
        Settings()
    assert CANARY not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


def test_an_unknown_setting_in_a_file_is_named(tmp_path):
    (tmp_path / "local.yaml").write_text(f"keyring_passphrase_: {CANARY}\n")
    with pytest.raises(ConfigurationError, match="keyring_passphrase_") as refusal:
        Settings(home=tmp_path)
    assert CANARY not in str(refusal.value)


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
def test_line_ends_are_no_part_of_a_secret(tmp_path, monkeypatch, end):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "filed").write_bytes(f" a b {end}".encode())
    monkeypatch.setenv("HUB_SECRET_SET", f" a b {end}")
    found = Settings(home=tmp_path)
    assert found.secret("filed").get_secret_value() == found.secret("set").get_secret_value() == " a b "
