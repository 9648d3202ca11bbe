"""The relay at the outbox: leased, sent with no transaction open, settled; a second copy at one point only."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.bank import NOW, Bank


def repays(bank: Bank, amount: str = "500", key: str = "k1") -> Any:
    from dirisha.acts.loans.repay import repay
    from dirisha.engine.run import run

    trader = bank.someone("trader")
    return run(
        repay, bank.actor("trader", "mifos"), at=NOW, key=key, loan_id=trader.loans[0].id,
        source_id=trader.savings[0].id, amount=bank.money(amount),
    )  # fmt: skip


def rows(bank: Bank) -> list[tuple[Any, ...]]:
    """State, tries, failure and whether a secret is left, of what the test wrote."""
    return bank.sql(
        "select state, tries, failure, sealed is not null from outbox where made_at >= %s order by made_at, id", NOW
    )


def tells(bank: Bank, msisdn: str = "+254700000118", text: str = "an answer", count: int = 1) -> None:
    from dirisha.db.transactions import Role, transaction
    from dirisha.messaging import outbox

    with transaction("test.reply", Role.APP) as tx:
        for _ in range(count):
            outbox.reply(tx, msisdn, text, language="en", at=NOW, correlation="test")


@pytest.mark.security("M-11")
def test_a_notice_goes_over_the_wire_after_the_commit_with_the_ledgers_figures(bank: Bank) -> None:
    from dirisha.messaging.relay import relay
    from dirisha.simulators.africastalking.desk import serving
    from dirisha.simulators.africastalking.gateway import Gateway
    from dirisha.simulators.africastalking.inbox import MemoryInbox
    from dirisha.tenants.current import use
    from tests.gateway import account_of

    trader = bank.someone("trader")
    done = repays(bank, "1234.56")
    inbox = MemoryInbox()
    with serving(Gateway(account_of(bank.institution), inbox)) as url:
        bank.change(**{"http://127.0.0.1:9/version1/messaging": url})
        with use(bank.house.institution("tumaini")):
            assert relay(NOW) == 1
            assert relay(NOW) == 0
    [notice] = inbox.all()
    assert notice.to == trader.character.msisdn
    from dirisha.kit.money import Money

    balance = Money(bank.balance(trader.savings[0].id), bank.institution.currency)
    assert balance == trader.savings[0].balance - bank.money("1234.56")
    assert f"Balance {balance.gsm_text()}." in notice.text
    assert "KES 1,234.56 paid to loan " in notice.text
    assert f"Ref {done.result.reference}." in notice.text
    assert bank.sql("select id::text, state, carrier_id from outbox where made_at >= %s", NOW) == [
        (notice.reference, "sent", notice.carrier_id)
    ]


@pytest.mark.security("M-11")
def test_what_is_not_committed_is_not_sent(bank: Bank) -> None:
    from dirisha.db.transactions import Role, release, transaction
    from dirisha.messaging import outbox
    from dirisha.tenants.current import use
    from tests.gateway import Desk

    institution, desk = bank.institution, Desk(bank.institution)
    arrived: list[Any] = []

    def relays() -> None:
        with use(institution):
            arrived.extend(desk.relay(NOW))
        release()

    class Undone(Exception):
        pass

    with pytest.raises(Undone), transaction("test.undone", Role.APP) as tx:
        outbox.reply(tx, "+254700000118", "never said", language="en", at=NOW, correlation="test")
        tx.flush()
        thread = threading.Thread(target=relays)
        thread.start()
        thread.join()
        raise Undone
    relays()
    assert arrived == []
    assert rows(bank) == []


@pytest.mark.security("M-11")
def test_a_refused_payment_is_no_news(bank: Bank) -> None:
    from dirisha.engine.outcome import Refused
    from tests.gateway import Desk

    assert isinstance(repays(bank, "999999"), Refused)
    assert Desk(bank.institution).relay(NOW) == []


@pytest.mark.security("U-11")
def test_no_whole_account_number_is_sent(bank: Bank) -> None:
    from tests.gateway import Desk

    trader = bank.someone("trader")
    repays(bank)
    [notice] = Desk(bank.institution).relay(NOW)
    for account in (*trader.savings, *trader.loans):
        assert account.number not in notice.text
    assert trader.loans[0].ref.masked in notice.text


def test_while_the_carrier_is_asked_no_transaction_is_open_and_no_row_locked(bank: Bank) -> None:
    from dirisha.carriers.port import HandedOver
    from dirisha.db.transactions import Role, transaction
    from dirisha.messaging.relay import relay

    class Looking:
        def send(self, to: str, text: str, reference: UUID) -> HandedOver:
            bank.sql("select id from outbox where id = %s for update nowait", reference)
            with transaction("test.look", Role.APP) as tx:  # raises where one is open already
                tx.run("select 1").one()
            return HandedOver("x")

        def read_inbound(self, form: Any) -> Any:
            raise NotImplementedError

    tells(bank)
    assert relay(NOW, Looking()) == 1
    assert [row[0] for row in rows(bank)] == ["sent"]


def test_a_crash_between_hand_over_and_record_sends_one_second_copy_under_the_same_reference(bank: Bank) -> None:
    from dirisha.messaging.relay import LEASE, relay
    from tests.gateway import Desk

    class Killed(BaseException):
        pass

    desk = Desk(bank.institution)
    carrier = desk.carrier
    send = carrier.send

    def sends_and_dies(to: str, text: str, reference: UUID) -> Any:
        send(to, text, reference)
        raise Killed

    tells(bank)
    carrier.at = NOW
    carrier.send = sends_and_dies  # type: ignore[method-assign]
    with pytest.raises(Killed):
        relay(NOW, carrier)
    carrier.send = send  # type: ignore[method-assign]
    assert desk.relay(NOW + LEASE - timedelta(seconds=1)) == [], "leased: nobody else may send it"
    [second] = desk.relay(NOW + LEASE)
    assert [message.reference for message in desk.inbox.all()] == [second.reference] * 2
    assert desk.relay(NOW + timedelta(days=2)) == []
    assert [row[0] for row in rows(bank)] == ["sent"]


def test_relays_side_by_side_send_each_message_once(bank: Bank) -> None:
    from dirisha.db.transactions import release
    from dirisha.messaging.relay import relay
    from dirisha.tenants.current import use
    from tests.gateway import Desk

    tells(bank, count=60)
    institution, desk = bank.institution, Desk(bank.institution)
    desk.carrier.at = NOW

    def relays() -> None:
        with use(institution):
            while relay(NOW, desk.carrier, most=5):
                pass
        release()

    threads = [threading.Thread(target=relays) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    references = [message.reference for message in desk.inbox.all()]
    assert len(references) == len(set(references)) == 60


def test_what_was_perhaps_taken_is_never_sent_again(bank: Bank) -> None:
    from dirisha.simulators.africastalking.faults import Fault, Faults
    from tests.gateway import Desk

    tells(bank)
    Desk(bank.institution, Faults({Fault.BROKEN: 100})).relay(NOW)
    assert rows(bank) == [("unknown", 1, "HTTP 500", False)]
    assert Desk(bank.institution).relay(NOW + timedelta(days=2)) == []


def test_what_is_refused_for_good_is_not_tried_again(bank: Bank) -> None:
    from dirisha.simulators.africastalking.faults import Fault, Faults
    from tests.gateway import Desk

    tells(bank)
    Desk(bank.institution, Faults({Fault.REFUSE: 100}, refusal=403)).relay(NOW)
    assert rows(bank) == [("refused", 1, "403 InvalidPhoneNumber", False)]
    assert Desk(bank.institution).relay(NOW + timedelta(days=2)) == []


def test_a_carrier_that_is_away_is_tried_again_with_longer_pauses_and_given_up_after_a_day(bank: Bank) -> None:
    from dirisha.simulators.africastalking.faults import Fault, Faults
    from tests.gateway import Desk

    repays(bank)
    away, at, pauses = Desk(bank.institution, Faults({Fault.BUSY: 100})), NOW, []
    while rows(bank)[0][0] == "waiting":
        away.relay(at)
        due = bank.sql("select due_at from outbox where made_at >= %s", NOW)[0][0]
        pauses.append(due - at)
        at = max(due, at)
        assert len(pauses) < 100
    assert rows(bank)[0] == ("refused", len(pauses), "given up: HTTP 503", False)
    assert timedelta(days=1) <= at - NOW <= timedelta(days=1, hours=2)
    for tries, pause in enumerate(pauses[:-1], start=1):
        base = min(timedelta(seconds=5) * 2 ** (tries - 1), timedelta(hours=1))
        assert base <= pause <= base * 2, (tries, pause)


def test_a_carrier_that_comes_back_gets_the_same_reference_again(bank: Bank) -> None:
    from dirisha.simulators.africastalking.faults import Fault, Faults
    from tests.gateway import Desk

    repays(bank)
    Desk(bank.institution, Faults({Fault.BUSY: 100})).relay(NOW)
    desk = Desk(bank.institution)
    assert desk.relay(NOW) == [], "not due yet"
    [sent] = desk.relay(NOW + timedelta(minutes=1))
    assert bank.sql("select id::text, tries from outbox where made_at >= %s", NOW) == [(sent.reference, 2)]


def test_a_round_that_takes_too_long_gives_the_rest_back_untried(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    from dirisha.messaging import relay as relaying
    from tests.gateway import Desk

    tells(bank, count=3)
    # The round's time is up after its first row.
    ticks = iter([0.0, 0.0])
    monkeypatch.setattr("dirisha.messaging.relay.time.monotonic", lambda: next(ticks, 1e6))
    desk = Desk(bank.institution)
    desk.carrier.at = NOW
    assert relaying.relay(NOW, desk.carrier) == 3
    monkeypatch.undo()
    assert sorted((row[0], row[1]) for row in rows(bank)) == [("sent", 1), ("waiting", 0), ("waiting", 0)]
    assert len(desk.relay(NOW)) == 2


def test_who_has_no_phone_is_seen_as_unreachable_and_keeps_no_code(bank: Bank) -> None:
    from dirisha.acts.access.send_code import send_code
    from dirisha.acts.loans.repay import repay
    from dirisha.engine.outcome import Done
    from dirisha.engine.run import quote, run
    from tests.gateway import Desk

    trader = bank.someone("trader")
    bank.sql("update phone_link set ended_at = %s where user_id = %s", NOW, trader.user)
    actor = bank.actor("trader", "portal")
    quoted = quote(
        repay, actor, at=NOW, loan_id=trader.loans[0].id, source_id=trader.savings[0].id, amount=bank.money("6000")
    )
    assert isinstance(run(send_code, actor, at=NOW, quote_id=quoted.id), Done)  # type: ignore[union-attr]
    assert rows(bank) == [("unreachable", 0, None, False)]
    assert Desk(bank.institution).relay(NOW) == []


def test_an_institution_without_a_carrier_keeps_its_messages(bank: Bank) -> None:
    from dirisha.messaging.relay import relay
    from dirisha.tenants.current import use

    tells(bank)
    with use(bank.institution.model_copy(update={"carrier": None})):
        assert relay(NOW) == 0
    assert [row[0] for row in rows(bank)] == ["waiting"]
