"""Expected refusals: values with a stable code that a door turns into its own words.

A *final* refusal is stored under the command's key and replayed: a late duplicate must not post what was refused.
An *asking* one leaves the command open: the same key goes on once what was missing is there.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Refusal(Exception):
    """Base of all refusals. Subclasses set `code` (`subject.reason`) and `final`; facts are keyword arguments.

    Facts are JSON values, `Money` or dates: they are stored with the command and filled into the door's words.
    """

    code: ClassVar[str]
    final: ClassVar[bool]

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.code)
        self.facts = facts

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.facts == other.facts

    def __hash__(self) -> int:
        return hash(self.code)

    @classmethod
    def of(cls, code: str, facts: dict[str, Any]) -> Refusal:
        """The stored refusal back as a value."""
        pending = list(cls.__subclasses__())
        while pending:
            each = pending.pop()
            if getattr(each, "code", None) == code:
                return each(**facts)
            pending += each.__subclasses__()
        raise LookupError(f"no refusal has the code {code}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.facts.items())})"


class Final(Refusal):
    """Stored under the key, replayed for ever."""

    final = True


class Asking(Refusal):
    """Something is missing or wrong or busy; the key stays open."""

    final = False


class BadInput(Asking):
    """A value has the wrong type, is missing, malformed or out of range. Facts: `field`, `reason`.

    Found before the key is claimed, so the same key may come again with better inputs.
    """

    code = "input.bad"


class NotFound(Final):
    """Not there, or not the asker's: the answer is the same. Facts: `kind`."""

    code = "object.not_found"


class NotPermitted(Asking):
    """The actor has no such permission on this channel. Found before the key is claimed."""

    code = "access.not_permitted"
