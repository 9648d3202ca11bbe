"""The address of a payment's first step with what was chosen once, for whoever begins again."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from dirisha.acts.loans.repay import repay
from dirisha.kit.money import Money


def begin_again(act: str, amount: Money, *, source: int, target: int) -> str:
    chosen = {"amount": amount.plain(), "source_id": source}
    if act == repay.name:
        return f"{reverse('portal.repay', args=[target])}?{urlencode(chosen)}"
    return f"{reverse('portal.move')}?{urlencode(chosen | {'target_id': target})}"
