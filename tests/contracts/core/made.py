"""A borrower and a stranger made by an administrator of a Fineract that is there for trying things.

The calls are those of the recordings; they have not been tried on another version than the recorded one. Each run makes
its own products, clients and accounts, and leaves them.
"""

from __future__ import annotations

from calendar import month_name
from datetime import date
from typing import Any
from uuid import uuid4

import httpx

from tests.contracts.core.stage import Member


class Maker:
    def __init__(self, http: httpx.Client, *, currency: str, today: date) -> None:
        self._http, self._currency = http, currency
        self._day = f"{today.day:02} {month_name[today.month]} {today.year}"
        self._mark = uuid4().hex[:8]
        self._savings_product, self._loan_product = self._savings_product_of_ours(), self._loan_product_of_ours()

    def member(self, name: str) -> Member:
        client = self._post(
            "/clients", officeId=1, firstname=name, lastname=f"Contract {self._mark}", legalFormId=1, active=True,
            activationDate=self._day, submittedOnDate=self._day,
        )  # fmt: skip
        first, second = self._savings(client), self._savings(client)
        payment_types = self._http.get("/paymenttypes").json()
        self._post(
            f"/savingsaccounts/{first}/transactions?command=deposit", transactionDate=self._day,
            transactionAmount=1000, paymentTypeId=payment_types[0]["id"],
        )  # fmt: skip
        return Member(client, (first, second), self._loan(client))

    def _post(self, path: str, **body: Any) -> int:
        body |= {"locale": "en", "dateFormat": "dd MMMM yyyy"}
        answer = self._http.post(path, json=body)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text[:500]}"
        return int(answer.json()["resourceId"])

    def _savings_product_of_ours(self) -> int:
        return self._post(
            "/savingsproducts", name=f"Contract savings {self._mark}", shortName=self._mark[:4],
            currencyCode=self._currency, digitsAfterDecimal=2, inMultiplesOf=0,
            nominalAnnualInterestRate=0, interestCompoundingPeriodType=1, interestPostingPeriodType=4,
            interestCalculationType=1, interestCalculationDaysInYearType=365, accountingRule=1,
        )  # fmt: skip

    def _loan_product_of_ours(self) -> int:
        return self._post(
            "/loanproducts", name=f"Contract loan {self._mark}", shortName=self._mark[4:],
            currencyCode=self._currency, digitsAfterDecimal=2, inMultiplesOf=0,
            principal=600, minPrincipal=1, maxPrincipal=100000, numberOfRepayments=3, minNumberOfRepayments=1,
            maxNumberOfRepayments=48, repaymentEvery=1, repaymentFrequencyType=2, interestRatePerPeriod=18,
            interestRateFrequencyType=3, amortizationType=1, interestType=0, interestCalculationPeriodType=1,
            transactionProcessingStrategyCode="mifos-standard-strategy", daysInYearType=1, daysInMonthType=1,
            isInterestRecalculationEnabled=False, accountingRule=1, loanScheduleType="CUMULATIVE",
            loanScheduleProcessingType="HORIZONTAL", repaymentStartDateType=1,
        )  # fmt: skip

    def _savings(self, client: int) -> int:
        account = self._post(
            "/savingsaccounts", clientId=client, productId=self._savings_product, submittedOnDate=self._day
        )
        self._post(f"/savingsaccounts/{account}?command=approve", approvedOnDate=self._day)
        self._post(f"/savingsaccounts/{account}?command=activate", activatedOnDate=self._day)
        return account

    def _loan(self, client: int) -> int:
        loan = self._post(
            "/loans", clientId=client, productId=self._loan_product, loanType="individual", principal=600,
            loanTermFrequency=3, loanTermFrequencyType=2, numberOfRepayments=3, repaymentEvery=1,
            repaymentFrequencyType=2, interestRatePerPeriod=18, amortizationType=1, interestType=0,
            interestCalculationPeriodType=1, transactionProcessingStrategyCode="mifos-standard-strategy",
            submittedOnDate=self._day, expectedDisbursementDate=self._day,
        )  # fmt: skip
        self._post(f"/loans/{loan}?command=approve", approvedOnDate=self._day, expectedDisbursementDate=self._day)
        self._post(f"/loans/{loan}?command=disburse", actualDisbursementDate=self._day)
        return loan
