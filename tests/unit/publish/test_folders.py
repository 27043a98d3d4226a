"""A folder is put in place whole, or not at all."""

from pathlib import Path

from publish.folders import partial, put_in_place, read_file, remove, write_partial


def test_nothing_is_seen_under_the_name_until_it_is_put_in_place(tmp_path: Path) -> None:
    uri = f"{tmp_path}/releases/2026-Q3-v1"
    write_partial(uri, {"person.parquet": b"rows", "manifest.json": b"{}"})
    assert read_file(uri, "person.parquet") is None
    assert not Path(uri).exists()
    put_in_place(uri)
    assert read_file(uri, "person.parquet") == b"rows"
    assert not Path(partial(uri)).exists()


def test_what_a_killed_run_left_is_replaced(tmp_path: Path) -> None:
    uri = f"{tmp_path}/releases/2026-Q3-v1"
    write_partial(uri, {"old.parquet": b"old", "manifest.json": b"{}"})
    write_partial(uri, {"manifest.json": b"{}"})
    put_in_place(uri)
    assert [path.name for path in Path(uri).iterdir()] == ["manifest.json"]


def test_a_folder_that_is_not_there_is_removed_in_silence(tmp_path: Path) -> None:
    remove(f"{tmp_path}/nothing")


def test_a_store_that_is_no_disk_works_too() -> None:
    uri = "memory://zones/releases/2026-Q3-v1"
    write_partial(uri, {"person.parquet": b"rows", "manifest.json": b"{}"})
    put_in_place(uri)
    assert read_file(uri, "person.parquet") == b"rows"
    assert read_file(partial(uri), "person.parquet") is None
