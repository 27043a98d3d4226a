"""The page of the data dictionary says what the contracts say."""

from hub.settings import PROJECT
from publish.dictionary import dictionary
from schemas.published import MODELS, meanings


def test_the_page_is_up_to_date() -> None:
    page = (PROJECT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert page == dictionary(), "run: python -m publish.dictionary > docs/data-dictionary.md"


def test_every_column_of_every_table_is_explained() -> None:
    lines = dictionary().splitlines()
    for table in MODELS:
        for column, meaning in meanings(table).items():
            assert any(line.startswith(f"| `{column}` |") and meaning[:20] in line for line in lines)
