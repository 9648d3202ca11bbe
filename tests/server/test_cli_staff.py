"""`dirisha staff`: a branch's acts by somebody who has logged in; refused in words with a code, money moved once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.bank import Bank, FarBank
from tests.server.console import Ended, staff

WRONG = "not-her-password"


def _everyday(bank: Bank, key: str = "trader") -> Any:
    return bank.someone(key).savings[0]


def _refused_as(ended: Ended, code: str, bank: Bank) -> None:
    """Exit code 1, the code, words that nothing moved, and a reference that the trail knows."""
    assert ended.code == 1, ended
    assert f"Code {code}, reference " in ended.complained
    assert "no money moved" in ended.complained
    assert "Help: +254 20 123 4567" in ended.complained
    reference = ended.complained.split("reference ")[1].split(".")[0]
    assert bank.sql("select code from audit_event where correlation = %s and code is not null", reference) == [(code,)]


def test_a_deposit_is_an_act_of_hers_with_a_receipt(bank: Bank) -> None:
    account = _everyday(bank)
    before = bank.balance(account.id)

    ended = staff("deposit", "--account", account.id, "--amount", "1,250.50")

    assert ended.code == 0, ended
    assert f"KES 1,250.50 paid in to Everyday savings {account.number} of Amina Wanjiru." in ended.said
    assert bank.balance(account.id) == before + 125_050
    reference = ended.said.split("Reference ")[1].split(",")[0]
    journal = bank.sql("select kind from journal where reference = %s", reference)
    assert journal == [("savings.deposit",)]
    grace = bank.someone("staff").user
    assert bank.audit()[-2:] == [
        ("access.login", "done", None, "visitor", "console"),
        ("savings.deposit", "done", None, f"user:{grace}", "console"),
    ]


def test_the_same_command_under_one_key_posts_once(bank: Bank) -> None:
    account = _everyday(bank)
    before = bank.movements()
    same = ("deposit", "--account", account.id, "--amount", "700", "--key", "receipt-book-12", "--json")

    first, again = (orjson.loads(staff(*same).said) for _ in range(2))

    assert len(bank.movements()) == len(before) + 1
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert first | {"replayed": True} == again


def test_one_key_for_two_things_is_refused(bank: Bank) -> None:
    account = _everyday(bank)
    staff("deposit", "--account", account.id, "--amount", "700", "--key", "receipt-book-12")
    before = bank.movements()

    ended = staff("deposit", "--account", account.id, "--amount", "701", "--key", "receipt-book-12")

    assert (ended.code, "Code command.conflict" in ended.complained) == (1, True)
    assert bank.movements() == before


def test_a_client_is_taken_on_enrolled_and_given_a_loan(bank: Bank) -> None:
    def done(*arguments: Any) -> dict[str, Any]:
        ended = staff(*arguments, "--json")
        assert ended.code == 0, ended
        return dict(orjson.loads(ended.said))

    client = done("open-client", "--first-name", "Otis", "--last-name", "Were", "--phone", "0711 222 333")["client"]
    access = done(
        "enrol", "--client", client, "--login", "otis", "--name", "Otis Were", "--phone", "0711222333",
        "--label", "Otis", "--language", "sw", "--generate",
    )  # fmt: skip
    account = done("open-savings", "--client", client, "--product", "Everyday savings")
    loan = done(
        "disburse", "--account", account["account"], "--product", "Business loan", "--principal", "9000",
        "--installments", 6,
    )  # fmt: skip

    assert bank.sql("select status, principal_minor from loan where id = %s", loan["loan"]) == [("active", 900_000)]
    assert bank.balance(account["account"]) == 900_000
    assert bank.sql("select count(*) from installment where loan = %s", loan["loan"]) == [(6,)]
    _is_let_in(access["login"], access["first_password"], access["first_pin"], "+254711222333")


def _is_let_in(login_name: str, password: str, pin: str, msisdn: str) -> None:
    from dirisha.access.people import visitor
    from dirisha.access.secrets import Secret, SecretKind
    from dirisha.acts.access.enter_pin import enter_pin
    from dirisha.acts.access.login import login
    from dirisha.engine.outcome import Done
    from dirisha.engine.run import run
    from dirisha.kit.actor import Channel

    at = datetime.now(UTC)
    by_password = Secret(SecretKind.PASSWORD, password, attempt="1")
    entered = run(login, visitor(Channel.PORTAL), at=at, secret=by_password, login_name=login_name)
    assert isinstance(entered, Done), entered
    by_pin = Secret(SecretKind.PIN, pin, attempt="2")
    phone = visitor(Channel.USSD, device=msisdn)
    dialled = run(enter_pin, phone, at=at, secret=by_pin, user_id=entered.result.user)
    assert isinstance(dialled, Done), dialled


def test_first_secrets_come_from_files_as_well(bank: Bank, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("seven-goats-and-a-cow\n")
    (tmp_path / "pin").write_text("2648\n")
    client = orjson.loads(staff("open-client", "--first-name", "Otis", "--last-name", "Were", "--json").said)["client"]

    ended = staff(
        "enrol", "--client", client, "--login", "otis", "--name", "Otis Were", "--phone", "0711222333", "--label", "Otis",
        "--first-password-file", tmp_path / "password", "--first-pin-file", tmp_path / "pin",
    )  # fmt: skip

    assert ended.code == 0, ended
    assert "seven-goats" not in ended.said + ended.complained
    _is_let_in("otis", "seven-goats-and-a-cow", "2648", "+254711222333")


def test_a_locked_client_is_unlocked(bank: Bank) -> None:
    from dirisha.access.people import visitor
    from dirisha.access.secrets import Secret, SecretKind
    from dirisha.acts.access.enter_pin import enter_pin
    from dirisha.engine.run import run
    from dirisha.kit.actor import Channel

    trader = bank.someone("trader")
    phone = visitor(Channel.USSD, device=trader.character.msisdn)

    def tries(pin: str, attempt: str) -> Any:
        secret = Secret(SecretKind.PIN, pin, attempt=attempt)
        return run(enter_pin, phone, at=datetime.now(UTC), secret=secret, user_id=trader.user)

    for attempt in ("1", "2", "3"):
        tries("0011", attempt)
    assert tries(trader.character.pin, "4").code == "access.locked_out"

    ended = staff("unlock", "--client", trader.client)

    assert ended.code == 0, ended
    assert tries(trader.character.pin, "5").result.user == trader.user


def test_the_operator_appoints_staff_who_can_log_in(bank: Bank) -> None:
    arguments = ("appoint", "--office", "Lake office", "--login", "otieno", "--name", "Otieno Ouma", "--generate")

    made = orjson.loads(staff(*arguments, "--json", DIRISHA_STAFF=None, DIRISHA_STAFF_PASSWORD=None).said)

    assert made["office"] == "Lake office"
    ended = staff(
        "open-client", "--first-name", "A", "--last-name", "B",
        DIRISHA_STAFF="otieno", DIRISHA_STAFF_PASSWORD=made["first_password"],
    )  # fmt: skip
    assert ended.code == 0, ended
    assert bank.sql("select o.name from client c join office o on o.id = c.office order by c.id desc limit 1") == [
        ("Lake office",)
    ]


def test_an_office_that_is_not_there_is_said(bank: Bank) -> None:
    ended = staff("appoint", "--office", "Hill office", "--login", "otieno", "--name", "Otieno", "--generate")

    assert ended.code == 1
    assert ended.complained == "There is no office Hill office. There is: Town office (1), Lake office (2)."


# --- refused ----------------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_refused_counted_and_locks(bank: Bank) -> None:
    account = _everyday(bank)
    before = bank.movements()

    refusals = [
        staff("deposit", "--account", account.id, "--amount", 5, DIRISHA_STAFF_PASSWORD=WRONG) for _ in range(5)
    ]
    locked = staff("deposit", "--account", account.id, "--amount", 5)

    _refused_as(refusals[0], "access.wrong_secret", bank)
    assert "Tries left: 4." in refusals[0].complained
    _refused_as(refusals[4], "access.locked_out", bank)
    _refused_as(locked, "access.locked_out", bank)
    assert bank.movements() == before
    assert WRONG not in str(bank.sql("select * from audit_event"))


def test_a_client_may_not_do_a_branchs_work(bank: Bank) -> None:
    account = _everyday(bank)
    before = bank.movements()

    ended = staff(
        "deposit",
        "--account",
        account.id,
        "--amount",
        5,
        DIRISHA_STAFF="amina",
        DIRISHA_STAFF_PASSWORD="maize-and-beans",
    )

    _refused_as(ended, "access.not_permitted", bank)
    assert bank.movements() == before


def test_another_offices_client_looks_like_none(bank: Bank) -> None:
    trader, before = bank.someone("trader"), bank.movements()
    lake = {"DIRISHA_STAFF": "counter2"}  # of the Lake office; the trader is at the Town office
    commands: list[tuple[tuple[Any, ...], tuple[Any, ...]]] = [
        (("deposit", "--amount", 5, "--account"), (trader.savings[0].id, 999_999)),
        (("disburse", "--product", "Business loan", "--principal", 5000, "--installments", 6, "--account"),
         (trader.savings[0].id, 999_999)),
        (("open-savings", "--product", "Everyday savings", "--client"), (trader.client, 999_999)),
        (("unlock", "--client"), (trader.client, 999_999)),
    ]  # fmt: skip

    for arguments, (theirs, missing) in commands:
        answers = [staff(*arguments, target, **lake) for target in (theirs, missing)]
        for ended in answers:
            _refused_as(ended, "object.not_found", bank)
        assert len({ended.complained.split("reference ")[0] for ended in answers}) == 1
    assert bank.movements() == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("open-client", "--first-name", "A", "--last-name", "B", "--phone", "hello"), "input.bad"),
        (("deposit", "--account", "{account}", "--amount", "0"), "input.bad"),
        (("deposit", "--account", "{account}", "--amount", "-5"), "input.bad"),
        (("open-savings", "--client", "{client}", "--product", "Gold"), "product.unknown"),
        (("disburse", "--account", "{account}", "--product", "Gold", "--principal", "5000", "--installments", "6"),
         "product.unknown"),
        (("disburse", "--account", "{account}", "--product", "Business loan", "--principal", "5", "--installments", "6"),
         "loan.terms_not_offered"),
        (("enrol", "--client", "{client}", "--login", "amina2", "--name", "A", "--phone", "0711222333", "--label", "A",
          "--generate"), "access.already_enrolled"),
        (("appoint", "--office", "1", "--login", "grace", "--name", "G", "--generate"), "access.login_name_taken"),
    ],
)  # fmt: skip
def test_what_can_t_be_done_is_refused_in_words(bank: Bank, arguments: tuple[str, ...], code: str) -> None:
    trader, before = bank.someone("trader"), bank.movements()

    ended = staff(*(each.format(account=trader.savings[0].id, client=trader.client) for each in arguments))

    _refused_as(ended, code, bank)
    assert bank.movements() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("deposit", "--account", "1001", "--amount", "100"),
        ("open-client", "--first-name", "Otis", "--last-name", "Were"),
        ("open-savings", "--client", "1", "--product", "Everyday savings", "--name", "Everyday"),
        ("disburse", "--account", "1001", "--product", "Business loan", "--principal", "20000", "--installments", "12"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_is_kept_in_a_core_of_its_own_is_done_there(far_bank: FarBank, arguments: tuple[str, ...]) -> None:
    before = far_bank.movements()

    ended = staff(*arguments)

    _refused_as(ended, "core.kept_elsewhere", far_bank)
    assert ended.complained.startswith(
        "Clients, accounts and cash of this institution are kept in its own core system. Do it there: it shows here at once."
    )
    assert far_bank.movements() == before and far_bank.instructions() == []


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (("deposit", "--account", "1"), {}, "Missing option '--amount'"),
        (("deposit", "--account", "x", "--amount", "5"), {}, "'x' is not a valid integer range"),
        (("deposit", "--account", "1", "--amount", "1e400"), {}, "'1e400' is no amount of KES"),
        (("deposit", "--account", "1", "--amount", "1.005"), {}, "'1.005' is no amount of KES"),
        (("unlock", "--client", "1"), {"DIRISHA_STAFF": None}, "Missing option '--as'"),
        (("unlock", "--client", "1"), {"DIRISHA_STAFF_PASSWORD": None}, "Password of grace can't be asked for"),
        (("unlock", "--client", "1"), {"DIRISHA_INSTITUTION": None}, "Say which institution: --institution"),
        (("enrol", "--client", "1", "--login", "a", "--name", "A", "--phone", "0711222333", "--label", "A"), {},
         "First password can't be asked for"),
    ],
)  # fmt: skip
def test_misuse_ends_with_2_and_moves_nothing(
    bank: Bank, arguments: tuple[str, ...], environment: dict[str, str | None], words: str
) -> None:
    before = bank.movements()

    ended = staff(*arguments, **environment)

    assert ended.code == 2, ended
    assert words in ended.complained
    assert bank.movements() == before


def test_an_institution_that_is_not_there_is_said(bank: Bank) -> None:
    ended = staff("unlock", "--client", 1, DIRISHA_INSTITUTION="nowhere")

    assert (ended.code, ended.complained) == (1, "There is no institution nowhere. There is: jirani, tumaini.")


@pytest.mark.security("A-08")
def test_no_option_takes_a_secret(house: object) -> None:
    """Arguments stand in the list of processes for everybody to read."""
    from dirisha.server.cli.staff import staff as group

    options = {option for command in group.commands.values() for each in command.params for option in each.opts}
    about_secrets = {option for option in options if "password" in option or "pin" in option.split("-")}
    assert about_secrets == {"--password-file", "--first-password-file", "--first-pin-file"}


def test_the_console_has_words_for_every_refusal_of_its_acts(house: object) -> None:
    from dirisha.access.permissions import permitted
    from dirisha.acts import import_all
    from dirisha.engine.act import ACTS
    from dirisha.engine.refusals import common_to
    from dirisha.kit.actor import Actor, Channel, Role
    from dirisha.server.cli.console import WORDS

    import_all()
    at_the_console = [Actor("any", Channel.CONSOLE, role) for role in (Role.VISITOR, Role.STAFF, Role.OPERATOR)]
    offered = [act for act in ACTS.values() if any(permitted(actor, act.permission) for actor in at_the_console)]
    assert len(offered) == 8
    codes = {refusal.code for act in offered for refusal in (*common_to(act), *act.refusals)}
    for language in WORDS.languages:
        assert {code for code in codes if f"refusal.{code}" not in WORDS.keys(language)} == set()
    worded = [key.removeprefix("refusal.") for key in WORDS.keys("en") if key.startswith("refusal.")]
    assert set(worded) == codes
