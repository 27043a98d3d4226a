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
WEAPON = CodeList(
    "Weapon",
    words(
        "None", "Knife", "Other Sharp", "Blunt", "Firearm", "Imitation Firearm", "Corrosive", "Vehicle", "Other",
        "Unknown",
    ),
    source="the hub's proposal; forces record it in words of their own",
    version="1",
    verified=False,
)  # fmt: skip
RELATIONSHIP = CodeList(
    "The suspect, to the victim",
    words("Partner", "Ex-partner", "Family", "Acquaintance", "Stranger", "Other", "Unknown"),
    source="the hub's proposal; forces record it in words of their own",
    version="1",
    verified=False,
)
PLACE_TYPE = CodeList(
    "Kind of place",
    words(
        "Dwelling", "Street", "Licensed Premises", "Education", "Shop", "Transport", "Open Space", "Workplace", "Other",
        "Unknown",
    ),
    source="the hub's proposal; forces record it in words of their own",
    version="1",
    verified=False,
)  # fmt: skip
OUTCOME_TYPE = CodeList(
    "Outcome type",
    {
        "1": "charged or summonsed",
        "1A": "charged or summonsed with another offence",
        "2": "youth caution",
        "2A": "youth caution for another offence",
        "3": "adult caution",
        "3A": "adult caution for another offence",
        "4": "taken into consideration",
        "5": "suspect died",
        "6": "penalty notice",
        "7": "drugs warning",
        "8": "community resolution",
        "9": "prosecution not in the public interest",
        "10": "police action not in the public interest",
        "11": "suspect under age",
        "12": "suspect too ill",
        "13": "victim or key witness dead or too ill",
        "14": "no suspect identified, victim does not support action",
        "15": "evidential difficulties, victim supports action",
        "16": "evidential difficulties, victim does not support action",
        "17": "time limit expired",
        "18": "no suspect identified",
        "20": "other agency acts",
        "21": "further investigation not in the public interest",
        "22": "diversion, education or intervention",
    },
    source="Home Office, crime outcomes framework; the words are the hub's",
    version="outcome types 1 to 22",
    verified=False,
)
