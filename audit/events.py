"""What the log records: one entry for each act, in a form that two programs write alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from operator import itemgetter

from audit.canonical import canonical, instant
from audit.form import check_details, check_names, check_texts, refused
from hub.clock import now

Scalar = str | int | float | bool


class Verb(StrEnum):
    """The six acts of DPA 2018 s.62(1), and what governs them."""

    COLLECTION = "collection"
    ALTERATION = "alteration"
    CONSULTATION = "consultation"
    DISCLOSURE = "disclosure"
    COMBINATION = "combination"
    ERASURE = "erasure"
    AGREEMENT = "agreement"
    KEY = "key"
    DECISION = "decision"
    REFUSAL = "refusal"


class Action(StrEnum):
    """Every act that is recorded, as ``source:subject:verb``. Members are added, never removed or renamed."""

    COLLECT = "connectors:delivery:collection"
    REFUSE_DELIVERY = "ingest:delivery:refusal"
    REPEAT_DELIVERY = "ingest:delivery:decision"  # the same bytes again: nothing is changed
    QUARANTINE = "ingest:rows:alteration"
    ADMIT = "ingest:delivery:alteration"
    REPORT_ROWS = "ingest:quarantine:disclosure"  # a provider is told which of its rows were not taken, without values
    LINK = "linkage:records:combination"
    TRAIN = "linkage:model:combination"
    DECIDE_LINK = "linkage:pair:decision"  # a reviewer: two records are of one person, or of two
    BUILD = "publish:candidate:combination"
    REBUILD = "publish:rebuild:combination"  # a release is made again from what is stored, to compare; nothing is kept
    DECIDE = "publish:release:decision"
    PUBLISH = "publish:release:disclosure"
    REFUSE_PUBLISH = "publish:release:refusal"
    READ = "publish:table:consultation"
    REFUSE_READ = "publish:table:refusal"
    EXPORT_TABLE = "publish:rows:disclosure"  # a table leaves by the interface as a whole
    COUNT = "publish:counts:consultation"  # rows are counted for a reader, who sees none of them
    EVALUATE = "assessment:evaluation:disclosure"  # an intervention's comparison is told, in protected figures
    MEASURE = "assessment:indicators:disclosure"  # the delivery plan's indicators are told, in protected figures
    ASSESS = "assessment:needs:disclosure"  # a needs assessment is written, in protected figures
    BUILD_PUBLIC = "assessment:candidate:combination"  # figures for the public are made; nothing leaves yet
    PUBLIC = "assessment:public:disclosure"  # figures are put where anybody sees them
    REFUSE_PUBLIC = "assessment:public:refusal"
    WITHDRAW_PUBLIC = "assessment:public:erasure"  # a notice is put in the place of the figures
    ISSUE_TOKEN = "api:token:decision"  # noqa: S105  # by the hub's own issuer
    REVOKE_TOKEN = "api:revocation:decision"  # noqa: S105  # no password
    REFUSE_TOKEN = "api:token:refusal"  # noqa: S105  # no password
    MARKED_BY_HAND = "dags:task:refusal"  # a task was marked successful; that publishes nothing
    SIGN_AGREEMENT = "agreement:signature:agreement"
    ENACT_AGREEMENT = "agreement:version:agreement"
    REFUSE_AGREEMENT = "agreement:act:refusal"
    CREATE_KEY = "keys:key:key"
    ROTATE_KEY = "keys:version:key"
    RETIRE_KEY = "keys:retirement:key"
    GRANT_KEY = "keys:grant:key"
    USE_KEY = "keys:use:key"  # once for each act, key and use
    REFUSE_KEY = "keys:use:refusal"  # no grant names the use
    HAND_OVER_KEY = "keys:copy:disclosure"  # a source key, sealed to an authority
    ASK_ROTATION = "rotation:request:key"  # that stored tokens be re-keyed
    DECIDE_ROTATION = "rotation:request:decision"
    REKEY = "rotation:records:alteration"  # once for each delivery
    FINISH_ROTATION = "rotation:records:key"  # all that is stored is under the new version
    REFUSE_ROTATION = "rotation:records:refusal"
    REGISTER_OFFICER = "publish:officer:key"
    DISMISS_OFFICER = "publish:dismissal:key"
    REFUSE_OFFICER = "publish:officer:refusal"  # an appointment or a dismissal that does not count
    ASK_REIDENTIFICATION = "reidentify:request:decision"  # that a record's own authority learns which is meant
    DECIDE_REIDENTIFICATION = "reidentify:word:decision"  # an officer approves or refuses
    REIDENTIFY = "reidentify:reference:disclosure"  # its own references, sealed to the authority; once for each feed
    REFUSE_REIDENTIFICATION = "reidentify:request:refusal"
    REFUSE_WITNESS = "audit:checkpoint:refusal"
    EXPORT_LOG = "audit:entries:disclosure"
    ASK_SUBJECT = "audit:person:consultation"
    SHRED_SUBJECT = "audit:person:erasure"
    WITHDRAW = "publish:release:erasure"
    REFUSE_ORDER = "publish:order:refusal"  # an officer's order on what is kept does not count
    ERASE_KEPT = "retention:kept:erasure"  # keys are destroyed, and rows of the database removed
    ERASE_FILES = "retention:files:erasure"  # files were found to open no more, and are deleted
    HOLD = "retention:hold:decision"
    RELEASE_HOLD = "retention:release:decision"
    FIND_SUBJECT = "subjects:person:consultation"
    EXPORT_SUBJECT = "subjects:person:disclosure"
    RESTRICT_SUBJECT = "subjects:restriction:decision"
    LIFT_SUBJECT = "subjects:lifting:decision"
    OBJECT_SUBJECT = "subjects:objection:decision"
    ERASE_SUBJECT = "subjects:person:erasure"

    __hash__ = str.__hash__  # an Enum's own is many times slower, and entries are looked up by it

    @property
    def source(self) -> str:
        """Which part of the hub acts."""
        return self.value.split(":")[0]

    @property
    def subject(self) -> str:
        """What it acts on."""
        return self.value.split(":")[1]

    @property
    def verb(self) -> Verb:
        """What kind of act it is."""
        return Verb(self.value.split(":")[2])


_FLOW = ("feed", "delivery", "agreement_hash", "purpose", "clause")
MUST_SAY: Mapping[Verb, tuple[tuple[str, ...], ...]] = {  # each of these, or one of those that stand together
    Verb.COLLECTION: tuple((name,) for name in _FLOW),
    Verb.ALTERATION: tuple((name,) for name in _FLOW),
    Verb.CONSULTATION: (("purpose", "justification"),),
    Verb.DISCLOSURE: (("recipient",), ("purpose", "justification")),
    Verb.COMBINATION: (("purpose",), ("agreement_hash",)),
    Verb.ERASURE: (),
    Verb.AGREEMENT: (),
    Verb.KEY: (),
    Verb.DECISION: (("justification", "detail"),),
    Verb.REFUSAL: (("justification", "clause"),),
}
_RULES = {action: (("code_commit",), *MUST_SAY[action.verb]) for action in Action}
_REFUSALS = frozenset(action for action in Action if action.verb is Verb.REFUSAL)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One act: who, what, why, when, and how it ended.

    An entry never holds a personal value. Rules on its form; raises EntryRefused for any other:

    1. Texts are one line of 1 to 300 characters.
    2. Columns and the names in ``detail`` are plain snake_case names.
    3. ``detail`` holds single values only: a count, a measure, a flag, or a code of at most 128 letters,
       digits and ``_ . : / + = @ -``, so that no free text fits.
    4. A code in ``detail`` has neither the form of an NHS number (10 digits) nor of a token (32 hex digits).
    5. ``at`` is an instant in UTC.
    6. A refusal's outcome is ``refused``.
    7. Every entry says who acted and with which code, and each verb what ``MUST_SAY`` has beside it.

    Source: DPA 2018 s.62(2)-(3): justification, date and time, the person who acted, the recipients.
    """

    action: Action
    actor: str
    feed: str | None = None
    delivery: str | None = None
    period: str | None = None
    release: str | None = None
    recipient: str | None = None
    table: str | None = None
    columns: tuple[str, ...] = ()
    rows: int | None = None
    purpose: str | None = None
    clause: str | None = None
    justification: str | None = None
    outcome: str = "done"
    agreement_hash: str | None = None
    code_commit: str | None = None
    detail: Mapping[str, Scalar] = field(default_factory=dict)
    at: datetime = field(default_factory=now)

    def __post_init__(self) -> None:
        said = self.__dict__
        if self.action in _REFUSALS:  # (6)
            said["outcome"] = "refused"
        said["columns"], said["detail"] = tuple(self.columns), dict(self.detail)
        check_texts(_TEXTS, _texts(said))  # (1)
        self._check_numbers()
        check_names((*self.columns, *self.detail))  # (2)
        check_details(self.detail)  # (3, 4)
        for names in _RULES[self.action]:  # (7)
            for name in names:
                if said[name]:
                    break
            else:
                raise refused(" or ".join(names), f"a {self.action.verb} must say it", "Say it where the act is logged")

    def _check_numbers(self) -> None:
        if self.outcome not in {"done", "refused"}:
            raise refused("outcome", "it is neither done nor refused", "Say one of these")
        if self.rows is not None and not (type(self.rows) is int and 0 <= self.rows < 2**53):
            raise refused("rows", "it is not a count", "Give the number of rows")
        if self.at.tzinfo is not UTC and (self.at.tzinfo is None or self.at.utcoffset() != UTC.utcoffset(None)):  # (5)
            raise refused("at", "it is not in UTC", "Use hub.clock.now()")
        self.__dict__["at"] = self.at.astimezone(UTC)

    def values(self) -> dict[str, object]:
        """The entry as JSON values under its field names; what is not said is left out."""
        said = {name: value for name, value in self.__dict__.items() if value not in (None, (), {})}
        return said | {"action": str(self.action), "at": instant(self.at), "format": 1}

    def canonical(self) -> bytes:
        """The bytes that the log hashes: canonical JSON (RFC 8785)."""
        return canonical([self.__dict__])[0]


_TEXTS = tuple(part.name for part in fields(Entry) if part.type in (str, str | None))
_texts = itemgetter(*_TEXTS)
