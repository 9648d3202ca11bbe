"""Africa's Talking: one account for SMS and USSD."""

from __future__ import annotations

from typing import ClassVar

from dirisha.carriers.africastalking.sms import Sms
from dirisha.carriers.africastalking.ussd import Ussd


class AfricasTalking(Sms, Ussd):
    name: ClassVar[str] = "africastalking"
