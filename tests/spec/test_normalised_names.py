"""How names come to their canonical form. Each line: what was typed, what is made of it (nothing: none), and why."""

# ruff: noqa: RUF001

import hashlib
import unicodedata

import polars as pl
import pytest
from drawn_lines import lines
from nicknames import with_names_csv_path

from pseudonymise.names import full_name, name_forms

NAMES = """
    Smith              | smith       | lower case
    SMITH              | smith       |
    O'Brien            | obrien      | apostrophes go, whatever their form
    O’Brien            | obrien      |
    O´Brien            | obrien      |
    O BRIEN            | obrien      | words are joined
    Smith-Jones        | smithjones  | hyphens part words
    Smith–Jones        | smithjones  | whatever their form
    Smith Jones        | smithjones  |
    de la Cruz         | delacruz    | particles are kept
    van der Berg       | vanderberg  |
    Vanderberg         | vanderberg  |
    al-Hassan          | alhassan    |
    Mac Donald         | macdonald   |
    Zoë                | zoe         | marks go
    Nuñez              | nunez       |
    Łukasz             | lukasz      | letters without a mark too
    Øystein            | oystein     |
    Straße             | strasse     |
    Ægir               | aegir       |
    Þór                | thor        |
    Đặng               | dang        |
    İpek               | ipek        | both of Turkish i's
    Işık               | isik        |
    ʿAlī               | ali         | signs of transliteration go
    ﬁnn                | finn        | ligatures
    Дмитрий            | dmitriy     | other scripts are transliterated (AnyAscii 0.3.3)
    Ὀδυσσεύς           | odysseys    |
    محمد               | mhmd        | vowels that are not written are not guessed
    王小明             | wangxiaoming |
    김민준             | gimminjun   |
    सुनील              | sunil       |
    Mr John            | john        | titles go
    Rev. Dr. John      | john        |
    Cllr Mrs Ann       | ann         |
    Lord               | lord        | not if nothing else is left
    Drew               | drew        | a title is a whole word
    Smith Jnr          | smith       | suffixes go
    Smith Jr. III      | smith       |
    Smith OBE PhD      | smith       |
    J.                 | j           | an initial alone is all there is
    J. R.              | jr          | two as well
    John R.            | john        | an initial after a name goes: others leave it out
    John R. Jr         | john        |
    O Neill            | oneill      | one before a name stays
    J Robert           | jrobert     |
    Unknown            |             | what stands for "no name"
    N/A                |             |
    NULL               |             |
    Not known          |             |
    Mrs                |             |
    Unknown male       |             |
    Baby Boy           |             | not yet named
    ---                |             | nothing to go by
    12345              |             |
"""


@pytest.mark.parametrize(("typed", "expected", "why"), lines(NAMES))
def test_a_name(typed, expected, why):
    assert (name_forms(pl.Series([typed]), "surname")["surname"][0] or "") == expected


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_is_the_same_however_its_characters_are_composed(form):
    typed = pl.Series(
        [unicodedata.normalize(form, name) for name in ("Zoë Nuñez", "Đặng", "김민준", "İpek", "Σίσυφος")]
    )
    assert name_forms(typed, "name")["name"].to_list() == ["zoenunez", "dang", "gimminjun", "ipek", "sisyfos"]


FORMS = """
    Robert           | rob    | R163 | the National Archives' own examples
    Rupert           | rup    | R163 |
    Ashcraft         | ash    | A261 | H does not part equal codes
    Tymczak          | tym    | T522 | a vowel does
    Pfister          | pfi    | P236 | the first letter has a code too
    Honeyman         | hon    | H555 |
    Ng               | ng     | N200 | filled with zeros
    Дмитрий          | dmi    | D536 | in any script
"""


@pytest.mark.parametrize(("typed", "prefix", "phonetic", "why"), lines(FORMS))
def test_the_forms_of_a_name_that_help_to_find_misspelt_ones(typed, prefix, phonetic, why):
    forms = name_forms(pl.Series([typed]), "surname").row(0, named=True)
    assert (forms["surname_prefix"], forms["surname_phonetic"] or "") == (prefix, phonetic)


VARIANTS = """
    Mohammed   | Muhammad   | yes | Arabic vowels and doubled letters as each clerk writes them
    Mohammed   | Mohamed    | yes |
    Hussein    | Hussain    | yes |
    Yusuf      | Youssef    | yes |
    Fatima     | Fatemeh    | yes |
    Müller     | Mueller    | yes | German umlauts written out
    Søren      | Soeren     | yes | Danish too
    Smith      | Smyth      | yes |
    Sergei     | Сергей     | yes | Cyrillic
    Catherine  | Katherine  | no  | another first letter; the family of a forename finds these
    Oleksandr  | Aleksandr  | no  |
"""


@pytest.mark.parametrize(("one", "other", "alike", "why"), lines(VARIANTS))
def test_variants_of_transliteration_sound_alike(one, other, alike, why):
    phonetic = name_forms(pl.Series([one, other]), "forename")["forename_phonetic"]
    assert (phonetic[0] == phonetic[1]) == (alike == "yes")


FULL_NAMES = """
    Jan        | Kowalski    | jan kowalski          | words in order of code points
    Kowalski   | Jan         | jan kowalski          | so that names in each other's place are the same
    Ana Maria  | de la Cruz  | ana cruz de la maria  |
    Mr Li      | Wei         | li wei                | without titles
    Unknown    | Smith       |                       | half a name is none
"""


@pytest.mark.parametrize(("forename", "surname", "expected", "why"), lines(FULL_NAMES))
def test_a_full_name_has_no_order(forename, surname, expected, why):
    words = [name_forms(pl.Series([typed]), "name")["name_words"] for typed in (forename, surname)]
    assert (full_name(*words)[0] or "") == expected


FAMILIES = """
    Joseph     | joseph                                 | a formal name is a family of its own
    Elizabeth  | beth eliza elizabeth                   | the table has some names both ways
    Betty      | beth betty elizabeth                   | a nickname is of every name that the table gives it
    Bill       | bill robert will william willis        | Bill may be Robert: nothing is guessed
    Jack       | jack jackson jacqueline john           |
    Zeynep     | zeynep                                 | a name that the table does not have
    Ann Marie  | annmarie                               | the whole canonical name, not a part
    Unknown    |                                        | no name, no family
"""


@pytest.mark.parametrize(("typed", "expected", "why"), lines(FAMILIES))
def test_the_family_of_a_forename(typed, expected, why):
    assert (name_forms(pl.Series([typed]), "forename")["forename_family"][0] or "") == expected


def test_the_table_of_nicknames_is_the_one_that_the_scheme_names():
    with with_names_csv_path() as path:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    assert found == "f370c99f12a564f4f074192ba690f242b7857d53a4ea60257366e365cc63a276"
