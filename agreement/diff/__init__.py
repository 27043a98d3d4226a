"""What another version of the agreement would change, in sentences for those who are asked to sign it."""

from agreement.diff.change import Change, Effect
from agreement.diff.compare import differences

__all__ = ["Change", "Effect", "differences"]
