"""A loan's life as a fold: events in entry order, each with a value date, bring about a state.

`replay(terms, events)` folds all of them, `step(state, event)` one more onto a stored state (`stored.dump`, `load`),
`preview` the same to look at; `changes(before, after)` are the transactions whose split moved. Jobs decide by
`overdue_penalties`, `accruals_until`, `is_non_performing` and enter what they decided as an event. What a state comes
to is asked of `summary`, `delinquency` and `foreclosing.payoff`.

How to join in:
* another event: a frozen class in (or beside) `events.py` and a handler `@handles(ThatEvent)` which changes the
  `Book` in place and ends with `conclude(book, on)`; import its module here, so that it is registered;
* another kind of transaction: `@folds(TransactionKind.X)` in a module imported here (`folding.py`);
* another allocation of repayments: an object with the methods of `allocation.Allocation`, given in
  `LifeTerms.allocation`; `Payment.pay(row, portion, most)` keeps the split;
* a schedule that moves in the middle of a life: a `Plan` put into `plans.PLANS`. Its `rows` are worked out at
  submission and disbursement, its `fold_all` whenever the past has changed (back-dated payment, undo, charge), and
  with every payment where `moves_with_every_payment`; after it has put `book.rows` right (principal and interest due,
  `Row.touched = True`), `folding.fold_all(book)` lets charges and transactions fall on them;
* what else must be remembered: a field with a default in `State` and the same in `Book` (open and closed); `stored.py`
  takes it along by its type.
"""

from dirisha.core.native.loans.life import accruing as accruing
from dirisha.core.native.loans.life import application as application
from dirisha.core.native.loans.life import arrears as arrears
from dirisha.core.native.loans.life import charge_events as charge_events
from dirisha.core.native.loans.life import charging_back as charging_back
from dirisha.core.native.loans.life import crediting as crediting
from dirisha.core.native.loans.life import disbursing as disbursing
from dirisha.core.native.loans.life import foreclosing as foreclosing
from dirisha.core.native.loans.life import giving_up as giving_up
from dirisha.core.native.loans.life import penalties as penalties
from dirisha.core.native.loans.life import refunding as refunding
from dirisha.core.native.loans.life import repaying as repaying
from dirisha.core.native.loans.life import rescheduling as rescheduling
from dirisha.core.native.loans.life import waiving as waiving
from dirisha.core.native.loans.life.fold import preview as preview
from dirisha.core.native.loans.life.fold import replay as replay
from dirisha.core.native.loans.life.fold import step as step
from dirisha.core.native.loans.life.state import State as State
from dirisha.core.native.loans.progressive import plan as plan
