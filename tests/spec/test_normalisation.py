"""How identifiers come to their canonical form. Each line: what was typed, and what is tokenised (nothing: none)."""

# ruff: noqa: RUF001

from datetime import date

import polars as pl
import pytest

from pseudonymise.names import full_name, name_forms
from pseudonymise.normalise import identifier_forms
from schemas.contract import Identifier


def rows(table):
    """The lines of a table, cut at the bar and stripped."""
    lines = [line for line in table.strip("\n").splitlines() if line.strip()]
    return [tuple(cell.strip() for cell in line.split("|")) for line in lines]


def canonical(identifier, typed):
    return identifier_forms(pl.Series([typed]), identifier)[str(identifier)][0] or ""


NAMES = """
    Smith              | smith
    SMITH              | smith
    O'Brien            | obrien
    O’Brien            | obrien
    O BRIEN            | obrien
    Smith-Jones        | smithjones
    Smith Jones        | smithjones
    de la Cruz         | delacruz
    Zoë                | zoe
    Nuñez              | nunez
    Łukasz             | lukasz
    Øystein            | oystein
    Straße             | strasse
    Ægir               | aegir
    Đặng               | dang
    İpek               | ipek
    Işık               | isik
    ʿAlī               | ali
    محمد               | محمد
    Mr John            | john
    Rev. Dr. John      | john
    Lord               | lord
    Smith Jnr          | smith
    Smith Jr. III      | smith
    J.                 | j
    Unknown            |
    N/A                |
    NULL               |
    Not known          |
    Mrs                |
    ---                |
"""


@pytest.mark.parametrize(("typed", "expected"), rows(NAMES))
def test_a_name(typed, expected):
    assert (name_forms(pl.Series([typed]), "surname")["surname"][0] or "") == expected


FORMS = """
    typed            | prefix | phonetic
    Robert           | rob    | R163
    Rupert           | rup    | R163
    Ashcraft         | ash    | A261
    Tymczak          | tym    | T522
    Pfister          | pfi    | P236
    Ng               | ng     | N200
    محمد             | محم    |
"""


@pytest.mark.parametrize(("typed", "prefix", "phonetic"), rows(FORMS)[1:])
def test_the_forms_of_a_name_that_help_to_find_misspelt_ones(typed, prefix, phonetic):
    forms = name_forms(pl.Series([typed]), "surname").row(0, named=True)
    assert (forms["surname_prefix"], forms["surname_phonetic"] or "") == (prefix, phonetic)


FULL_NAMES = """
    forename   | surname     | full name
    Jan        | Kowalski    | jan kowalski
    Kowalski   | Jan         | jan kowalski
    Ana Maria  | de la Cruz  | ana cruz de la maria
    Mr Li      | Wei         | li wei
    Unknown    | Smith       |
"""


@pytest.mark.parametrize(("forename", "surname", "expected"), rows(FULL_NAMES)[1:])
def test_a_full_name_has_no_order(forename, surname, expected):
    words = [name_forms(pl.Series([typed]), "name")["name_words"] for typed in (forename, surname)]
    assert (full_name(*words)[0] or "") == expected


NHS_NUMBERS = """
    9434765919         | 9434765919
    943 476 5919       | 9434765919
    943-476-5919       | 9434765919
    9434765918         |
    943476591          |
    0000000000         |
    4444444444         |
    9876543210         |
    9434765919.0       |
    NULL               |
"""


@pytest.mark.parametrize(("typed", "expected"), rows(NHS_NUMBERS))
def test_an_nhs_number_needs_its_check_digit(typed, expected):
    assert canonical(Identifier.NHS_NUMBER, typed) == expected


PNC_IDS = """
    2004/0712343W      | 2004/0712343W
    2004/712343w       | 2004/0712343W
    20040712343W       | 2004/0712343W
    04/712343W         | 2004/0712343W
    04712343W          | 2004/0712343W
    79/163001B         | 1979/0163001B
    79163001B          | 1979/0163001B
    1979/0163001B      | 1979/0163001B
    2004/0712343X      |
    2004/0000000V      |
    1804/0712343W      |
    unknown            |
"""


@pytest.mark.parametrize(("typed", "expected"), rows(PNC_IDS))
def test_a_pnc_id_has_two_forms_and_a_check_letter(typed, expected):
    assert canonical(Identifier.PNC_ID, typed) == expected


POSTCODES = """
    typed      | postcode | sector | district
    KT1 1EU    | KT1 1EU  | KT1 1  | KT1
    kt11eu     | KT1 1EU  | KT1 1  | KT1
    KT11 1EU   | KT11 1EU | KT11 1 | KT11
    W1A 1HQ    | W1A 1HQ  | W1A 1  | W1A
    SW1A 2AA   | SW1A 2AA | SW1A 2 | SW1A
    GIR 0AA    | GIR 0AA  | GIR 0  | GIR
    ZZ99 3VZ   |          |        |
    NF1 1NF    |          |        |
    KT1        |          |        |
    KT1 1EC    |          |        |
    QT1 1EU    |          |        |
    unknown    |          |        |
"""


@pytest.mark.parametrize(("typed", "postcode", "sector", "district"), rows(POSTCODES)[1:])
def test_a_postcode_is_real_or_none(typed, postcode, sector, district):
    forms = identifier_forms(pl.Series([typed]), Identifier.POSTCODE).row(0)
    assert tuple(form or "" for form in forms) == (postcode, sector, district)


UPRNS = """
    100021234567       | 100021234567
    000100021234567    | 100021234567
    100021234567.0     | 100021234567
    1.00021E+11        |
    0                  |
    1000212345678      |
    NULL               |
"""


@pytest.mark.parametrize(("typed", "expected"), rows(UPRNS))
def test_a_uprn_is_never_guessed(typed, expected):
    assert canonical(Identifier.UPRN, typed) == expected


BIRTHDAYS = """
    1987-03-12         | 1987-03-12 | 1987 | 03 | 12
    1900-01-01         |            |      |    |
    1899-12-31         |            |      |    |
    1987-02-30         |            |      |    |
    12/03/1987         |            |      |    |
    2000-02-29         | 2000-02-29 | 2000 | 02 | 29
"""


@pytest.mark.parametrize(("typed", "whole", "year", "month", "day"), rows(BIRTHDAYS))
def test_a_date_of_birth_is_a_real_day(typed, whole, year, month, day):
    forms = identifier_forms(pl.Series([typed]), Identifier.DATE_OF_BIRTH).row(0)
    assert tuple(form or "" for form in forms) == (whole, year, month, day)


def test_a_date_of_birth_may_come_as_a_date():
    assert canonical(Identifier.DATE_OF_BIRTH, date(1987, 3, 12)) == "1987-03-12"
    assert canonical(Identifier.DATE_OF_BIRTH, date(1900, 1, 1)) == ""


SEXES = """
    female   | female
    male     | male
    other    | other
    unknown  |
"""


@pytest.mark.parametrize(("typed", "expected"), rows(SEXES))
def test_an_unknown_sex_is_no_evidence(typed, expected):
    assert canonical(Identifier.SEX, typed) == expected
