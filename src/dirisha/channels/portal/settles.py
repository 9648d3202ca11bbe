"""What a payment settles on a loan, as it would fall on it now."""

from __future__ import annotations

from dataclasses import dataclass

from dirisha.channels.portal.speech import Speech
from dirisha.core.allocation import allocate, repaid
from dirisha.core.port import Loan
from dirisha.kit.money import Money


@dataclass(frozen=True, slots=True)
class Settles:
    """`said` names the installments, met ones and the one paid in part; `left` is what remains of the whole loan."""

    principal: Money
    interest: Money
    left: Money
    said: str


def settles(loan: Loan, amount: Money, speech: Speech) -> Settles:
    allocation = allocate(loan.installments, amount.minor)
    after = repaid(loan.installments, allocation, on=speech.today)
    touched = {part.number for part in allocation.parts}
    met = [each.number for each in after if each.number in touched and each.is_met]
    part = [each.number for each in after if each.number in touched and not each.is_met]
    return Settles(
        principal=Money(allocation.paid.principal, loan.currency),
        interest=Money(allocation.paid.cost, loan.currency),
        left=loan.outstanding - amount,
        said=_said(met, part, len(loan.installments), speech),
    )


def _said(met: list[int], part: list[int], of: int, speech: Speech) -> str:
    if len(met) == 1 and not part:
        return speech.say("settles.one", number=met[0], of=of)
    if met and met[-1] == of:
        return speech.say("settles.all")
    if met and not part:
        return speech.say("settles.several", first=met[0], last=met[-1], of=of)
    if not met:
        return speech.say("settles.part", number=part[0] if part else of, of=of)
    if len(met) == 1:
        return speech.say("settles.one_and_part", number=met[0], part=part[0], of=of)
    return speech.say("settles.several_and_part", first=met[0], last=met[-1], part=part[0], of=of)
