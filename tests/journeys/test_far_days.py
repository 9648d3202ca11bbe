"""Bad days of a far core, through each door: away at the log-in and in the middle of an act, an answer that is lost, and
an order that was right when it was planned and is wrong when it is sent.

The person comes in all the same, hears what is known, and goes on under the same key; what was lost is found and told
once; what is refused late moves nothing and gives its limit back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.bank import NOW, FarBank, House, service_user
from tests.channels import core_days
from tests.journeys.held import held
from tests.journeys.stands import STANDS, AtMifos, AtPortal, AtUssd, Said
from tests.journeys.test_refusals import PAYERS, pattern, texts_of, words_for
from tests.journeys.unreachable import OWN, REPAY

EVERY_DOOR = pytest.mark.parametrize("door", STANDS)
AMOUNT, MINOR = "600", 60000


@dataclass
class Site:
    """A stand-in that can be stopped and started again, at the same address and over the same books."""

    bank: FarBank
    institution: Any
    port: int
    serving: ExitStack

    def stop(self) -> None:
        self.serving.close()

    def start(self) -> None:
        from dirisha.core.fineract import link
        from dirisha.simulators.fineract.server import standing_in

        server = standing_in(self.institution, service_user(), port=self.port, clock=lambda: NOW)
        self.bank.core = self.serving.enter_context(server).desk
        link.drop(self.bank.institution.slug)  # nobody rests from it any more


@pytest.fixture
def site(house: House) -> Iterator[Site]:
    from dirisha.simulators.fineract.server import standing_in

    with house.far_books() as core, ExitStack() as serving:
        server = serving.enter_context(standing_in(core, service_user(), clock=lambda: NOW))
        with house.in_front_of(server.desk, server.url) as far:
            yield Site(far, core, server.server_address[1], serving)


def stand(bank: FarBank, door: str, act: str = REPAY) -> Any:
    return STANDS[door](bank, act, "trader", "en")


def entered(bank: FarBank, door: str, act: str = REPAY) -> Any:
    at = stand(bank, door, act)
    at.enter()
    return at


def money_of(bank: FarBank) -> list[Any]:
    return [bank.movements(), bank.sql("select account, minor, lines from balance order by account")]


def moved(bank: FarBank, since: list[Any]) -> int:
    """How much has left the trader's first account."""
    source = bank.someone("trader").savings[0].id
    return sum(minor for debit, _, minor in bank.movements()[len(since[0]) :] if debit == source)


def told(bank: FarBank) -> list[str]:
    """The notices about money, in the order in which they were made."""
    return [event for event, *_ in notices(bank)]


def notices(bank: FarBank) -> list[tuple[Any, ...]]:
    return bank.sql(
        "select event, variables ->> 'reference', variables -> 'balance' -> '~money' ->> 0, variables ->> 'why'"
        " from outbox where command is not null and event <> 'code' order by made_at, id"
    )


def uses(bank: FarBank) -> set[str]:
    return {state for (state,) in bank.sql("select distinct state from limit_use")}


def says(door: str, key: str, said: Said) -> None:
    wanted = pattern(texts_of(door).template("en", key), "+254 20 123 4567")
    heard = " ".join(said.words.split())
    assert re.search(wanted, heard), f"{key}: {wanted!r} is not in {heard!r}"


# --- away at the log-in -----------------------------------------------------------------------------------------------


def test_at_the_portal_one_comes_in_and_is_told(site: Site) -> None:
    at = stand(site.bank, "portal")
    site.stop()
    at.enter()
    assert (at.portal.page.status, at.portal.page.code) == (503, "system.try_later")
    assert at.portal.open("/settings").status == 200, "what is kept here is there"
    assert ("access.login", "done") in [event[:2] for event in site.bank.audit()]
    site.start()
    assert at.portal.open("/").status == 200
    assert "Everyday savings" in at.portal.page.text


def test_an_app_comes_in_and_is_told(site: Site) -> None:
    at = stand(site.bank, "mifos")
    site.stop()
    at.enter()
    assert at.app.app.login == at.who.character.login, "it has its key"
    away = at.app.app.get("/clients")
    assert (away.status, away.item["code"]) == (503, "system.try_later")
    site.start()
    assert at.app.app.get("/clients").status == 200


def test_at_the_menu_one_comes_in_and_is_told(site: Site) -> None:
    at = stand(site.bank, "ussd")
    site.stop()
    at.enter()
    assert at.type("1").code == "system.try_later"
    site.start()
    at.enter()
    assert at.who.savings[0].balance.gsm_text("en") in at.type("1").words


# --- away in the middle of an act -------------------------------------------------------------------------------------


def between(at: Any) -> Callable[[], Said]:
    """Up to where the terms are known; what goes on from there, once and again the same."""
    if isinstance(at, AtMifos):
        wish = at.app.wish(at.source, at.loan, AMOUNT)
        return lambda: at.said(at.app.send(wish, "one wish").reply)
    at.propose(AMOUNT)
    if isinstance(at, AtPortal):
        form = at.portal.check_form()
        return lambda: at.said(at.portal.post(form.action, form.fields))
    return lambda: at.confirm()


@pytest.mark.security("M-02")
@pytest.mark.parametrize("door", ["portal", "mifos"])
def test_away_between_terms_and_confirmation_and_on_under_the_same_key(site: Site, door: str) -> None:
    at, before = entered(site.bank, door), money_of(site.bank)
    go_on = between(at)
    site.stop()

    for _ in range(2):
        said = go_on()
        assert said.code == "system.try_later"
        for key in words_for((door, REPAY, "system.try_later")).keys:
            says(door, key, said)
    assert site.bank.instructions() == []
    assert money_of(site.bank) == before

    site.start()
    assert go_on().code is None
    assert go_on().code is None
    site.bank.relay(core_days.A_WHILE_S)
    assert moved(site.bank, before) == MINOR
    assert told(site.bank) == ["repaid"]


def test_a_session_that_ended_because_the_core_was_away_begins_anew(site: Site) -> None:
    at, before = entered(site.bank, "ussd"), money_of(site.bank)
    go_on = between(at)
    site.stop()
    said = go_on()
    assert said.code == "system.try_later" and at.phone.has_ended
    says("ussd", "moved.no_money", said)
    assert (money_of(site.bank), site.bank.instructions()) == (before, [])
    site.start()
    at.enter()
    at.pay(AMOUNT)
    site.bank.relay(core_days.A_WHILE_S)
    assert moved(site.bank, before) == MINOR
    assert told(site.bank) == ["repaid"]


@pytest.mark.security("M-02")
def test_a_message_that_came_while_the_core_was_away_is_taken_up(site: Site) -> None:
    at, before = entered(site.bank, "sms"), money_of(site.bank)
    go_on = between(at)
    site.stop()
    assert go_on().words == ""
    assert (money_of(site.bank), site.bank.instructions()) == (before, [])
    site.start()
    at.later(minutes=8)  # its code was looked at long ago, and is good for as long as its payment waits
    at.taken_up()
    site.bank.relay(3 * core_days.A_WHILE_S)
    assert moved(site.bank, before) == MINOR
    assert told(site.bank).count("repaid") == 1


# --- gone between the act and the sending, or the sending and the answer ----------------------------------------------


@pytest.mark.security("M-02")
@EVERY_DOOR
def test_stopped_before_the_sending_it_waits_and_goes_on_by_itself(site: Site, door: str) -> None:
    at, before = entered(site.bank, door), money_of(site.bank)
    go_on = between(at)
    with held(site.bank, PAYERS, go_on) as waiting:
        site.stop()
        said = waiting.let_go()

    assert (said.code, site.bank.instructions()[0][1:]) == (None, ("accepted", None))
    assert money_of(site.bank) == before
    assert uses(site.bank) == {"reserved"}
    site.start()
    site.bank.relay(core_days.A_WHILE_S)
    site.bank.relay(2 * core_days.A_WHILE_S)
    ends_well_once(site.bank, before)


@pytest.mark.security("M-02")
@EVERY_DOOR
def test_an_answer_that_is_lost_is_asked_for_while_the_person_waits(far_bank: FarBank, door: str) -> None:
    at, before = entered(far_bank, door), money_of(far_bank)
    core_days.hangs_up_after_paying(far_bank)

    said = between(at)()

    assert said.code is None
    assert not ON_ITS_WAY[door](said)
    assert [state for _, state, _ in far_bank.instructions()] == ["posted"]
    far_bank.relay(core_days.A_WHILE_S)
    ends_well_once(far_bank, before)


@pytest.mark.security("M-02")
@EVERY_DOOR
def test_an_answer_that_stays_lost_is_found_later_and_told_once(far_bank: FarBank, door: str) -> None:
    at, before = entered(far_bank, door), money_of(far_bank)
    core_days.hangs_up_after_paying_and_is_not_understood(far_bank)

    said = between(at)()

    assert said.code is None
    assert ON_ITS_WAY[door](said)
    assert [state for _, state, _ in far_bank.instructions()] == ["unknown"]
    assert told(far_bank) == []
    assert uses(far_bank) == {"reserved"}
    far_bank.core.faults.heal()
    assert moved(far_bank, before) == MINOR, "it has moved, and nobody knows yet"
    far_bank.relay(core_days.A_WHILE_S)
    far_bank.relay(2 * core_days.A_WHILE_S)
    ends_well_once(far_bank, before)


ON_ITS_WAY: dict[str, Callable[[Said], bool]] = {
    "portal": lambda said: "On its way" in said.words,
    "mifos": lambda said: '"rollbackTransaction":true' in said.words.replace(" ", ""),
    "ussd": lambda said: said.words.startswith("On its way:"),
    "sms": lambda said: said.words.startswith("On its way:"),
}


def ends_well_once(bank: FarBank, before: list[Any]) -> None:
    """Posted, moved once, its limit used, and told by one notice that says what the core's books say."""
    [(reference, state, _)] = bank.instructions()
    assert state == "posted"
    assert moved(bank, before) == MINOR
    assert uses(bank) == {"used"}
    source = bank.someone("trader").savings[0]
    assert notices(bank) == [("repaid", reference, str(bank.balance(source.id)), None)]
    assert [event[:2] for event in bank.audit() if event[0] == REPAY][-2:] == [(REPAY, "accepted"), (REPAY, "done")]


# --- right when it was planned, wrong when it is sent -----------------------------------------------------------------


def blocked(bank: FarBank, at: Any) -> None:
    core_days.blocked(bank, at.source)


def spent(bank: FarBank, at: Any) -> None:
    core_days.has_spent_all(bank, at.source)


def paid_off(bank: FarBank, at: Any) -> None:
    bank.sql(
        "update installment set principal_paid_minor = principal_minor, interest_paid_minor = interest_minor"
        " where loan = %s",
        at.loan.id,
    )


def client_closed(bank: FarBank, at: Any) -> None:
    bank.core.branch = replace(bank.core.branch, closed_clients=frozenset({at.who.client}))


Change = Callable[[FarBank, Any], None]
LATE: list[tuple[str, str, Change]] = [
    *[(door, "account.not_active", blocked) for door in STANDS],
    *[(door, "account.not_enough_money", spent) for door in STANDS],
    *[(door, "loan.more_than_outstanding", paid_off) for door in ("portal", "sms")],
    ("mifos", "account.not_active", client_closed),
]


@pytest.mark.security("M-11")
@pytest.mark.parametrize(("door", "code", "change"), LATE, ids=[f"{d} {c} {f.__name__}" for d, c, f in LATE])
def test_refused_late_is_told_moves_nothing_and_gives_the_limit_back(
    far_bank: FarBank, door: str, code: str, change: Change
) -> None:
    at = entered(far_bank, door)
    go_on = between(at)
    with held(far_bank, PAYERS, go_on) as waiting:
        change(far_bank, at)
        before = money_of(far_bank)
        said = waiting.let_go()

    [(reference, state, refused)] = far_bank.instructions()
    assert (state, refused) == ("refused", code)
    for key in words_for((door, REPAY, code)).keys:
        says(door, key, said)
    assert said.code == (None if door == "sms" else code)
    assert said.reference
    far_bank.relay(core_days.A_WHILE_S)
    assert money_of(far_bank) == before
    assert uses(far_bank) == {"released"}
    # A menu's last screen is gone with its session; the others' answers can be had again, and say it all.
    assert notices(far_bank) == ([("not_made", reference, None, code)] if door == "ussd" else [])
    audited = [event[:3] for event in far_bank.audit() if event[0] == REPAY]
    assert audited[-2:] == [(REPAY, "accepted", None), (REPAY, "refused", code)]


# --- what the branch changes meanwhile --------------------------------------------------------------------------------


def test_a_client_whom_the_branch_has_closed_still_reads_and_pays_nothing(far_bank: FarBank) -> None:
    at, before = entered(far_bank, "portal", OWN), money_of(far_bank)
    client_closed(far_bank, at)
    assert "Everyday savings" in at.portal.open("/").text
    assert at.pay(AMOUNT).code == "account.not_active"
    assert money_of(far_bank) == before
    assert uses(far_bank) <= {"released"}


def test_a_telephone_that_was_changed_at_the_branch_opens_nothing_here(far_bank: FarBank) -> None:
    """Whose phone it is, is known here: the number in the core is for reading. The old one works until it is ended here."""
    from tests.journeys.drivers.ussd import Phone

    trader = far_bank.someone("trader")
    stranger = "+254700000999"
    far_bank.core.branch = replace(far_bank.core.branch, phones={trader.client: stranger})
    phone = Phone(stranger)
    phone.dial()
    assert trader.character.name.split()[0] not in phone.screen
    at = AtUssd(far_bank, REPAY, "trader", "en")
    at.enter()
    assert at.who.savings[0].balance.gsm_text("en") in at.type("1").words
