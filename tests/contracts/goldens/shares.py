"""Lives of share accounts: recorded figures against ours, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dirisha.core.native.savings.charge_terms import ChargeCalculation
from dirisha.core.native.savings.refusals import SavingsRefused
from dirisha.core.native.savings.shares import events
from dirisha.core.native.savings.shares.dividends import dividends
from dirisha.core.native.savings.shares.fold import applied
from dirisha.core.native.savings.shares.fold import step as stepped
from dirisha.core.native.savings.shares.state import ShareKind, ShareState, ShareTransaction
from dirisha.core.native.savings.shares.terms import MarketPrice, ShareChargeTerms, ShareChargeTime, ShareTerms
from dirisha.core.native.savings.span import Span, Unit
from dirisha.kit.money import Currency
from tests.contracts.goldens.reading import Recording, day, minor
from tests.contracts.goldens.savings_terms import NotTold, currency_of
from tests.contracts.goldens.savings_trimmed import trimmed as trimmed_life
from tests.contracts.goldens.verdict import Different, Equal, KeptDifferent, OutOfScope, Verdict

Step = dict[str, Any]

# Steps that change the product's dividend, or only look.
_ELSEWHERE = frozenset(
    {"look", "final-look", "linked-savings", "product-read", "dividend-read", "dividend-approve", "job"}
)
_DIVIDEND_POSTED = 300

STALE_PRICE = (
    "shares priced by a market price that was over: the server takes any that has begun, in the order of a hash set; ours "
    "is the price of the day"
)


def judge(recording: Recording) -> Verdict:
    try:
        life = _Life(recording)
        found = [f"step {at} {where}" for at, where in life.differences()]
    except NotTold as why:
        return OutOfScope(str(why))
    if found:
        return Different(tuple(found))
    return KeptDifferent("; ".join(sorted(life.kept))) if life.kept else Equal()


def trimmed(recording: Recording) -> Recording:
    return trimmed_life(recording)


def terms_of(recording: Recording, picture: dict[str, Any]) -> ShareTerms:
    product = recording["product"]["request"]
    currency = currency_of(picture)
    return ShareTerms(
        currency=currency,
        unit_price_minor=minor(product["unitPrice"], currency),
        prices=tuple(
            MarketPrice(day(price["fromDate"]), minor(price["shareValue"], currency))
            for price in product.get("marketPricePeriods") or ()
        ),
        least=product.get("minimumShares"),
        most=product.get("maximumShares"),
        lock_in=_lock_in(picture),
        charges=tuple(_charge(charge, currency) for charge in picture.get("charges") or ()),
    )


def _lock_in(picture: dict[str, Any]) -> Span | None:
    """Of the account, not of its product."""
    if not picture.get("lockinPeriod"):
        return None
    return Span(picture["lockinPeriod"], Unit(picture["lockPeriodTypeEnum"]["id"]))


def _charge(charge: dict[str, Any], currency: Currency) -> ShareChargeTerms:
    calculation = ChargeCalculation(charge["chargeCalculationType"]["id"])
    given = charge["amountOrPercentage"]
    amount = Decimal(minor(given, currency)) if calculation is ChargeCalculation.FLAT else Decimal(given)
    return ShareChargeTerms(ShareChargeTime(charge["chargeTimeType"]["id"]), calculation, amount)


def _event(step: Step, known: dict[int, int]) -> events.ShareEvent:
    on = date.fromisoformat(step["businessDate"])
    body = step["request"].get("body") or {}
    asked = body.get("requestedShares")
    requests = tuple(known.get(request["id"], -1) for request in asked) if isinstance(asked, list) else ()
    match step["do"]:
        case "approve":
            return events.ApproveShares(day(body["approvedDate"]))
        case "undoapproval":
            return events.UndoShareApproval(on)
        case "reject":
            return events.RejectShares(on)
        case "activate":
            return events.ActivateShares(day(body["activatedDate"]))
        case "applyadditionalshares":
            return events.RequestMore(day(body["requestedDate"]), asked)
        case "approveadditionalshares":
            return events.ApproveMore(on, requests)
        case "rejectadditionalshares":
            return events.RejectMore(on, requests)
        case "redeemshares":
            return events.Redeem(day(body["requestedDate"]), asked)
        case "close":
            return events.CloseShares(day(body["closedDate"]))
    raise NotTold(f"a step of another kind: {step['do']}")


@dataclass
class _Life:
    recording: Recording
    kept: set[str] = field(default_factory=set)
    known: dict[int, int] = field(default_factory=dict)
    charges: dict[int, int] = field(default_factory=dict)
    dividend_minor: int | None = None

    def differences(self) -> Iterator[tuple[int, str]]:
        terms: ShareTerms | None = None
        state: ShareState | None = None
        for at, step in enumerate(self.recording["steps"]):
            status = (step.get("response") or {}).get("status")
            if step["do"] == "submit" and status == 200:
                terms = terms or terms_of(self.recording, step["picture"])
                body = step["request"]["body"]
                self.known, self.charges = {}, {}
                state = applied(
                    terms, day(body["submittedDate"]), body["requestedShares"], day(body["applicationDate"])
                )
            elif terms is None or state is None:
                raise NotTold("a life that does not begin with an application")
            elif step["do"] == "dividend":
                self.dividend_minor = self._dividend(step, terms, state)
            elif step["do"] not in _ELSEWHERE:
                try:
                    after = stepped(terms, state, _event(step, self.known))
                except SavingsRefused as refused:
                    if status == 200:
                        yield at, f"{step['do']}: we refuse: {refused}"
                    after = state
                else:
                    if status != 200:
                        yield at, f"{step['do']}: refused, not by us"
                        after = state
                state = after
            for where in self._compared(step, terms, state):
                yield at, f"{step['do']}: {where}"

    def _dividend(self, step: Step, terms: ShareTerms, state: ShareState) -> int:
        """The recordings declare dividends on products that one account holds."""
        body = step["request"]["body"]
        amount = minor(body["dividendAmount"], terms.currency)
        start, end = day(body["dividendPeriodStartDate"]), day(body["dividendPeriodEndDate"])
        product = self.recording["product"]["request"]
        least_days = product.get("minimumActivePeriodForDividends") or 0
        return dividends({"this": state}, amount, start, end, terms.currency, least_days).get("this", 0)

    def _compared(self, step: Step, terms: ShareTerms, state: ShareState) -> Iterator[str]:
        picture = step.get("picture")
        if not picture:
            return
        currency = terms.currency
        yield from _differs("status", picture["status"]["id"], state.status)
        yield from _differs("shares held", picture["summary"]["totalApprovedShares"], state.held)
        yield from _differs("shares pending", picture["summary"]["totalPendingForApprovalShares"], state.pending)
        # The server shows a new price from the day after its first on; purchases take it on that day.
        day_before = date.fromisoformat(step["businessDate"]) - timedelta(days=1)
        shown_price = minor(picture["currentMarketPrice"], currency)
        yield from _differs("price", shown_price, terms.price_minor(day_before))
        for theirs in picture.get("dividends") or ():
            if theirs["status"]["id"] == _DIVIDEND_POSTED:
                yield from _differs("dividend", minor(theirs["amount"], currency), self.dividend_minor)
        yield from self._charges(picture, currency, state)
        yield from self._transactions(picture, terms, state)

    def _charges(self, picture: dict[str, Any], currency: Currency, state: ShareState) -> Iterator[str]:
        shown = picture.get("charges") or ()
        if not self.charges:
            self.charges = {theirs["id"]: at for at, theirs in enumerate(shown)}
        for theirs in shown:
            ours = state.charges[self.charges[theirs["id"]]]
            yield from _differs("charge", theirs["chargeTimeType"]["id"], ours.terms.time)
            for member, amount in (
                ("amount", ours.amount_minor),
                ("amountPaid", ours.paid_minor),
                ("amountOutstanding", ours.outstanding_minor),
            ):
                yield from _differs(
                    f"charge {ours.terms.time.name} {member}", minor(theirs.get(member), currency), amount
                )

    def _transactions(self, picture: dict[str, Any], terms: ShareTerms, state: ShareState) -> Iterator[str]:
        """Paired by kind in the order of ids: one act may make several, with ids as they come."""
        shown = sorted(picture["purchasedShares"], key=lambda theirs: int(theirs["id"]))
        yield from _differs("transactions", len(shown), len(state.transactions))
        ours = {line.number: line for line in state.transactions}
        for theirs in shown:
            taken = set(self.known.values())
            kind = theirs["type"]["id"]
            free = (number for number, line in ours.items() if number not in taken and line.kind == kind)
            number = self.known.get(theirs["id"]) or next(free, None)
            if number is None:
                yield f"transaction {theirs['id']}: not ours"
                continue
            self.known[theirs["id"]] = number
            line = ours[number]
            line = self._at_their_price(theirs, terms, line)
            for member, figure in (
                ("purchasedPrice", line.price_minor),
                ("amount", line.amount_minor),
                ("chargeAmount", line.charge_minor),
                ("amountPaid", line.paid_minor),
            ):
                where = f"transaction {line.number} {member}"
                yield from _differs(where, minor(theirs.get(member), terms.currency), figure)
            yield from _differs(f"transaction {line.number} shares", theirs.get("numberOfShares") or 0, line.shares)
            yield from _differs(f"transaction {line.number} day", day(theirs["purchasedDate"]), line.on)
            yield from _differs(f"transaction {line.number} status", theirs["status"]["id"], line.status)

    def _at_their_price(self, theirs: dict[str, Any], terms: ShareTerms, line: ShareTransaction) -> ShareTransaction:
        """With a price that has begun, but is over, in place of ours; all other figures must follow from it."""
        price = minor(theirs.get("purchasedPrice"), terms.currency)
        begun = {begun.price_minor for begun in terms.prices if begun.since <= line.on}
        if line.kind is ShareKind.CHARGE_PAYMENT or price == line.price_minor or price not in begun:
            return line
        self.kept.add(STALE_PRICE)
        more = (price - line.price_minor) * line.shares
        return replace(
            line, price_minor=price, amount_minor=line.amount_minor + more, paid_minor=line.paid_minor + more
        )


def _differs(what: str, theirs: Any, ours: Any) -> Iterator[str]:
    if theirs != ours:
        yield f"{what}: theirs {theirs}, ours {ours}"
