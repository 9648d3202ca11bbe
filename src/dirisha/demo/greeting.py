"""What `make demo` says when all is up: where to go, as whom, and what to try at each door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

COLUMNS = "  {:<16}{:<10}{:<18}{:<6}{:<15}{}"


def greeting(directories: Sequence[dict[str, Any]], *, data: str, program: str, loaded_on: date, today: date) -> str:
    """`directories` are the institutions'; `program` is how the shell finds `dirisha`."""
    first, second, *far = directories
    tenant, trader, farmer = first["tenant"], first["trader"], first["farmer"]
    address, slug, api = tenant["address"], tenant["slug"], tenant["mifos_api"]
    login = f'{{"username": "{trader["user_name"]}", "password": "{trader["password"]}"}}'
    lines = [
        f"Dirisha is at {address} (data in {data}). Ctrl-C stops it.",
        "",
        *_people(first),
        f"  {second['tenant']['name']}, {second['tenant']['address']}: the same phones and user names, other people.",
        "",
        "What to try",
        f"  Portal     {address} as {trader['user_name']}: pay what is due. Large amounts ask for a code by SMS.",
        f"  Phone      {address}/demo/phone: a handset for each. Dial {tenant['service_code']}; SMS arrive there, too.",
        f"  USSD       curl --data-urlencode phoneNumber={farmer['phone']} -d serviceCode={tenant['service_code']} \\",
        f"               -d sessionId=try-1 -d text= {tenant['hooks']['ussd']}",
        f"  SMS        BAL, LOAN, PAY 500 or HELP from {trader['phone']}, at the handset or by",
        f"             curl --data-urlencode from={trader['phone']} -d to=384 -d id=try-1 -d text=LOAN \\",
        f"               {tenant['hooks']['sms']}",
        f"  Mifos API  curl -H 'Fineract-Platform-TenantId: {slug}' -H 'Content-Type: application/json' \\",
        f"               -d '{login}' {api}/authentication",
        f"             curl -H 'Fineract-Platform-TenantId: {slug}' -u {trader['user_name']}:{trader['password']} \\",
        f"               '{api}/loans/{trader['loans'][0]['id']}?associations=all'",
        f"  Branch     {program} staff deposit --institution {slug} --as {first['staff']['user_name']} \\",
        f"               --account {trader['savings'][0]['id']} --amount 250",
        *(line for each in far for line in _before_a_far_core(each)),
        "",
        f"Ids, account numbers and hooks of everybody: {program} cast    (--json for programs)",
        *_age(loaded_on, today),
    ]
    return "\n".join(lines)


def _before_a_far_core(directory: dict[str, Any]) -> list[str]:
    tenant = directory["tenant"]
    address = tenant["address"]
    return [
        "",
        *_people(directory),
        f"  Its books are in Apache Fineract: a stand-in at {tenant['core']['url']}.",
        f"  Portal     {address}; phone {address}/demo/phone, dial {tenant['service_code']}",
        f"  Core       {tenant['core']['control']}: slow it, break it, heal it, and try the doors meanwhile.",
    ]


def _people(directory: dict[str, Any]) -> list[str]:
    head = COLUMNS.format(directory["tenant"]["name"], "user", "password", "PIN", "phone", "")
    return [head, *(_person(each) for key, each in directory.items() if key != "tenant")]


def _person(entry: dict[str, Any]) -> str:
    what = entry["who"].removeprefix("a ").removeprefix("the ")
    return COLUMNS.format(
        entry["name"], entry["user_name"], entry["password"], entry.get("pin", ""), entry.get("phone", ""), what
    ).rstrip()


def _age(loaded_on: date, today: date) -> list[str]:
    """What is due "now" in the stories was due on the day on which they were written."""
    if loaded_on == today:
        return []
    return [
        f"These data are of {loaded_on:%d %B %Y}: what was due then is late now. `make demo FRESH=1` writes new ones."
    ]
