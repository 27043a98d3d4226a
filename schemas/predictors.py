"""The columns of OASys's risk predictors, by the names of its answers; a supervision carries its latest assessment.

An answer holds a group for each predictor. Older assessments lack the new predictors and name the sexual ones
otherwise, so a delivery may lack any of these columns. The weights that a score is made of are dropped unread.

OGRS: any reoffending, from the record. OGP and OVP: any and violent, from the whole assessment. OSP: sexual.
RSR: serious violent or sexual. SNSV: serious, not sexual, violent.
"""

from typing import Any

from schemas import codes
from schemas.columns import Instant, Rows, column
from schemas.readings import code, local_instant, number, whole_number

AT = "riskPredictors"
_NEW = f"{AT}.newActuarialPredictors"
_PERCENT = {"min_value": 0, "max_value": 100}
_WEIGHTS = {
    "OGP": ("ogpStWesc", "ogpDyWesc", "ogpTotWesc"),
    "OVP": (
        "ovpStWesc", "ovpDyWesc", "ovpTotWesc", "ovpPrevWesc", "ovpNonVioWesc", "ovpAgeWesc", "ovpVioWesc",
        "ovpSexWesc",
    ),
    "RSR": ("rsrExceptionError",),
    "newActuarialPredictors": (
        "ogrs4gCalculated", "ogrs4vCalculated", "ogp2Calculated", "ovp2Calculated", "snsvStaticCalculated",
        "snsvDynamicCalculated",
    ),
}  # fmt: skip
UNREAD = frozenset(f"{AT}.{group}.{name}" for group, names in _WEIGHTS.items() for name in names)


def _score(source: str, meaning: str) -> Any:
    said = f"{meaning}, per cent"
    return column(source, number(), said, person=True, may_be_missing=True, nullable=True, in_range=_PERCENT)


def _band(source: str, meaning: str) -> Any:
    reading = code(codes.PREDICTOR_BAND)
    return column(source, reading, f"{meaning}, banded", person=True, nullable=True, may_be_missing=True)


class Predictors(Rows):
    """What the latest OASys assessment predicts of a person."""

    assessment_type: str = column(
        f"{AT}.assessmentType",
        code(codes.ASSESSMENT_TYPE),
        "Kind of the latest assessment",
        person=True,
        nullable=True,
        may_be_missing=True,
    )
    assessed_at: Instant = column(
        f"{AT}.dateCompleted",
        local_instant("%Y-%m-%dT%H:%M:%S"),
        "When it was completed",
        person=True,
        nullable=True,
        may_be_missing=True,
    )
    ogrs3_1_year: float = _score(f"{AT}.OGRS.ogrs31Year", "OGRS3: reconviction within one year")
    ogrs3_2_year: float = _score(f"{AT}.OGRS.ogrs32Year", "OGRS3: reconviction within two years")
    ogrs3_band: str = _band(f"{AT}.OGRS.ogrs3RiskRecon", "OGRS3: reconviction")
    ogp_1_year: float = _score(f"{AT}.OGP.ogp1Year", "OGP: any reoffending within one year")
    ogp_2_year: float = _score(f"{AT}.OGP.ogp2Year", "OGP: any reoffending within two years")
    ogp_band: str = _band(f"{AT}.OGP.ogpRisk", "OGP: any reoffending")
    ovp_1_year: float = _score(f"{AT}.OVP.ovp1Year", "OVP: violent reoffending within one year")
    ovp_2_year: float = _score(f"{AT}.OVP.ovp2Year", "OVP: violent reoffending within two years")
    ovp_band: str = _band(f"{AT}.OVP.ovpRisk", "OVP: violent reoffending")
    ogrs4_general_2_year: float = _score(f"{_NEW}.ogrs4gYr2", "OGRS4: any reoffending within two years")
    ogrs4_general_band: str = _band(f"{_NEW}.ogrs4gBand", "OGRS4: any reoffending")
    ogrs4_violent_2_year: float = _score(f"{_NEW}.ogrs4vYr2", "OGRS4: violent reoffending within two years")
    ogrs4_violent_band: str = _band(f"{_NEW}.ogrs4vBand", "OGRS4: violent reoffending")
    ogp2_2_year: float = _score(f"{_NEW}.ogp2Yr2", "OGP2: any reoffending within two years")
    ogp2_band: str = _band(f"{_NEW}.ogp2Band", "OGP2: any reoffending")
    ovp2_2_year: float = _score(f"{_NEW}.ovp2Yr2", "OVP2: violent reoffending within two years")
    ovp2_band: str = _band(f"{_NEW}.ovp2Band", "OVP2: violent reoffending")
    snsv_static_2_year: float = _score(f"{_NEW}.snsvStaticYr2", "SNSV from the record, within two years")
    snsv_static_band: str = _band(f"{_NEW}.snsvStaticYr2Band", "SNSV from the record")
    snsv_dynamic_2_year: float = _score(f"{_NEW}.snsvDynamicYr2", "SNSV from the whole assessment, within two years")
    snsv_dynamic_band: str = _band(f"{_NEW}.snsvDynamicYr2Band", "SNSV from the whole assessment")
    osp_direct_contact: float = _score(f"{AT}.OSP.ospDirectContactPercentageScore", "OSP: direct contact")
    osp_direct_contact_level: str = _band(f"{AT}.OSP.ospDirectContactScoreLevel", "OSP: direct contact")
    osp_indirect_images: float = _score(
        f"{AT}.OSP.ospIndirectImagesChildrenPercentageScore", "OSP: indirect contact or images of children"
    )
    osp_indirect_images_level: str = _band(
        f"{AT}.OSP.ospIndirectImagesChildrenScoreLevel", "OSP: indirect contact or images of children"
    )
    osp_contact: float = _score(f"{AT}.OSP.ospContactPercentageScore", "OSP, earlier form: contact")
    osp_contact_level: str = _band(f"{AT}.OSP.ospContactScoreLevel", "OSP, earlier form: contact")
    osp_image: float = _score(f"{AT}.OSP.ospImagePercentageScore", "OSP, earlier form: images")
    osp_image_level: str = _band(f"{AT}.OSP.ospImageScoreLevel", "OSP, earlier form: images")
    rsr: float = _score(f"{AT}.RSR.rsrPercentageScore", "RSR: serious recidivism")
    rsr_level: str = _band(f"{AT}.RSR.scoreLevel", "RSR: serious recidivism")
    rsr_kind: str = column(
        f"{AT}.RSR.rsrStaticOrDynamic",
        code(codes.RSR_KIND),
        "RSR: from the record alone (static), or from the whole assessment",
        person=True,
        nullable=True,
        may_be_missing=True,
    )
    rsr_version: int = column(
        f"{AT}.RSR.rsrAlgorithmVersion",
        whole_number(),
        "RSR: version of the algorithm",
        person=True,
        nullable=True,
        may_be_missing=True,
        ge=1,
    )
