"""`dirisha audit verify` and `dirisha ledger verify`: quiet where all is well, plain where it is not."""

from __future__ import annotations

from tests.bank import NOW, Bank
from tests.server.console import command


def _sealed() -> None:
    from dirisha.audit.sealer import seal

    assert seal(NOW) > 0


def test_a_whole_trail_is_told_with_its_head(bank: Bank) -> None:
    _sealed()

    ended = command("audit", "verify", "--institution", "tumaini")

    assert ended.code == 0
    assert ended.said.startswith("tumaini: the trail is whole, ")
    head = ended.said.split("head ")[1].strip()
    assert command("audit", "verify", "--institution", "tumaini", "--anchor", head).code == 0


def test_an_altered_row_is_found(bank: Bank) -> None:
    _sealed()
    bank.sql("update audit_event set actor = 'user:1' where id = (select id from audit_event order by id limit 1)")

    ended = command("audit", "verify", "--all")

    assert ended.code == 1
    assert "tumaini: seal 1: a row or the seal itself was altered" in ended.said
    assert "jirani: the trail is whole" in ended.said


def test_a_chain_that_was_cut_is_found_by_a_head_that_was_noted(bank: Bank) -> None:
    _sealed()
    head = command("audit", "verify", "--institution", "tumaini").said.split("head ")[1].strip()
    bank.sql("delete from seal")

    assert command("audit", "verify", "--institution", "tumaini").code == 0
    assert command("audit", "verify", "--institution", "tumaini", "--anchor", head).code == 1


def test_a_trail_cut_at_its_end_with_its_seal_is_found_by_the_commands(bank: Bank) -> None:
    _sealed()
    assert command("audit", "verify", "--institution", "tumaini").code == 0
    bank.sql("delete from seal")
    bank.sql("delete from audit_event where command is not null")

    ended = command("audit", "verify", "--institution", "tumaini")

    assert ended.code == 1
    assert "finished commands have no event" in ended.said


def test_sound_books_are_told(bank: Bank) -> None:
    ended = command("ledger", "verify", "--all")

    assert ended.code == 0
    assert ended.said.splitlines() == [
        f"{slug}: balances equal movements, debits equal credits" for slug in ("jirani", "tumaini")
    ]


def test_a_balance_that_no_movement_explains_is_found(bank: Bank) -> None:
    account = bank.someone("trader").savings[0]
    bank.sql("update balance set minor = minor + 1 where account = %s", account.id)

    ended = command("ledger", "verify", "--institution", "tumaini")

    assert ended.code == 1
    assert f"tumaini: account {account.number}: balance " in ended.said
    assert "not zero" in ended.said


def test_misuse(bank: Bank) -> None:
    assert command("audit", "verify", "--anchor", "1:00").code == 2
    assert command("audit", "verify", "--all", "--institution", "tumaini").code == 2
    assert command("ledger", "verify", "--all", "--institution", "tumaini").code == 2
    assert command("ledger", "verify", "--institution", "nowhere").code == 1
