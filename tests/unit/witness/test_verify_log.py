"""What an authority's officer is told about an export: whole or in part, honest or not."""

import ast
import base64
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.settings import PROJECT
from tests.unit.witness import small_log
from tests.unit.witness.small_log import KEY, encoded, entries, note
from witness.verify_log import WITNESS, Key

PROGRAM = PROJECT / "witness" / "verify_log.py"
PRIVATE = {number: Ed25519PrivateKey.from_private_bytes(bytes([number] * 32)) for number in range(1, 7)}
NAMED = {number: Key(f"w{number}", WITNESS, key.public_key().public_bytes_raw()) for number, key in PRIVATE.items()}
LEAVES = entries(20)
SIZES = (3, 3, 11, 18)


def vkey(key: Key) -> str:
    return f"{key.name}+{key.hash.hex()}+{encoded(bytes([key.kind]) + key.public)}"


def cosignature(number: int, signed: str, private: Ed25519PrivateKey | None = None) -> str:
    text, seconds = signed.rpartition("\n\n")[0] + "\n", 1_790_000_000
    signature = (private or PRIVATE[number]).sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
    return f"— w{number} {encoded(NAMED[number].hash + seconds.to_bytes(8, 'big') + signature)}\n"


def export(
    folder: Path, leaves: Sequence[bytes] = LEAVES, sizes: Sequence[int] = SIZES, by: Sequence[int] = (1, 2, 3, 4)
) -> Path:
    """A whole log; the checkpoint before the last is cosigned."""
    lines, before = [], 0
    for place, size in enumerate(sizes):
        signed = note(leaves[:size])
        if place == len(sizes) - 2:
            signed += "".join(cosignature(number, signed) for number in by)
        proof = small_log.consistency(before, leaves[:size]) if before <= size else []
        lines.append({"number": place + 1, "note": signed, "proof": [encoded(part) for part in proof]})
        before = size
    folder.mkdir()
    write(folder, "checkpoints", lines)
    (folder / "entries.jsonl").write_bytes(b"".join(leaf + b"\n" for leaf in leaves))
    about = {"format": "hub-log-export/1", "origin": KEY.name, "first": 0, "size": len(leaves), "filter": {}}
    (folder / "export.json").write_text(json.dumps(about))
    return folder


def part(folder: Path, indices: Sequence[int]) -> Path:
    """Some entries of the same log."""
    export(folder)
    whole = LEAVES[: SIZES[-1]]
    proofs = [(index, small_log.inclusion(index, whole)) for index in indices]
    write(
        folder,
        "proofs",
        [{"index": i, "size": len(whole), "proof": [encoded(p) for p in proof]} for i, proof in proofs],
    )
    (folder / "entries.jsonl").write_bytes(b"".join(LEAVES[index] + b"\n" for index in indices))
    return folder


def write(folder: Path, name: str, lines: Sequence[object]) -> None:
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


def read(folder: Path, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]


def run(folder: Path, *words: str, log: Key = KEY) -> tuple[int, str]:
    """The program as the officer runs it: that one file, nothing else."""
    line = [sys.executable, "-I", str(PROGRAM), str(folder), "--log-key", vkey(log), *words]
    ran = subprocess.run(line, capture_output=True, text=True, check=False)
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stdout + ran.stderr


def witnesses(*numbers: int) -> list[str]:
    return [word for number in numbers or range(1, 7) for word in ("--witness", vkey(NAMED[number]))]


@pytest.fixture
def known(tmp_path: Path) -> Callable[..., list[str]]:
    """A checkpoint that the officer kept."""

    def keep(leaves: Sequence[bytes], private: Ed25519PrivateKey = small_log.PRIVATE) -> list[str]:
        path = tmp_path / "kept.checkpoint"
        path.write_text(note(leaves, private))
        return ["--known", str(path)]

    return keep


def test_a_whole_log_is_told_in_plain_sentences(tmp_path, known) -> None:
    code, said = run(export(tmp_path / "x"), *witnesses(), *known(LEAVES[:7]), "--entry", "17", "--entry", "0")
    assert said == (
        "   ok   The log's key signed each of the 4 checkpoints.\n"
        "   ok   The 20 entries here fit all that was signed for.\n"
        "   ok   The last 2 entries are so new that no checkpoint covers them yet.\n"
        "   ok   The log goes on from the checkpoint of 7 entries that you kept.\n"
        "   ok   The log of 11 entries is cosigned by w1, w2, w3, w4.\n"
        '   ok   Entry 17 is in the log: {"entry":17}\n'
        '   ok   Entry 0 is in the log: {"entry":0}\n'
        "Nothing is wrong.\n"
    )
    assert code == 0


def test_a_part_is_proved_and_says_that_it_is_a_part(tmp_path, known) -> None:
    code, said = run(part(tmp_path / "x", (2, 3, 16)), *witnesses(), *known(LEAVES[:11]), "--entry", "16")
    assert code == 0, said
    assert "Each of the 3 entries here is proved to be in the log." in said
    assert "This is a part of a log of 20 entries: it cannot show what was left out of it." in said
    assert 'Entry 16 is in the log: {"entry":16}' in said


def test_without_witnesses_it_says_what_that_means(tmp_path) -> None:
    code, said = run(export(tmp_path / "x"))
    assert code == 0
    assert "does not show that others saw the same log" in said


def test_an_empty_log_is_a_log(tmp_path) -> None:
    assert run(export(tmp_path / "x", [], (0,)))[0] == 0


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "a bit": lambda text: text.replace(b'{"entry":5}', b'{"entry":4}'),
    "a space": lambda text: text.replace(b'{"entry":5}', b'{"entry": 5}'),
    "a line away": lambda text: text.replace(b'{"entry":5}\n', b""),
    "a line twice": lambda text: text.replace(b'{"entry":5}\n', b'{"entry":5}\n' * 2),
    "two lines changed round": lambda text: text.replace(b'5}\n{"entry":6', b'6}\n{"entry":5'),
    "two lines in one": lambda text: text.replace(b'5}\n{"entry":6', b'5} {"entry":6'),
    "the end cut off": lambda text: text[:-40],
    "the newest, not signed for yet, gone": lambda text: text.replace(b'{"entry":18}\n{"entry":19}\n', b""),
    "the whole gone": lambda _: b"",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_tampered_entry_is_found(tmp_path, change) -> None:
    folder = export(tmp_path / "x")
    path = folder / "entries.jsonl"
    path.write_bytes(CHANGES[change](path.read_bytes()))
    code, said = run(folder, *witnesses(), "--entry", "5")
    assert code == 1
    assert "WRONG" in said
    assert "Do not trust this log." in said
    assert "Entry 5 is in the log" not in said or change.startswith("the ")


@pytest.mark.parametrize("change", ["another entry", "a false proof", "twice", "one proof less", "no such checkpoint"])
def test_a_tampered_part_is_found(tmp_path, change) -> None:
    folder = part(tmp_path / "x", (2, 3, 16))
    proofs, path = read(folder, "proofs"), folder / "entries.jsonl"
    if change == "another entry":
        path.write_bytes(path.read_bytes().replace(b":3}", b":4}"))
    elif change == "a false proof":
        proofs[1]["proof"] = proofs[0]["proof"]
    elif change == "twice":
        proofs, lines = [*proofs, proofs[0]], path.read_bytes()
        path.write_bytes(lines + LEAVES[2] + b"\n")
    elif change == "one proof less":
        proofs = proofs[:-1]
    else:
        proofs[0]["size"] = 12
    write(folder, "proofs", proofs)
    code, said = run(folder)
    assert code == 1, said
    assert "entries here are proved to be in the log" in said


def test_checkpoints_that_do_not_go_on_from_each_other_are_found_in_a_part(tmp_path) -> None:
    folder = part(tmp_path / "x", (2,))
    lines = read(folder, "checkpoints")
    forged = [*LEAVES[:5], *entries(6, "forged")]
    lines[2] |= {"note": note(forged), "proof": [encoded(p) for p in small_log.consistency(3, forged)]}
    write(folder, "checkpoints", lines)
    code, said = run(folder)
    assert code == 1
    assert "The checkpoint of 18 entries is not proved to go on from 11." in said


def test_a_checkpoint_that_goes_back_is_found(tmp_path) -> None:
    code, said = run(export(tmp_path / "x", sizes=(3, 11, 7)))
    assert code == 1
    assert "The checkpoint of 7 entries contradicts the one before it." in said


@pytest.mark.parametrize("partial", [False, True])
def test_a_rewound_log_is_found_by_the_copy_that_was_kept(tmp_path, known, partial) -> None:
    folder = part(tmp_path / "x", (2,)) if partial else export(tmp_path / "x")
    code, said = run(folder, *known(entries(19)))
    assert code == 1
    assert "The log was rewound: you kept a checkpoint of 19 entries, the newest here has 18." in said


@pytest.mark.parametrize("partial", [False, True])
def test_another_log_is_found_by_the_copy_that_was_kept(tmp_path, known, partial) -> None:
    folder = part(tmp_path / "x", (2,)) if partial else export(tmp_path / "x")
    code, said = run(folder, *known(entries(11, "other")))
    assert code == 1
    assert "this is another log than you saw" in said


def test_a_copy_that_a_part_cannot_be_compared_with_says_so(tmp_path, known) -> None:
    code, said = run(part(tmp_path / "x", (2,)), *known(LEAVES[:7]))
    assert code == 1
    assert "is not here: ask for all" in said


def test_a_copy_that_the_log_never_signed_proves_nothing(tmp_path, known) -> None:
    code, said = run(export(tmp_path / "x"), *known(LEAVES[:7], small_log.OTHER))
    assert code == 1
    assert "that you kept is not signed by the key you gave" in said


def test_with_the_wrong_log_key_nothing_is_signed(tmp_path) -> None:
    other = Key(KEY.name, KEY.kind, small_log.OTHER.public_key().public_bytes_raw())
    code, said = run(export(tmp_path / "x"), "--entry", "1", log=other)
    assert code == 1
    assert "The key you gave signed 0 of 4 checkpoints." in said
    assert "Entry 1 is not here and proved." in said


@pytest.mark.parametrize(("by", "needed", "code"), [((1, 2, 3, 4), "4", 0), ((1, 2, 3), "4", 1), ((1, 2, 3), "3", 0)])
def test_as_many_witnesses_as_are_needed(tmp_path, by, needed, code) -> None:
    found, said = run(export(tmp_path / "x", by=by), *witnesses(), "--needed", needed)
    assert found == code
    assert code == 0 or "No checkpoint is cosigned by 4 of your 6 witnesses." in said


def test_one_key_under_two_names_has_one_voice(tmp_path) -> None:
    folder = export(tmp_path / "x", by=(1, 2, 3))
    twin = Key("twin", WITNESS, NAMED[1].public)
    lines = read(folder, "checkpoints")
    line = cosignature(1, str(lines[2]["note"]).split("— w1")[0]).removeprefix("— w1 ").strip()
    forged = encoded(twin.hash + base64.b64decode(line)[4:])
    lines[2]["note"] = f"{lines[2]['note']}— twin {forged}\n"
    write(folder, "checkpoints", lines)
    code, said = run(folder, *witnesses(), "--witness", vkey(twin))
    assert code == 1, said


def test_a_forged_cosignature_is_a_fault_even_if_there_are_enough(tmp_path) -> None:
    folder = export(tmp_path / "x")
    lines = read(folder, "checkpoints")
    lines[0]["note"] = str(lines[0]["note"]) + cosignature(5, str(lines[0]["note"]), PRIVATE[6])
    write(folder, "checkpoints", lines)
    code, said = run(folder, *witnesses())
    assert code == 1
    assert "A cosignature in the name of w5 is not right." in said


@pytest.mark.parametrize("number", ["18", "19", "20", "-1"])
def test_an_entry_that_is_not_under_a_checkpoint_is_not_proved(tmp_path, number) -> None:
    code, said = run(export(tmp_path / "x"), f"--entry={number}")
    assert code == 1
    assert f"Entry {number} is not here and proved." in said


@pytest.mark.parametrize("name", ["export.json", "checkpoints.jsonl", "entries.jsonl", "proofs.jsonl"])
@pytest.mark.parametrize(
    "content", [b"", b"null\n", b"[]\n", b"{}\n", b"\xff\n", b'{"note":1,"proof":[],"index":"a"}\n', b"[" * 100_000]
)
def test_whatever_an_export_holds_is_judged_and_never_passes(tmp_path, name, content) -> None:
    folder = part(tmp_path / "x", (2, 3))
    (folder / name).write_bytes(content)
    code, said = run(folder)
    assert code == 1, said
    assert "Do not trust this log." in said


@pytest.mark.parametrize(
    "words",
    [
        ["--known", "nowhere"],
        ["--known", str(PROGRAM)],
        ["--witness", "w+00000000+AAAA"],
        ["--witness", vkey(KEY)],
        ["--witness", "w"],
        [*witnesses(1, 2, 3)],  # four are needed
        [*witnesses(), "--needed", "0"],
        ["--entry", "x"],
    ],
)
def test_what_cannot_be_checked_ends_with_two(tmp_path, words) -> None:
    assert run(export(tmp_path / "x"), *words)[0] == 2


def test_a_folder_that_is_no_export_ends_with_two(tmp_path) -> None:
    assert run(tmp_path)[0] == 2
    assert run(tmp_path / "nowhere")[0] == 2


def test_it_is_one_short_file_that_needs_cryptography_alone() -> None:
    text = PROGRAM.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 300
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(text))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}
