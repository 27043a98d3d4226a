"""All documents in a folder: complete, the same for the same, and never over what is somebody else's."""

import os
import re
import shutil
import subprocess
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from documents.errors import FolderRefused
from documents.sources import Sources
from documents.write import LIST, documents, write
from hub.settings import PROJECT
from schemas.published import MODELS
from tests.unit.documents.conftest import COMMIT, ON, changed
from tests.unit.documents.reading import read
from tests.warm import hub


def _made(sources: Sources, **but) -> dict[str, bytes]:
    return documents(**{"agreement": sources.agreement, "feeds": sources.feeds, "on": ON, "commit": COMMIT} | but)


@pytest.fixture(scope="module")
def made(shipped: Sources) -> dict[str, bytes]:
    return _made(shipped)


@pytest.fixture(scope="module")
def next_days(shipped: Sources) -> dict[str, bytes]:
    """The same on the next day."""
    return _made(shipped, on=ON + timedelta(1))


@pytest.fixture
def later(next_days: dict[str, bytes]) -> dict[str, bytes]:
    """Those of the next day, of which one is not made any more."""
    return {path: content for path, content in next_days.items() if path != "contracts/yot.cases.odcs.yaml"}


def test_all_are_there_and_the_index_leads_to_each(made: dict[str, bytes], shipped: Sources) -> None:
    feeds = {f"contracts/{name}.odcs.yaml" for name in shipped.agreement.feeds}
    tables = {f"contracts/published.{table}.odcs.yaml" for table in MODELS}
    pages = {"isa.html", "record-of-processing.html", "record-of-processing.csv", "data-flow.svg", "index.html"}
    pages |= {"data-dictionary.html"}
    assert set(made) == feeds | tables | pages
    links = {link["href"] for link in read(made["index.html"].decode()).all("a")}
    assert links >= set(made) - {"index.html"}


def test_each_says_what_it_was_made_from(made: dict[str, bytes], shipped: Sources) -> None:
    for path, content in made.items():
        text = content.decode()
        said = (shipped.agreement.id, shipped.agreement.version, shipped.agreement.hash, COMMIT)
        assert [part for part in said if part not in text] == [], path
        assert re.search(r"1 October 2026|2026-10-01", text), path


def test_the_same_agreement_commit_and_day_give_the_same_bytes(
    made: dict[str, bytes], next_days: dict[str, bytes], shipped: Sources
) -> None:
    assert _made(shipped) == made
    for other in (next_days, _made(shipped, commit="f" * 40)):
        assert [path for path, content in made.items() if other[path] == content] == []


def test_a_feed_that_no_contract_describes_is_named_and_has_no_data_contract() -> None:
    name = "../../../etc/passwd"
    odd = changed(lambda terms: terms["feeds"].update({name: terms["feeds"]["fire.fire_setter_referrals"]}))
    made = _made(odd)
    assert not any(".." in path for path in made)
    assert f"No contract describes these feeds yet: {name}." in read(made["index.html"].decode()).text


def test_they_are_written_with_their_hashes_and_again_in_their_own_place(
    tmp_path: Path, made: dict[str, bytes], later: dict[str, bytes]
) -> None:
    write(tmp_path / "a" / "b", made)
    folder = tmp_path / "a" / "b"
    for path, content in made.items():
        assert (folder / path).read_bytes() == content
        assert f"{sha256(content).hexdigest()}  {path}\n" in (folder / LIST).read_text()
    write(folder, made)
    write(folder, later)
    left = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert left == {*later, LIST}
    assert (folder / "isa.html").read_bytes() == later["isa.html"]


def test_a_file_of_somebody_elses_is_never_written_over(tmp_path: Path, made: dict[str, bytes]) -> None:
    (tmp_path / "isa.html").write_text("mine")
    (tmp_path / "notes.txt").write_text("mine too")
    with pytest.raises(FolderRefused, match=r"isa\.html"):
        write(tmp_path, made)
    assert {path.name for path in tmp_path.iterdir()} == {"isa.html", "notes.txt"}
    (tmp_path / "isa.html").unlink()
    write(tmp_path, made)
    assert (tmp_path / "notes.txt").read_text() == "mine too"


@pytest.mark.parametrize("path", ["isa.html", "contracts/yot.cases.odcs.yaml"])
def test_a_document_that_was_changed_since_is_not_written_over_nor_removed(
    path: str, tmp_path: Path, made: dict[str, bytes], later: dict[str, bytes]
) -> None:
    write(tmp_path, made)
    (tmp_path / path).write_text("with my remarks")
    with pytest.raises(FolderRefused, match=path.rpartition("/")[2].replace(".", r"\.")):
        write(tmp_path, later)
    assert (tmp_path / path).read_text() == "with my remarks"


def test_a_link_or_a_folder_in_the_place_of_a_document_is_refused(tmp_path: Path, made: dict[str, bytes]) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "isa.html").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FolderRefused):
        write(tmp_path / "out", made)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("line", ["no list at all", f"{'0' * 64}  ../../outside.html", f"{'0' * 64}  /etc/passwd"])
def test_a_list_that_is_none_of_ours_is_refused(line: str, tmp_path: Path, made: dict[str, bytes]) -> None:
    (tmp_path / LIST).write_text(line + "\n")
    with pytest.raises(FolderRefused, match=r"documents\.sha256"):
        write(tmp_path, made)


def test_a_run_that_was_cut_short_can_be_run_again(tmp_path: Path, made: dict[str, bytes]) -> None:
    write(tmp_path, made)
    (tmp_path / LIST).unlink()
    write(tmp_path, made)
    assert (tmp_path / LIST).is_file()


def _hub(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    return hub(["agreement", "documents", *arguments], os.environ | {"HUB_HOME": str(home), "HUB_COMMIT": COMMIT})


def test_the_command_needs_no_home_and_no_database(tmp_path: Path) -> None:
    text = tmp_path / "other.yaml"
    shutil.copy(PROJECT / "config" / "agreement.yaml", text)
    home, folder = tmp_path / "home", tmp_path / "out"
    done = _hub(str(folder), "--agreement", str(text), "--on", "2026-10-01", home=home)
    assert done.returncode == 0, done.stderr
    assert "1 October 2026" in (folder / "isa.html").read_text()
    assert str(folder / "index.html") in done.stdout
    assert not home.exists()


def test_the_command_refuses_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "isa.html").write_text("mine")
    done = _hub(str(tmp_path), home=tmp_path / "home")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "isa.html" in done.stderr
