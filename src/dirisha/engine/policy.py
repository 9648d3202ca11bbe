"""Which proof an act needs: by kind, amount and channel, from the institution's thresholds."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from dirisha.engine.plan import Quoted
from dirisha.kit.actor import Actor, Channel, FactorKind
from dirisha.kit.money import Money
from dirisha.kit.refusal import Final
from dirisha.tenants.institution import Institution

# An entry PIN stands for a small payment this long.
FRESH_PIN = timedelta(minutes=3)


class Need(StrEnum):
    """What the confirmation must bring. `PRESSED` is a key or button pressed on a page that shows the terms."""

    NOTHING = "nothing"
    PRESSED = "pressed"
    PIN = "pin"
    CODE = "code"


class NotOnThisChannel(Final):
    """From this amount up the act needs a proof that this door can't take. Facts: `from_amount`."""

    code = "proof.not_on_this_channel"


class AboveSmsCap(Final):
    """SMS banking moves no more than this at once; the USSD menu does. Facts: `cap`, `dial`."""

    code = "proof.above_sms_cap"


def needed(institution: Institution, actor: Actor, quoted: Quoted, at: datetime) -> Need:
    """The proof for these terms at this door; raises where the door has none that would do."""
    proofs, amount = institution.proofs, quoted.amount + quoted.fee
    match actor.channel:
        case Channel.USSD:
            small = amount < institution.money(proofs.ussd_small_below)
            fresh = actor.has_fresh(FactorKind.PIN, at=at, within=FRESH_PIN)
            return Need.PRESSED if small and fresh else Need.PIN
        case Channel.PORTAL:
            return Need.CODE if amount >= institution.money(proofs.portal_code_from) else Need.PRESSED
        case Channel.SMS:
            _under_cap(institution, amount)
            return Need.CODE
        case Channel.MIFOS:
            if amount >= institution.money(proofs.mifos_refused_from):
                raise NotOnThisChannel(from_amount=institution.money(proofs.mifos_refused_from))
            return Need.NOTHING
        case Channel.CONSOLE:
            return Need.NOTHING


def _under_cap(institution: Institution, amount: Money) -> None:
    cap = institution.money(institution.proofs.sms_cap)
    if amount > cap:
        dial = institution.carrier.service_code if institution.carrier else ""
        raise AboveSmsCap(cap=cap, dial=dial)
