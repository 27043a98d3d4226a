"""Whether a request and the words on it count now: proved when they are recorded, and once more at the effect. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from agreement.model import Agreement
from agreement.reidentification_rules import APPROVERS
from publish.appointment import Appointment
from publish.roll import Roll
from reidentify.errors import FulfilmentRefused, RequestRefused, WordRefused
from reidentify.statements import Request, Signed, Verdict, Word
from reidentify.target import Target

DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Standing:
    """What statements are held against: the agreement in force, the roll of officers, and the present instant."""

    agreement: Agreement
    roll: Roll
    now: datetime

    def speaking(self, signed: Signed[Request] | Signed[Word], at: datetime) -> tuple[Appointment, ...]:
        """The appointments that count now, had begun at an instant, and whose key made the signature."""
        held = self.roll.speaking(signed.statement.officer, at, self.now)
        return tuple(each for each in held if signed.by(each.public_key))


def verify_request(asked: Signed[Request], target: Target | None, standing: Standing) -> tuple[Appointment, ...]:
    """The requester's appointments; raises RequestRefused naming the broken rule.

    1. Who asks holds an appointment that counts today and had begun, and signed with its key.
    2. It names the hash of the agreement in force.
    3. It is not dated ahead of now, has not expired, and stands no longer than the agreement lets it.
    4. Its target is the one that it commits to. None is given where it was forgotten.
    """
    said = asked.statement
    held = standing.speaking(asked, said.requested_at)
    if not held:  # (1)
        raise _request(1, said, "who asks is no appointed officer, or it was not signed with the officer's key")
    if said.agreement_hash != standing.agreement.hash:  # (2)
        raise _request(2, said, "it was made under another agreement")
    terms = standing.agreement.reidentification
    longest = timedelta(days=terms.valid_days if terms else 0)
    if not said.requested_at <= standing.now < said.expires_at <= said.requested_at + longest:  # (3)
        raise _request(3, said, "it has expired, is dated ahead of now, or would stand longer than the agreement says")
    if target is not None and (target.commitment, target.about) != (said.target, said.about):  # (4)
        raise _request(4, said, "what is kept of whom it is about is not what was signed")
    return held


def verify_word(given: Signed[Word], asked: Signed[Request], standing: Standing) -> tuple[Appointment, ...]:
    """The officer's appointments; raises WordRefused naming the broken rule.

    1. It is on this very request.
    2. Its officer holds an appointment that counts today and had begun, and signed with its key.
    3. It names the hash of the agreement in force.
    4. It was said while the request stood, and not ahead of now.
    5. Nobody speaks on a request of his own, by name or by key.
    """
    said, request = given.statement, asked.statement
    if said.request != request.digest:  # (1)
        raise _word(1, said, "it was said of another request, or the request was changed since")
    held = standing.speaking(given, said.said_at)
    if not held:  # (2)
        raise _word(2, said, "who speaks is no appointed officer, or it was not signed with the officer's key")
    if said.agreement_hash != standing.agreement.hash:  # (3)
        raise _word(3, said, "it was said under another agreement")
    if not request.requested_at <= said.said_at <= standing.now or said.said_at >= request.expires_at:  # (4)
        raise _word(4, said, "the request has expired or was not made yet, or the word is dated ahead of now")
    if said.officer == request.officer or any(asked.by(each.public_key) for each in held):  # (5)
        raise _word(5, said, "nobody approves or refuses what he asks for himself")
    return held


def verify_approvals(words: Sequence[Signed[Word]], asked: Signed[Request], standing: Standing) -> None:
    """Whether the request is approved; raises WordRefused (``verify_word``) or FulfilmentRefused.

    1. Every word on it counts (``verify_word``).
    2. None refuses it.
    3. Two officers approve it, different by name and by key, whom two different authorities appointed.
    """
    held = {word.statement.officer: verify_word(word, asked, standing) for word in words}  # (1)
    if any(word.statement.verdict is Verdict.REFUSE for word in words):  # (2)
        raise not_fulfilled(asked.statement.digest, "an officer refused it", "Ask anew, with what was missing")
    if not any(_apart(*pair) for pair in combinations(held.values(), APPROVERS)):  # (3)
        why = f"{len(held)} of {APPROVERS} officers of different authorities have approved it"
        raise not_fulfilled(asked.statement.digest, why, "Have an officer of another authority approve it")


def _apart(one: Sequence[Appointment], other: Sequence[Appointment]) -> bool:
    """Whether two officers have no key in common, and were appointed by two different authorities."""
    keys = {each.public_key for each in one} & {each.public_key for each in other}
    return not keys and len({each.party for each in (*one, *other)}) >= APPROVERS


def require_within_limit(earlier: Sequence[datetime], said: Request, standing: Standing) -> None:
    """Whether one more of an officer's requests is within what the agreement allows in 24 hours; ``earlier`` are his.

    Raises RequestRefused.
    """
    terms = standing.agreement.reidentification
    most = terms.requests_per_day if terms else 0
    if sum(standing.now - DAY < at for at in earlier) >= most:
        raise RequestRefused(
            "The request is refused",
            where=f"requests of {said.officer}",
            why=f"Agreement, reidentification: no officer has more than {most} in 24 hours",
            fix="Wait, or have another officer ask",
        )


def short(digest: str) -> str:
    """A request's hash as people name it."""
    return digest[:12]


def not_fulfilled(digest: str, why: str, fix: str) -> FulfilmentRefused:
    """The refusal to fulfil a request."""
    return FulfilmentRefused("The request is not fulfilled", where=f"request {short(digest)}", why=why, fix=fix)


def _request(rule: int, said: Request, why: str) -> RequestRefused:
    where = f"request {short(said.digest)}"
    return RequestRefused("The request does not count", where=where, why=f"rule {rule}: {why}", fix="Ask anew")


def _word(rule: int, said: Word, why: str) -> WordRefused:
    where = f"the word of {said.officer} on request {short(said.request)}"
    fix = "Have an appointed officer look at the request and decide"
    return WordRefused("The word does not count", where=where, why=f"rule {rule}: {why}", fix=fix)
