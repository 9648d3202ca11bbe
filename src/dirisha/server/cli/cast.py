from __future__ import annotations

from typing import Any

import click
import orjson

from dirisha.server import demonstration, process
from dirisha.server.cli.entry import database, need_database

COLUMNS = "{:<10}{:<16}{:<9}{:<18}{:<6}{:<15}{:<14}{:<7}{}"


@click.command()
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="For programs: the first institution's people by key; `second` and `third` have the others'.",
)
def cast(as_json: bool) -> None:
    """Who is in the demo: names, passwords, PINs, phones, accounts, addresses.

    \b
    Keys: trader, farmer, newcomer, shared_a, shared_b, staff
    dirisha cast --json | jq .trader
    """
    settings = process.load()
    need_database(settings)
    with database(settings):
        directories = demonstration.directories(settings)
    if as_json:
        others = dict(zip(("second", "third"), directories[1:], strict=False))
        click.echo(orjson.dumps({**directories[0], **others}, option=orjson.OPT_INDENT_2))
        return
    click.echo("\n\n".join(_table(each) for each in directories))


def _table(directory: dict[str, Any]) -> str:
    tenant = directory["tenant"]
    people = [(key, entry) for key, entry in directory.items() if key != "tenant"]
    return "\n".join(
        [
            f"{tenant['name']}   {tenant['address']}   Fineract-Platform-TenantId: {tenant['slug']}",
            f"  Mifos API  {tenant['mifos_api']}",
            f"  USSD hook  {tenant['hooks']['ussd']}   (dial {tenant['service_code']})",
            f"  SMS hook   {tenant['hooks']['sms']}",
            *([f"  Core       {tenant['core']['control']}"] if "core" in tenant else []),
            "",
            COLUMNS.format("key", "name", "user", "password", "PIN", "phone", "label", "client", "accounts: id number"),
            *(_row(key, entry) for key, entry in people),
        ]
    )


def _row(key: str, entry: dict[str, Any]) -> str:
    owned = [
        f"{each['name']} {each['id']} {each['number']}" for each in entry.get("savings", []) + entry.get("loans", [])
    ]
    return COLUMNS.format(
        key, entry["name"], entry["user_name"], entry["password"], entry.get("pin", ""), entry.get("phone", ""),
        entry.get("label", ""), entry.get("client_id", ""), ", ".join(owned),
    ).rstrip()  # fmt: skip
