"""How a loan stands: what to pay and since when or until when, what comes next, what is left."""

from __future__ import annotations

from dirisha.channels.ussd.accounts import called
from dirisha.channels.ussd.dialog import Dialog, End, choose, look, pick, show
from dirisha.channels.ussd.dialogs.repay_loan import loan_line, repay_this
from dirisha.channels.ussd.words import Say, say
from dirisha.queries import loans
from dirisha.queries.loans import LoanStanding


def my_loan() -> Dialog[End]:
    standings = yield from look(loans.to_pay)
    if not standings:
        return (yield from show("loan.none", [say("loan.none")]))
    standing = yield from choose("loan", [say("loan.which")], standings, key=lambda each: each.loan.id, label=loan_line)
    yield from pick("loan.standing", standing_lines(standing), {"repay": say("loan.repay")})
    return (yield from repay_this(standing))


def standing_lines(standing: LoanStanding) -> list[Say]:
    to_pay = standing.to_pay
    lines = [called(standing.loan.ref)]
    if to_pay.late_since is not None:
        late = "loan.late_one_day" if to_pay.days_late == 1 else "loan.late"
        lines.append(say(late, amount=to_pay.due_now.total, since=to_pay.late_since, days=to_pay.days_late))
    elif to_pay.due_now.total.is_positive:
        lines.append(say("loan.due_today", amount=to_pay.due_now.total))
    else:
        lines.append(say("loan.nothing_due"))
    if to_pay.next_due_on is not None:
        lines.append(say("loan.next", amount=to_pay.next_due.total, due=to_pay.next_due_on))
    lines.append(
        say(
            "loan.left",
            amount=to_pay.outstanding.total,
            met=standing.progress.met,
            installments=standing.progress.installments,
        )
    )
    return lines
