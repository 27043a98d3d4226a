"""How values are written."""

from datetime import UTC, date, datetime

from console import writing


def test_an_instant_is_in_londons_time_with_utc_beside_it():
    summer, winter = datetime(2026, 7, 31, 23, 30, tzinfo=UTC), datetime(2026, 12, 31, 23, 30, tzinfo=UTC)

    assert ">1 Aug 2026, 00:30:00<" in writing.instant(summer)
    assert 'title="31 Jul 2026, 23:30:00 UTC"' in writing.instant(summer)
    assert 'datetime="2026-07-31T23:30:00Z"' in writing.instant(summer)
    assert ">31 Dec 2026, 23:30:00<" in writing.instant(winter)
    assert writing.today(summer) == date(2026, 8, 1)


def test_numbers_have_separators_and_words_their_number():
    assert writing.count(1234567) == "1,234,567"
    assert writing.counted(1, "entry", "entries") == "1 entry"
    assert writing.counted(2000, "entry", "entries") == "2,000 entries"
    assert writing.counted(2, "hour") == "2 hours"


def test_values_of_any_kind_can_be_read():
    assert writing.value(True) == "yes"
    assert writing.value(12345) == "12,345"
    assert writing.value(0.5) == "0.5"
    assert writing.value(["a", "b"]) == "a, b"


def test_a_shortened_hash_keeps_the_whole_one():
    assert 'title="' + "ab" * 32 + '"' in writing.brief("ab" * 32)


def test_what_is_written_is_escaped():
    assert "<" not in str(writing.brief("<script>")).removeprefix("<code").removesuffix("</code>").replace("<code", "")
