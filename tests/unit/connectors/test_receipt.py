"""A partner's receipt: what is understood of it, and what is refused rather than passed over."""

import json

import pytest

from connectors.page import Receipt
from connectors.receipt import MOST_BYTES, read_receipt

NAME, HASH, OTHER = "rows_2026-Q3.csv", "ab" * 32, "cd" * 32


@pytest.mark.parametrize(
    "text",
    [
        f"{HASH}  {NAME}\n",
        f"{HASH} *{NAME}\r\n",
        f"{HASH.upper()}  outgoing/{NAME}\n",
        f"SHA256 ({NAME}) = {HASH}\n",
        HASH,
        f"\ufeff{HASH}  {NAME}",
        f"{OTHER}  another.csv\n{HASH}  {NAME}\n",
        json.dumps({"sha256": HASH.upper()}),
    ],
    ids=["GNU", "binary", "folder, capitals", "BSD", "bare", "byte order mark", "of several", "JSON"],
)
def test_a_hash_is_read_in_every_form_that_partners_write(text) -> None:
    assert read_receipt(text.encode(), NAME) == Receipt(sha256=HASH)


def test_counts_and_sums_are_taken_as_they_are_written() -> None:
    text = '{"rows": 12, "totals": {"Harm": 12345678901234567890.10, "Days": "7", "Weight": -1e2}}'
    said = read_receipt(text.encode(), NAME)
    assert said == Receipt(rows=12, totals={"Harm": "12345678901234567890.10", "Days": "7", "Weight": "-1e2"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        f"{OTHER}  another.csv\n",
        f"{HASH}  {NAME}\n{OTHER}  {NAME}\n",
        f"{HASH[:-1]}  {NAME}\n",
        f"{HASH}  {NAME}\nand more\n",
        '{"sha_256": "' + HASH + '"}',
        '{"sha256": "' + HASH[:-2] + '"}',
        '{"rows": -1}',
        '{"rows": "many"}',
        '{"rows": true}',
        '{"rows": 1' + "0" * 5000 + "}",
        '{"rows": 1, "rows": 2}',
        '{"totals": {"Harm": NaN}}',
        '{"totals": {"Harm": "much"}}',
        '{"totals": {"Harm": [1]}}',
        '{"totals": [1]}',
        '{"rows": 1',
        '{"totals": ' + "[" * 20000,
        " " * MOST_BYTES + HASH,
    ],
)
def test_what_says_nothing_or_something_else_is_refused(text) -> None:
    with pytest.raises(ValueError, match=r"^it|^its") as refused:
        read_receipt(text.encode(), NAME)
    assert type(refused.value) is ValueError
    assert len(str(refused.value)) < 100


@pytest.mark.parametrize("body", [b"\xff\xfe" + HASH.encode("utf-16-le"), b"\x00" * 64])
def test_what_is_no_text_is_refused(body) -> None:
    with pytest.raises(ValueError, match=r"^it is"):
        read_receipt(body, NAME)
