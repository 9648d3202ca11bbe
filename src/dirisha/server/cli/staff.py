from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

import click

from dirisha.access.secrets import WeakSecret, check_strength_of_pin
from dirisha.acts.access.appoint import appoint as appoint_staff
from dirisha.acts.access.enrol import enrol as enrol_client
from dirisha.acts.access.unlock import unlock as unlock_access
from dirisha.acts.clients.open import open_client as open_new_client
from dirisha.acts.loans.disburse import disburse as disburse_loan
from dirisha.acts.savings.deposit import deposit as deposit_cash
from dirisha.acts.savings.open import open_savings as open_savings_account
from dirisha.core.port import Office
from dirisha.kit.ids import REFERENCE_LETTERS, ClientId, SavingsId
from dirisha.queries import offices
from dirisha.queries.ask import ask
from dirisha.server.cli.console import Clerk, by_operator, by_staff, heard, money
from dirisha.server.refused import Refused
from dirisha.tenants.current import current

ID = click.IntRange(min=1, max=2**63 - 1)

client_option = click.option("--client", type=ID, required=True, help="The client's id.")
account_option = click.option("--account", type=ID, required=True, help="The savings account's id.")
key_option = click.option("--key", metavar="WORD", help="Given twice with the same words, this posts once.")


@click.group()
def staff() -> None:
    """What a branch does: open clients and accounts, take deposits, pay out loans.

    Each is a real act, with receipt and audit. Log in by --as, or DIRISHA_STAFF; the password is asked for, or comes
    from --password-file or DIRISHA_STAFF_PASSWORD. Where there are several institutions, say which by --institution or
    DIRISHA_INSTITUTION.

    \b
    dirisha staff appoint --office "Town office" --login grace --name "Grace Njeri"
    dirisha staff open-client --as grace --first-name Amina --last-name Wanjiru --phone 0700000118
    dirisha staff enrol --as grace --client 1 --login amina --phone 0700000118 --label "My line" --generate
    dirisha staff open-savings --as grace --client 1 --product "Everyday savings"
    dirisha staff deposit --as grace --account 1001 --amount 2500
    dirisha staff disburse --as grace --account 1001 --product "Business loan" --principal 48000 --installments 12
    dirisha staff unlock --as grace --client 1

    Exit codes: 0 done, 1 refused (why, whether money moved and a reference are printed), 2 misused.
    """


@staff.command()
@click.option("--office", required=True, help="Its name or number.")
@click.option("--login", required=True, help="The name to log in by.")
@click.option("--name", required=True, help="The person's name.")
@click.option("--first-password-file", metavar="FILE", help="Where the first password is; - is standard input.")
@click.option("--generate", is_flag=True, help="Make the first password, and print it once.")
@by_operator
def appoint(clerk: Clerk, office: str, login: str, name: str, first_password_file: str | None, generate: bool) -> None:
    """Appoint a member of staff, as the operator of this machine.

    \b
    dirisha staff appoint --office "Town office" --login grace --name "Grace Njeri" --generate
    """
    place = _office(clerk, office)
    password = _first_password(first_password_file, generate=generate)
    clerk.does(appoint_staff, office_id=place.id, login_name=login, name=name, password=password)
    made: dict[str, Any] = {"first_password": password} if generate else {}
    clerk.report("appoint", name=name, office=place.name, login=login, **made)
    if made and not clerk.as_json:
        clerk.report("password", password=password)


@staff.command("open-client")
@click.option("--first-name", required=True)
@click.option("--last-name", required=True)
@click.option("--phone", help="The contact on file, in any form that can be dialled.")
@by_staff
def open_client(clerk: Clerk, first_name: str, last_name: str, phone: str | None) -> None:
    """Take on a new client at your office; prints the client's id.

    \b
    dirisha staff open-client --as grace --first-name Amina --last-name Wanjiru --phone 0700000118
    """
    client = clerk.does(open_new_client, first_name=first_name, last_name=last_name, msisdn=phone)
    clerk.report("open_client", client=client, name=f"{first_name} {last_name}")


@staff.command()
@client_option
@click.option("--login", required=True, help="The name to log in by.")
@click.option("--name", required=True, help="The person's name.")
@click.option("--phone", required=True, help="A phone that you have seen in the person's hand.")
@click.option("--label", required=True, help="A word that finds the person on a shared phone; it gives no name away.")
@click.option("--language", help="Such as en or sw; the institution's first one when left out.")
@click.option("--first-password-file", metavar="FILE", help="Where the first password is; - is standard input.")
@click.option("--first-pin-file", metavar="FILE", help="Where the first PIN is.")
@click.option("--generate", is_flag=True, help="Make password and PIN where no file is named, and print them once.")
@by_staff
def enrol(
    clerk: Clerk,
    client: int,
    login: str,
    name: str,
    phone: str,
    label: str,
    language: str | None,
    first_password_file: str | None,
    first_pin_file: str | None,
    generate: bool,
) -> None:
    """Give a client access: a name to log in by, a verified phone, a first password and a first PIN.

    \b
    dirisha staff enrol --as grace --client 1 --login amina --name "Amina Wanjiru" \\
        --phone 0700000118 --label "My line" --generate
    """
    password = _first_password(first_password_file, generate=generate)
    pin = _first_pin(first_pin_file, phone, generate=generate)
    clerk.does(
        enrol_client, client_id=ClientId(client), login_name=login, name=name, msisdn=phone, label=label,
        language=language, password=password, pin=pin,
    )  # fmt: skip
    carrier = current().carrier
    made: dict[str, Any] = {"first_password": password, "first_pin": pin} if generate else {}
    clerk.report("enrol", client=client, name=name, login=login, dial=carrier.service_code if carrier else "-", **made)
    if made and not clerk.as_json:
        clerk.report("secrets", password=password, pin=pin)


@staff.command("open-savings")
@client_option
@click.option("--product", required=True, help="The savings product's name.")
@click.option("--name", help="What the client calls the account; the product's name when left out.")
@by_staff
def open_savings(clerk: Clerk, client: int, product: str, name: str | None) -> None:
    """Open a savings account for a client of your office; prints its id and number.

    \b
    dirisha staff open-savings --as grace --client 1 --product "School fees"
    """
    account = clerk.does(open_savings_account, client_id=ClientId(client), product=product, name=name or product)
    clerk.report("open_savings", account=account.id, number=account.number, name=account.name)


@staff.command()
@account_option
@click.option("--amount", required=True, help="In the institution's currency, such as 2500 or 2,500.50.")
@key_option
@by_staff
def deposit(clerk: Clerk, account: int, amount: str, key: str | None) -> None:
    """Take cash at the counter into a savings account.

    \b
    dirisha staff deposit --as grace --account 1001 --amount 2500 --key receipt-book-4711
    """
    done = clerk.moves(deposit_cash, key=key, target_id=SavingsId(account), amount=money(amount))
    receipt = done.result
    clerk.report_receipt(
        "deposit", done, amount=receipt.amount, account=receipt.target.id, number=receipt.target.number,
        name=receipt.target.name, payee=receipt.payee, balance=receipt.balance_after,
    )  # fmt: skip


@staff.command()
@account_option
@click.option("--product", required=True, help="The loan product's name.")
@click.option("--principal", required=True, help="In the institution's currency.")
@click.option("--installments", type=click.IntRange(1, 600), required=True, help="How many, one a month.")
@key_option
@by_staff
def disburse(clerk: Clerk, account: int, product: str, principal: str, installments: int, key: str | None) -> None:
    """Open a loan on a product and pay it out into the borrower's savings account.

    \b
    dirisha staff disburse --as grace --account 1001 --product "Business loan" --principal 48000 --installments 12
    """
    done = clerk.moves(
        disburse_loan, key=key, target_id=SavingsId(account), product=product, principal=money(principal),
        installments=installments,
    )  # fmt: skip
    receipt = done.result
    clerk.report_receipt(
        "disburse", done, amount=receipt.amount, loan=receipt.target.id, number=receipt.target.number,
        payee=receipt.payee, balance=receipt.balance_after,
    )  # fmt: skip


@staff.command()
@client_option
@by_staff
def unlock(clerk: Clerk, client: int) -> None:
    """Unlock the PIN and the password of a client whom you have recognised.

    \b
    dirisha staff unlock --as grace --client 1
    """
    clerk.does(unlock_access, client_id=ClientId(client))
    clerk.report("unlock", client=client)


# --- inputs -----------------------------------------------------------------------------------------------------------


def _office(clerk: Clerk, words: str) -> Office:
    listed = ask(offices.listed, clerk.actor, at=datetime.now(UTC))
    for office in listed:
        if words in (office.name, str(office.id)):
            return office
    if not listed:
        raise Refused(f"{current().name} has no office yet.")
    raise Refused(f"There is no office {words}. There is: {', '.join(f'{each.name} ({each.id})' for each in listed)}.")


def _first_password(file: str | None, *, generate: bool) -> str:
    if file is None and generate:
        return "-".join("".join(secrets.choice(REFERENCE_LETTERS) for _ in range(4)) for _ in range(3))
    return heard("First password", file, otherwise="--first-password-file FILE or --generate", twice=True)


def _first_pin(file: str | None, phone: str, *, generate: bool) -> str:
    if file is not None or not generate:
        return heard("First PIN", file, otherwise="--first-pin-file FILE or --generate", twice=True)
    while True:
        pin = f"{secrets.randbelow(10_000):04d}"
        try:
            check_strength_of_pin(pin, phone)
            return pin
        except WeakSecret:
            continue
