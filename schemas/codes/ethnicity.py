"""Ethnicity. Each authority's finer codes become broad groups; the finer code is not kept.

Broad groups follow the harmonised standard of the Government Statistical Service (2011), which counts Chinese among
Asian.
"""

from schemas.codes.code_list import CodeList, grouped

ETHNIC_GROUPS = ("asian", "black", "mixed", "white", "other", "unknown")

ETHNICITY_SELF_DEFINED = CodeList(
    "Self-defined ethnicity (16+1)",
    grouped(
        {
            "asian": "A1 A2 A3 A4 A9 O1",
            "black": "B1 B2 B9",
            "mixed": "M1 M2 M3 M9",
            "white": "W1 W2 W3 W9",
            "other": "O2 O9",
            "unknown": "NS N1 N2 N3",
        }
    ),
    source='Home Office, self-defined ethnicity "16+1", with the additions of the census ("18+1")',
    version="2011",
    verified=False,
)
ETHNICITY_NHS = CodeList(
    "Ethnic category",
    grouped(
        {
            "asian": "H J K L R",
            "black": "M N P",
            "mixed": "D E F G",
            "white": "A B C",
            "other": "S",
            "unknown": "Z 99",
        }
    ),
    source="NHS Data Model and Dictionary, ETHNIC CATEGORY",
    version="2001 census categories",
    verified=False,
)
ETHNICITY_DFE = CodeList(
    "Ethnicity, main codes",
    grouped(
        {
            "asian": "AIND APKN ABAN AOTH CHNE",
            "black": "BCRB BAFR BOTH",
            "mixed": "MWBC MWBA MWAS MOTH",
            "white": "WBRI WIRI WIRT WROM WOTH",
            "other": "OOTH",
            "unknown": "REFU NOBT",
        }
    ),
    source="Department for Education, Common Basic Data Set, ethnicity main codes",
    version="main codes",
    verified=False,
)
