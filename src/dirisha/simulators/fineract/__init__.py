"""Apache Fineract on a desk: its staff API over the books of an institution on the native core.

It speaks the calls that `core/fineract` needs, as a running Fineract (1.11, October 2024) was recorded to speak them,
and it can be made slow, deaf and forgetful on purpose (`faults`). What it does otherwise than Fineract:

* No overpaid loans: a repayment of more than what is left of a loan, and one on a closed loan, which Fineract both
  takes, are refused with a domain rule's error.
* A command's result and its money are one transaction. A Fineract that dies in between keeps the command "under
  processing" for ever.
* Ids of transactions are worked out from the account and the number of its line, so they are large and have gaps.
* Transactions stand in the order of their booking: Fineract sorts one that was dated back among the older ones.
* What a recorded Fineract answered with a 500 out of clumsiness (a missing savings transaction) is a 404 here.
* Under the key of a command that was rejected it answers 425, as under one that waits: that was not recorded.
* One flat fee on transfers, those that repay a loan among them: the institution's tariff for `transfers.own` at its
  console. A product's charge may be a percentage at Fineract.
* Interest on savings, charges but the one for withdrawals, external ids, notes: there are none.
"""
