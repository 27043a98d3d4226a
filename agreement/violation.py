"""One breach of the agreement or of the law behind it, in four parts that a reviewer can act on."""

from dataclasses import dataclass

from agreement.errors import AgreementRefusal


@dataclass(frozen=True)
class Violation:
    """Which clause is broken, where in the agreement, why, and what to change."""

    clause: str
    where: str
    why: str
    fix: str

    def refusal(self, what: str) -> AgreementRefusal:
        """The error that stops the act ``what``; its ``why`` begins with the clause."""
        return AgreementRefusal(what, where=self.where, why=f"{self.clause}: {self.why}", fix=self.fix)

    def __str__(self) -> str:
        return f"{self.clause} in {self.where}: {self.why}. {self.fix}."
