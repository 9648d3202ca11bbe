"""When a client, an account or a loan came to be what it is, and, where a server tells it, by whose hand."""

from __future__ import annotations

from dataclasses import dataclass

from dirisha.core.port import Client, Loan, Savings
from dirisha.wire.written import Json, day, present


@dataclass(frozen=True, slots=True)
class Hand:
    """A user of the core, as its timelines name one."""

    username: str
    first_name: str
    last_name: str

    def named(self, done: str) -> Json:
        """`submittedByUsername` and so on; `done` is the verb as the member's name has it."""
        return {
            f"{done}ByUsername": self.username,
            f"{done}ByFirstname": self.first_name,
            f"{done}ByLastname": self.last_name,
        }


def _named(done: str, by: Hand | None) -> Json:
    return by.named(done) if by else {}


def of_client(client: Client, by: Hand | None = None, *, with_submitter: bool = True) -> Json:
    """A single client's timeline tells who activated him, one of a list who wrote him down as well."""
    return (
        {"submittedOnDate": day(client.submitted_on)}
        | (_named("submitted", by) if with_submitter else {})
        | {"activatedOnDate": day(client.activated_on)}
        | _named("activated", by)
    )


def of_savings(account: Savings, by: Hand | None = None) -> Json:
    """An account is asked for, approved and opened at the counter, on one day."""
    timeline: Json = {}
    for done in ("submitted", "approved", "activated"):
        timeline |= {f"{done}OnDate": day(account.opened_on)} | _named(done, by)
    return timeline


def of_loan(loan: Loan, by: Hand | None = None) -> Json:
    """A loan is asked for, approved and paid out at the counter, on one day."""
    given, due = day(loan.disbursed_on), day(loan.installments[-1].due_date)
    closed = day(loan.closed_on) if loan.closed_on else None
    return present(
        submittedOnDate=given,
        **_named("submitted", by),
        approvedOnDate=given,
        **_named("approved", by),
        expectedDisbursementDate=given,
        actualDisbursementDate=given,
        **_named("disbursed", by),
        closedOnDate=closed,
        actualMaturityDate=closed or due,
        expectedMaturityDate=due,
    )
