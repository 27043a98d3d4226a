"""How other identifiers come to their canonical form. Each line: what was typed, what is tokenised of it, and why."""

# ruff: noqa: RUF001

from datetime import date

import nhs_number
import polars as pl
import pytest
from drawn_lines import lines
from stdnum.gb import nhs, upn

from pseudonymise.normalise import identifier_forms
from schemas.contract import Identifier


def canonical(identifier: Identifier, *typed: object) -> list[str]:
    """What is tokenised of each value; "" if nothing is."""
    return [made or "" for made in identifier_forms(pl.Series(typed), identifier)[str(identifier)]]


NHS_NUMBERS = """
    9434765919         | 9434765919 | NHS Data Dictionary's form
    943 476 5919       | 9434765919 | as it is printed
    943-476-5919       | 9434765919 |
    999 000 0018       | 9990000018 | never issued, but right: test systems use these
    9434765918         |            | wrong check digit (modulus 11)
    1234567890         |            |
    9434765880         |            | its check digit would be 10, which no number has
    943476591          |            | a digit short
    94347659190        |            | one too many
    0000000000         |            | placeholders that pass the check
    4444444444         |            |
    9876543210         |            |
    9434765919.0       |            | what a spreadsheet makes of it is not mended
    9.43477E+09        |            | digits are lost
    ９４３４７６５９１９         |            | other digits than 0 to 9
    NULL               |            |
"""


@pytest.mark.parametrize(("typed", "expected", "why"), lines(NHS_NUMBERS))
def test_an_nhs_number_needs_its_check_digit(typed, expected, why):
    assert canonical(Identifier.NHS_NUMBER, typed) == [expected]


def test_nhs_numbers_are_right_where_two_libraries_say_so():
    placeholders = {"9876543210", *(digit * 10 for digit in "0123456789")}
    numbers = [f"{number:010}" for number in (*range(4_010_232_000, 4_010_234_000), *map(int, placeholders))]
    taken = {number for number, made in zip(numbers, canonical(Identifier.NHS_NUMBER, *numbers), strict=True) if made}
    assert taken == {number for number in numbers if nhs.is_valid(number)} - placeholders
    assert taken == {number for number in numbers if nhs_number.is_valid(number)} - placeholders


PNC_IDS = """
    2004/0712343W      | 2004/0712343W | the long form
    2004/712343w       | 2004/0712343W | without zeros, lower case
    20040712343W       | 2004/0712343W | without the slash
    04/712343W         | 2004/0712343W | the short form
    04/0712343W        | 2004/0712343W |
    04712343W          | 2004/0712343W |
    2004 / 712343 W    | 2004/0712343W | spaces
    79/163001B         | 1979/0163001B | years from 40 to 99 are of the last century
    79163001B          | 1979/0163001B |
    1979/0163001B      | 1979/0163001B |
    39/1U              | 2039/0000001U | years from 00 to 39 are of this one
    2004/0712343X      |               | wrong check letter
    2004/0712343I      |               | a letter that is none
    2004/0712343       |               | no letter
    2004/0000000V      |               | serial 0 stands for none
    1804/0712343W      |               | no such year
    2004/10712343W     |               | too long
    unknown            |               |
"""


@pytest.mark.parametrize(("typed", "expected", "why"), lines(PNC_IDS))
def test_a_pnc_id_has_two_forms_and_a_check_letter(typed, expected, why):
    assert canonical(Identifier.PNC_ID, typed) == [expected]


CRNS = """
    X123456            | X123456 | a letter and six digits
    x123456            | X123456 |
    X 123 456          | X123456 | spaces
    123456             |         | no letter
    X12345             |         | a digit short
    X1234567           |         | one too many
    XX12345            |         |
    X000000            |         | stands for none
    unknown            |         |
"""


@pytest.mark.parametrize(("typed", "expected", "why"), lines(CRNS))
def test_a_case_reference_number_has_one_form(typed, expected, why):
    assert canonical(Identifier.CRN, typed) == [expected]


UPNS = """
    B801200005001      | B801200005001 | check letter, authority, school, year, serial
    b801200005001      | B801200005001 |
    B801 2000 05 001   | B801200005001 | spaces
    M80120000500A      | M80120000500A | a temporary number ends in a letter
    A801200005001      |               | wrong check letter
    I801200005001      |               | a letter that is none
    B80120000500       |               | a digit short
    B8012000050011     |               | one too many
    M80120000500I      |               |
    A999999999999      |               | a placeholder, with the wrong letter
"""


@pytest.mark.parametrize(("typed", "expected", "why"), lines(UPNS))
def test_a_unique_pupil_number_needs_its_check_letter(typed, expected, why):
    assert canonical(Identifier.UPN, typed) == [expected]


def test_unique_pupil_numbers_are_right_where_a_library_says_so():
    numbers = [f"{letter}3144000050{serial:02}" for letter in "ABCDEFGHJKLMNPQRTUVWXYZ" for serial in range(100)]
    taken = [bool(made) for made in canonical(Identifier.UPN, *numbers)]
    assert taken == [upn.is_valid(number) for number in numbers]
    assert sum(taken) == 100


POSTCODES = """
    typed      | postcode | sector | district | why
    KT1 1EU    | KT1 1EU  | KT1 1  | KT1      | AA9
    kt11eu     | KT1 1EU  | KT1 1  | KT1      | lower case, no space
    KT1  1EU   | KT1 1EU  | KT1 1  | KT1      | Royal Mail's and ONS's fixed width
    KT11 1EU   | KT11 1EU | KT11 1 | KT11     | AA99
    M1 1AE     | M1 1AE   | M1 1   | M1       | A9
    B33 8TH    | B33 8TH  | B33 8  | B33      | A99
    W1A 1HQ    | W1A 1HQ  | W1A 1  | W1A      | A9A
    SW1A 2AA   | SW1A 2AA | SW1A 2 | SW1A     | AA9A
    SW1A-2AA   | SW1A 2AA | SW1A 2 | SW1A     | other signs
    GIR 0AA    | GIR 0AA  | GIR 0  | GIR      | the one of its own form
    ZZ99 3VZ   |          |        |          | ONS: no fixed abode
    ZZ99 3CZ   |          |        |          | ONS: England, not otherwise known
    ZZ99 3WZ   |          |        |          | ONS: not known
    NF1 1NF    |          |        |          | no fixed abode
    KT1        |          |        |          | a district is no postcode
    KT1 1      |          |        |          | nor a sector
    KT1 1EC    |          |        |          | no inward part has C, I, K, M, O or V
    QT1 1EU    |          |        |          | none begins with Q, V or X
    KI1 1EU    |          |        |          | nor has I, J or Z second
    KTI 1EU    |          |        |          | a letter I for a digit 1 is not mended
    unknown    |          |        |          |
"""


@pytest.mark.parametrize(("typed", "postcode", "sector", "district", "why"), lines(POSTCODES)[1:])
def test_a_postcode_is_real_or_none(typed, postcode, sector, district, why):
    forms = identifier_forms(pl.Series([typed]), Identifier.POSTCODE).row(0)
    assert tuple(form or "" for form in forms) == (postcode, sector, district)


UPRNS = """
    100021234567       | 100021234567 | up to twelve digits
    000100021234567    | 100021234567 | zeros in front
    100021234567.0     | 100021234567 | a whole number that a spreadsheet made a fraction
    1.00021E+11        |              | digits are lost
    1.00021e11         |              |
    100021234567.5     |              |
    0                  |              | stands for none
    1000212345678      |              | too long
    -100021234567      |              |
    NULL               |              |
"""


@pytest.mark.parametrize(("typed", "expected", "why"), lines(UPRNS))
def test_a_uprn_is_never_guessed(typed, expected, why):
    assert canonical(Identifier.UPRN, typed) == [expected]


BIRTHDAYS = """
    1987-03-12         | 1987-03-12 | 1987 | 03 | 12 | ISO 8601
    2000-02-29         | 2000-02-29 | 2000 | 02 | 29 | a leap year
    2005-01-01         | 2005-01-01 | 2005 | 01 | 01 | often a default, but a day that people are born on
    1970-01-01         | 1970-01-01 | 1970 | 01 | 01 |
    1987-12-03         | 1987-12-03 | 1987 | 12 | 03 | day and month are taken as they stand
    1987-13-03         |            |      |    |    | and never exchanged to make a date
    1987-02-30         |            |      |    |    | impossible
    1900-02-29         |            |      |    |    | 1900 was none
    1900-01-01         |            |      |    |    | what systems write for "unknown"
    1899-12-30         |            |      |    |    | a spreadsheet's day 0
    1753-01-01         |            |      |    |    | a database's first
    9999-12-31         |            |      |    |    | a database's last
    12/03/1987         |            |      |    |    | day or month first? the contract says, not the scheme
    12 March 1987      |            |      |    |    |
    1987-3-12          |            |      |    |    |
"""


@pytest.mark.parametrize(("typed", "whole", "year", "month", "day", "why"), lines(BIRTHDAYS))
def test_a_date_of_birth_is_a_real_day(typed, whole, year, month, day, why):
    forms = identifier_forms(pl.Series([typed]), Identifier.DATE_OF_BIRTH).row(0)
    assert tuple(form or "" for form in forms) == (whole, year, month, day)


def test_a_date_of_birth_may_come_as_a_date():
    assert canonical(Identifier.DATE_OF_BIRTH, date(1987, 3, 12), date(1900, 1, 1)) == ["1987-03-12", ""]


SEXES = """
    female         | female | the hub's words
    male           | male   |
    other          | other  |
    F              | female | letters
    m              | male   |
    2              | female | NHS Data Dictionary and ISO/IEC 5218
    1              | male   |
    9              | other  | NHS: indeterminate
    Indeterminate  | other  |
    X              |        | NHS: not known
    0              |        | ISO/IEC 5218: not known
    unknown        |        | an unknown sex is no evidence
"""


@pytest.mark.parametrize(("typed", "expected", "why"), lines(SEXES))
def test_a_sex_or_gender_is_taken_as_recorded(typed, expected, why):
    assert canonical(Identifier.SEX, typed) == [expected]
