"""From an institution's file to its first client, without the demo."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.bank import NOW, Bank


def test_what_the_file_names_is_there_and_staff_can_be_appointed(bank: Bank) -> None:
    from dirisha.core.view import core_of
    from dirisha.demo.branch import Branch, appoint_staff
    from dirisha.tenants.institution import Catalogue, LoanProduct

    farm_loan = LoanProduct(
        name="Farm loan", rate_percent=18, smallest=500, largest=90000, fewest_installments=2, most_installments=12
    )
    named = Catalogue(offices=("Hill office", "Town office"), savings_products=("Harvest",), loan_products=(farm_loan,))
    institution = bank.institution.model_copy(update={"catalogue": named})
    core_of(institution).set_up()
    core_of(institution).set_up()
    assert bank.sql("select count(*) from office where name in ('Hill office', 'Town office')") == [(2,)]
    assert bank.sql("select smallest_minor, largest_minor from loan_product where name = 'Farm loan'") == [
        (50000, 9000000)
    ]
    [(hill,)] = bank.sql("select id from office where name = 'Hill office'")
    branch = Branch.of(appoint_staff(hill, login="hilda", name="Hilda", password="up-on-the-hill", at=NOW))
    client = branch.open_client("Wanja", "Maina", "0712000999", at=NOW)
    account = branch.open_savings(client, "Harvest", "Harvest", at=NOW)
    loan = branch.disburse(account.id, "Farm loan", bank.money("1200"), 6, at=NOW)
    assert bank.balance(account.id) == 120000
    assert bank.sql("select count(*) from installment where loan = %s", loan) == [(6,)]


def test_terms_that_make_no_sense_are_refused_with_the_file() -> None:
    from dirisha.tenants.institution import LoanProduct

    with pytest.raises(ValidationError):
        LoanProduct(name="x", rate_percent=-1, smallest=1, largest=2, fewest_installments=1, most_installments=2)
