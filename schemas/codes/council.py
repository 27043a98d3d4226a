"""The council's code lists."""

from schemas.codes.code_list import CodeList

EXCLUSION_REASON = CodeList(
    "Reason of a suspension or permanent exclusion",
    {
        "PP": "physical assault against a pupil",
        "PA": "physical assault against an adult",
        "VP": "verbal abuse or threatening behaviour against a pupil",
        "VA": "verbal abuse or threatening behaviour against an adult",
        "OW": "use or threat of use of an offensive weapon or prohibited item",
        "BU": "bullying",
        "RA": "racist abuse",
        "LG": "abuse against sexual orientation and gender identity",
        "DS": "abuse relating to disability",
        "SM": "sexual misconduct",
        "DA": "drug and alcohol related",
        "DM": "damage",
        "DB": "persistent or general disruptive behaviour",
        "TH": "theft",
        "MT": "inappropriate use of social media or online technology",
        "PH": "transgression of public health protective measures",
        "OT": "other",
    },
    source="Department for Education, Common Basic Data Set, suspension and permanent exclusion reasons",
    version="from 2020",
    verified=False,
)
EXCLUSION_CATEGORY = CodeList(
    "Suspension or permanent exclusion",
    {"SUSP": "suspension", "PERM": "permanent exclusion"},
    source="Department for Education, Common Basic Data Set, exclusion category",
    version="from 2020",
    verified=False,
)
SEN_PROVISION = CodeList(
    "Provision for special educational needs",
    {"N": "none", "K": "support", "E": "education, health and care plan"},
    source="Department for Education, Common Basic Data Set, SEN provision",
    version="from 2014",
    verified=False,
)

ASB_CATEGORY = CodeList(
    "Category of anti-social behaviour",
    {"PERSONAL": "personal", "NUISANCE": "nuisance", "ENVIRONMENTAL": "environmental"},
    source="Home Office, National Standard for Incident Recording, anti-social behaviour",
    version="2011",
    verified=False,
)
ASB_TYPE = CodeList(
    "Type of anti-social behaviour",
    {
        "HARASSMENT": "harassment or intimidation",
        "THREATS": "threats or verbal abuse",
        "HATE": "hate incident",
        "NEIGHBOUR": "neighbour dispute",
        "NOISE": "noise",
        "ROWDY": "rowdy behaviour",
        "STREET_DRINKING": "street drinking",
        "DRUGS": "drug use or dealing",
        "BEGGING": "begging",
        "VEHICLE": "vehicle nuisance",
        "FIREWORKS": "fireworks",
        "FLY_TIPPING": "fly-tipping",
        "GRAFFITI": "graffiti",
        "LITTER": "litter or drug paraphernalia",
        "ABANDONED": "abandoned vehicle",
        "ANIMAL": "animal nuisance",
    },
    source="the hub's proposal, after the types of the former National Standard for Incident Recording",
    version="1",
    verified=False,
)
ASB_CATEGORY_OF_TYPE = {
    **dict.fromkeys(("harassment or intimidation", "threats or verbal abuse", "hate incident"), "personal"),
    **dict.fromkeys(("fly-tipping", "graffiti", "litter or drug paraphernalia", "abandoned vehicle"), "environmental"),
}
"""The types that belong to one category alone; any other may be personal or nuisance, by whom it was aimed at."""

ASB_PLACE = CodeList(
    "Where anti-social behaviour happened",
    {
        "STREET": "street",
        "PARK": "park or open space",
        "TOWN_CENTRE": "town centre",
        "LICENSED": "licensed premises",
        "TRANSPORT": "public transport or station",
        "SCHOOL": "school",
        "ESTATE": "communal area of housing",
        "DWELLING": "dwelling",
        "RIVERSIDE": "riverside",
        "CAR_PARK": "car park",
        "OTHER": "other",
    },
    source="the hub's proposal",
    version="1",
    verified=False,
)
ASB_ACTION = CodeList(
    "What was done about anti-social behaviour",
    {
        "NONE": "none",
        "ADVICE": "advice",
        "WARNING": "warning letter",
        "MEDIATION": "mediation",
        "ABC": "acceptable behaviour contract",
        "CPW": "community protection warning",
        "CPN": "community protection notice",
        "PSPO": "public spaces protection order enforced",
        "INJUNCTION": "civil injunction",
        "CBO": "criminal behaviour order",
        "CLOSURE": "closure order",
        "FPN": "fixed penalty notice",
        "REFERRED": "referred to another agency",
    },
    source="Anti-social Behaviour, Crime and Policing Act 2014, Parts 1 to 4; the codes are the hub's proposal",
    version="1",
    verified=False,
)

EXPLOITATION_TYPE = CodeList(
    "Kind of exploitation of a child",
    {
        "CSE": "child sexual exploitation",
        "CCE": "child criminal exploitation",
        "CL": "county lines",
        "LABOUR": "labour exploitation",
        "DOMESTIC": "domestic servitude",
        "RADICALISATION": "radicalisation",
        "OTHER": "other",
    },
    source="the hub's proposal, after Working Together to Safeguard Children",
    version="1",
    verified=False,
)
EXPLOITATION_OUTCOME = CodeList(
    "What a child exploitation panel decided",
    {
        "NFA": "no further action",
        "EH": "early help",
        "CIN": "child in need plan",
        "CP": "child protection enquiry",
        "SAFETY": "exploitation safety plan",
        "DISRUPT": "disruption of those who exploit",
        "ALREADY": "already known and planned for",
    },
    source="the hub's proposal",
    version="1",
    verified=False,
)

NRM_EXPLOITATION = CodeList(
    "Kind of exploitation of a potential victim of modern slavery",
    {
        "LABOUR": "labour",
        "SEXUAL": "sexual",
        "CRIMINAL": "criminal",
        "DOMESTIC": "domestic servitude",
        "LABOUR_CRIMINAL": "labour and criminal",
        "LABOUR_SEXUAL": "labour and sexual",
        "CRIMINAL_SEXUAL": "criminal and sexual",
        "OTHER_COMBINATION": "another combination",
        "UNKNOWN": "not known",
    },
    source="Home Office, National Referral Mechanism statistics, exploitation types; the codes are the hub's proposal",
    version="2023",
    verified=False,
)
NRM_FIRST_RESPONDER = CodeList(
    "First responder",
    {
        "LA": "local authority",
        "POLICE": "police",
        "GLAA": "Gangmasters and Labour Abuse Authority",
        "UKVI": "UK Visas and Immigration",
        "BF": "Border Force",
        "IE": "Immigration Enforcement",
        "NCA": "National Crime Agency",
        "NGO": "non-governmental organisation",
    },
    source="Home Office, modern slavery statutory guidance, first responders; the codes are the hub's proposal",
    version="2023",
    verified=False,
)
NRM_DECISION = CodeList(
    "Decision of a competent authority",
    {
        "PENDING": "pending",
        "POSITIVE": "positive",
        "NEGATIVE": "negative",
        "SUSPENDED": "suspended",
        "WITHDRAWN": "withdrawn",
    },
    source="Home Office, National Referral Mechanism statistics; the codes are the hub's proposal",
    version="2023",
    verified=False,
)
NRM_AGE_GROUP = CodeList(
    "Whether exploited as an adult or as a child",
    {"CHILD": "child", "ADULT": "adult", "UNKNOWN": "unknown"},
    source="Home Office, National Referral Mechanism statistics; the codes are the hub's proposal",
    version="2023",
    verified=False,
)
EXPLOITATION_SUPPORT = CodeList(
    "Support of a child who is exploited",
    {
        "MENTOR": "mentoring",
        "OUTREACH": "detached youth work",
        "FAMILY": "family therapy",
        "THERAPY": "trauma-informed therapy",
        "EH": "early help",
    },
    source="Youth Endowment Fund, toolkit of approaches; the codes are the hub's proposal",
    version="1",
    verified=False,
)
