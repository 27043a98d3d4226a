"""The police's code lists."""

from schemas.codes.code_list import CodeList, words

STREET_CRIME = CodeList(
    "Crime category",
    words(
        "anti-social-behaviour", "bicycle-theft", "burglary", "criminal-damage-arson", "drugs", "other-crime",
        "other-theft", "possession-of-weapons", "public-order", "robbery", "shoplifting", "theft-from-the-person",
        "vehicle-crime", "violent-crime",
    ),
    source="data.police.uk, crime categories",
    version="as in its records of 2016-01 to 2017-06",
    verified=True,
)  # fmt: skip
