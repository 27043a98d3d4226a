"""Code lists of the Department for Education's two returns on children: the census of need, and SSDA903."""

from schemas.codes.code_list import CodeList, grouped

_CENSUS = "Department for Education, children in need census, by the schema that London's councils validate with"
_SSDA903 = "Department for Education, SSDA903 return; codes by the councils' open validator, words from descriptions"

SEX_CENSUS = CodeList(
    "Gender or sex in the children in need census",
    {"0": "unknown", "1": "male", "2": "female", "9": "other", "M": "male", "F": "female", "U": "unknown"},
    source=f"{_CENSUS}; letters from 2024-25",
    version="2023-24",
    verified=True,
)
REFERRAL_SOURCE = CodeList(
    "Source of a referral to children's social care",
    grouped(
        {
            "family": "1A",
            "acquaintance": "1B",
            "self": "1C",
            "other individual": "1D",
            "school": "2A",
            "education services": "2B",
            "health": "3A 3B 3C 3D 3F",
            "emergency department": "3E",
            "housing": "4",
            "social care": "5A",
            "other council service": "5B",
            "another council": "5C",
            "early help": "5D",
            "police": "6",
            "other legal agency": "7",
            "other": "8",
            "anonymous": "9",
            "unknown": "10",
        }
    ),
    source=_CENSUS,
    version="2023-24",
    verified=True,
)
PRIMARY_NEED = CodeList(
    "Primary need of a child",
    {
        "N0": "not stated",
        "N1": "abuse or neglect",
        "N2": "child's disability",
        "N3": "parental disability or illness",
        "N4": "family in acute stress",
        "N5": "family dysfunction",
        "N6": "socially unacceptable behaviour",
        "N7": "low income",
        "N8": "absent parenting",
        "N9": "cases other than children in need",
    },
    source=_CENSUS,
    version="2023-24",
    verified=True,
)
CLOSURE_REASON = CodeList(
    "Why a case was closed",
    {
        "RC1": "adopted",
        "RC2": "died",
        "RC3": "child arrangements order",
        "RC4": "special guardianship order",
        "RC5": "transferred to another council",
        "RC6": "transferred to adult social care",
        "RC7": "services ceased for another reason",
        "RC8": "closed after assessment, no further action",
        "RC9": "closed after assessment, referred to early help",
    },
    source=_CENSUS,
    version="2023-24",
    verified=True,
)
CATEGORY_OF_ABUSE = CodeList(
    "Category of abuse of a child protection plan",
    {"NEG": "neglect", "PHY": "physical abuse", "SAB": "sexual abuse", "EMO": "emotional abuse", "MUL": "multiple"},
    source=_CENSUS,
    version="2023-24",
    verified=True,
)
ASSESSMENT_FACTOR = CodeList(
    "Factor identified at the end of an assessment",
    grouped(
        {
            "alcohol misuse by the child": "1A",
            "alcohol misuse in the household": "1B 1C",
            "drug misuse by the child": "2A",
            "drug misuse in the household": "2B 2C",
            "domestic violence against the child": "3A",
            "domestic violence in the household": "3B 3C",
            "mental health of the child": "4A",
            "mental health in the household": "4B 4C",
            "learning disability": "5A 5B 5C",
            "physical disability or illness": "6A 6B 6C",
            "young carer": "7A",
            "privately fostered": "8B 8C 8D 8E 8F",
            "unaccompanied asylum-seeking child": "9A",
            "going missing": "10A",
            "child sexual exploitation": "11A",
            "trafficking": "12A",
            "gangs": "13A",
            "socially unacceptable behaviour": "14A",
            "self-harm": "15A",
            "neglect": "16A",
            "emotional abuse": "17A",
            "physical abuse by a child": "18B",
            "physical abuse by an adult": "18C",
            "sexual abuse by a child": "19B",
            "sexual abuse by an adult": "19C",
            "other": "20",
            "no factors identified": "21",
            "female genital mutilation": "22A",
            "abuse linked to faith or belief": "23A",
            "child criminal exploitation": "24A",
        }
    ),
    source=_CENSUS,
    version="2023-24",
    verified=True,
)

SEX_SSDA903 = CodeList(
    "Sex in the SSDA903 return", {"1": "male", "2": "female"}, source=_SSDA903, version="2017-24", verified=False
)
EPISODE_REASON = CodeList(
    "Why a new episode of care began",
    {
        "S": "started to be looked after",
        "L": "change of legal status",
        "P": "change of placement",
        "T": "change of placement, same carer",
        "B": "change of legal status and placement",
        "U": "change of legal status and placement, same carer",
    },
    source=_SSDA903,
    version="2017-24",
    verified=False,
)
LEGAL_STATUS = CodeList(
    "Legal status of a looked-after child",
    {
        "C1": "interim care order",
        "C2": "full care order",
        "D1": "freeing order",
        "E1": "placement order",
        "V2": "single period of accommodation (section 20)",
        "V3": "short breaks",
        "V4": "short breaks",
        "L1": "police protection",
        "L2": "emergency protection order",
        "L3": "child assessment order",
        "J1": "remand or detention",
        "J2": "police and criminal evidence act detention",
        "J3": "sentenced with residence requirement",
    },
    source=_SSDA903,
    version="2017-24",
    verified=False,
)
PLACEMENT = CodeList(
    "Kind of placement",
    grouped(
        {
            "foster care": "U1 U2 U3 U4 U5 U6",
            "placed for adoption": "A3 A4 A5 A6",
            "secure children's home": "K1",
            "children's home": "K2",
            "supported accommodation": "H5",
            "with parents": "P1",
            "independent living": "P2",
            "residential employment": "P3",
            "residential care home": "R1",
            "health or nursing establishment": "R2",
            "family centre": "R3",
            "young offender institution or prison": "R5",
            "residential school": "S1",
            "temporary": "T0 T1 T2 T3 T4",
            "other": "Z1",
        }
    ),
    source=_SSDA903,
    version="2017-24",
    verified=False,
)
EPISODE_END = CodeList(
    "Why an episode of care ended",
    grouped(
        {
            "next episode began": "X1",
            "adopted": "E11 E12",
            "died": "E2",
            "care taken over by another council": "E3",
            "returned home": "E4A E4B",
            "left care to live with another": "E13",
            "residence or special guardianship order": "E41 E43 E44",
            "independent living": "E5 E6",
            "transferred to adult services": "E7",
            "sentenced to custody": "E9",
            "accommodation on remand ended": "E14",
            "age assessed as adult": "E15",
            "moved abroad": "E16",
            "aged 18 and stayed with carers": "E17",
            "ceased for another reason": "E8",
        }
    ),
    source=_SSDA903,
    version="2017-24",
    verified=False,
)
