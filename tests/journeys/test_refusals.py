"""Each refusal of each act, met once through each door that offers the act; what nobody meets stands in `unreachable`.

Refusals of money acts are met in front of both cores, with equal outcomes; the others in front of one: what they touch,
people and their secrets, phones, sessions and messages, is kept here and never in a core.

A scenario is one small function that brings it about, whatever the door, and gives what the door said. What holds for
all of them is asserted in one place: the door's own words in the person's language, its code, the number to call, the
reference under which the audit has it, nothing moved, and attempts counted as they should be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Any, cast

import pytest

from tests.bank import NOW, Bank, FarBank
from tests.books.test_database_away import away
from tests.channels import core_days
from tests.house.test_routes import routes
from tests.journeys.drivers.sms import CODE
from tests.journeys.held import held
from tests.journeys.stands import STANDS, AtMifos, AtPortal, AtSms, AtUssd, Said, Stand
from tests.journeys.unreachable import AT_A_FAR_CORE_ALONE, MONEY, OWN, REPAY, UNREACHABLE, Cell

LOGIN, LOG_OUT, ENTER_PIN = "access.login", "access.log_out", "access.enter_pin"
SET_LANGUAGE, SWITCH_SMS, SEND_CODE = "access.set_language", "access.switch_sms", "access.send_code"
STOP, START = "messaging.stop", "messaging.start"

Scenario = Callable[[Any], Said]
REACHED: dict[Cell, Scenario] = {}
CORES = ("native", "fineract")

PORTAL, MIFOS, USSD = ([(door, act) for act in MONEY] for door in ("portal", "mifos", "ussd"))
SMS = [("sms", REPAY)]
EVERYWHERE = [*PORTAL, *MIFOS, *USSD, *SMS]


def reaches(code: str, *places: tuple[str, str]) -> Callable[[Scenario], Scenario]:
    """The scenario meets `code` at each of the places (door, act)."""

    def keep(scenario: Scenario) -> Scenario:
        for door, act in places:
            assert (door, act, code) not in REACHED, (door, act, code)
            REACHED[door, act, code] = scenario
        return scenario

    return keep


# --- what the door says, where that is not the line of its table -----------------------------------------------------


@dataclass(frozen=True)
class Words:
    """Keys of the door's texts, and the code that stands with them (None where none does)."""

    keys: tuple[str, ...]
    code: str | None = None


WRONG_LOGIN = Words(("refusal.access.wrong_secret",), "access.wrong_secret")

SAID_OTHERWISE: dict[Cell, Words] = {
    # Changed terms are shown anew, and the payment goes on with them.
    **{(*place, "plan.changed"): Words(("check.said_changed",)) for place in PORTAL},
    **{(*place, "plan.changed"): Words(("confirm.changed", "confirm.fee", "confirm.pin")) for place in USSD},
    # Asked again on the spot, where the same page can go on.
    **{(*place, "proof.needed"): Words(("confirm.pin_now", "confirm.pin")) for place in USSD},
    **{(*place, "access.wrong_secret"): Words(("pin.wrong", "confirm.pin")) for place in USSD},
    **{(*place, "input.bad"): Words(("hint.amount",)) for place in USSD},
    ("ussd", ENTER_PIN, "access.wrong_secret"): Words(("pin.wrong", "pin.ask")),
    ("ussd", ENTER_PIN, "input.bad"): Words(("hint.pin", "pin.ask")),
    # What is wrong with a field is told beside it.
    **{(*place, "input.bad"): Words(("input.amount.not_positive", "money.nothing_moved", "page.help"), "input.bad")
       for place in PORTAL},
    ("portal", LOGIN, "input.bad"): Words(("input.login_name.missing", "page.help"), "input.bad"),
    **{(*place, "input.bad"): Words(("item.not_positive",), "input.bad") for place in MIFOS},
    ("mifos", LOGIN, "input.bad"): Words(("item.mandatory",), "input.bad"),
    # Other people's things are as if they were not there.
    ("portal", SWITCH_SMS, "object.not_found"): Words(
        ("error.not_found.said", "error.not_found.next", "page.help"), "object.not_found"),
    # The page from which one pays is one's own all the same.
    **{(*place, "object.not_found"): Words(
        ("refusal.object.not_yours.said", "money.nothing_moved", "refusal.object.not_yours.next", "page.help"), "object.not_found")
       for place in PORTAL},
    **{(*place, "object.not_found"): Words(("item.from_details",), "object.not_found") for place in MIFOS},
    # A code is for a payment that waits: for one that waits no more the page says so.
    ("portal", SEND_CODE, "object.not_found"): Words(
        ("refusal.quote.expired.said", "money.nothing_moved", "refusal.quote.expired.next", "page.help"), "quote.expired"),
    # Who may not come in by this door hears what everybody hears whose name or password is wrong.
    ("mifos", LOGIN, "object.not_found"): WRONG_LOGIN,
    # Before the act: the session can't be read, so nobody is logged out of it.
    ("portal", LOG_OUT, "system.try_later"): Words(("error.away.said", "error.away.next", "page.help"), "system.try_later"),
    # Cut at the commit itself: nobody knows what came of it.
    ("portal", SET_LANGUAGE, "system.try_later"): Words(
        ("refusal.system.not_known.said", "money.not_known", "refusal.system.not_known.next", "page.help"), "system.try_later"),
    ("ussd", SET_LANGUAGE, "system.try_later"): Words(("refusal.unknown", "moved.unknown", "call"), "system.try_later"),
}  # fmt: skip


def words_for(cell: Cell) -> Words:
    door, act, code = cell
    if cell in SAID_OTHERWISE:
        return SAID_OTHERWISE[cell]
    match door:
        case "portal" if act == LOGIN:
            return Words((f"refusal.{code}.said", f"refusal.{code}.next", "page.help"), code)
        case "portal":
            return Words((f"refusal.{code}.said", "money.nothing_moved", f"refusal.{code}.next", "page.help"), code)
        case "mifos":
            return Words((f"refusal.{code}",), code)
        case "ussd":
            return Words((f"refusal.{code}", "moved.no_money" if act in MONEY else "moved.no_change", "call"), code)
    return Words((f"refusal.{code}",))


def texts_of(door: str) -> Any:
    from dirisha.channels.mifos.errors import WORDS as MIFOS_WORDS
    from dirisha.channels.portal.speech import WORDS as PORTAL_WORDS
    from dirisha.channels.sms.sender import WORDS as SMS_WORDS
    from dirisha.channels.ussd.words import WORDS as USSD_WORDS

    return {"portal": PORTAL_WORDS, "mifos": MIFOS_WORDS, "ussd": USSD_WORDS, "sms": SMS_WORDS}[door]


def pattern(template: str, help_number: str) -> str:
    """A text as a pattern: what is filled in may be anything, but the number to call, which is known."""
    parts = []
    for literal, name, _, _ in Formatter().parse(" ".join(template.split())):
        parts.append(re.escape(literal))
        if name:
            parts.append(re.escape(help_number) if name in ("help", "number") else ".+?")
    return "".join(parts)


# --- the audit, where it has something else than the act and the code -------------------------------------------------

# The door refuses by itself: what the person typed never becomes an act's input.
NO_ACT = {
    *[(*place, "input.bad") for place in (*PORTAL, *MIFOS, *USSD)],
    ("portal", LOGIN, "input.bad"), ("mifos", LOGIN, "input.bad"), ("ussd", ENTER_PIN, "input.bad"),
    ("portal", SWITCH_SMS, "input.bad"),
    # The login itself was right, and is in the audit as done; the door shows staff out again.
    ("portal", LOGIN, "access.not_permitted"),
}  # fmt: skip
# A quote that is not there names no act.
AUDITED_UNDER = {(*place, "object.not_found"): "quote" for place in USSD}


# --- attempts: (wrong ones, locked, wrong codes) afterwards ------------------------------------------------------------

COUNTED = {
    "access.wrong_secret": (1, False, 0),
    "access.locked_out": (0, True, 0),
    "access.wrong_code": (0, False, 1),
}


# --- money acts: found when terms are planned --------------------------------------------------------------------------


@reaches("input.bad", *EVERYWHERE)
def no_amount(at: Stand) -> Said:
    said = at.propose("-5")
    return at.confirm() if at.door == "mifos" else said


@reaches("account.not_enough_money", *EVERYWHERE)
def too_little_in_the_account(at: Stand) -> Said:
    at.bank.sql("update balance set minor = 12345 where account = any (%s)", [a.id for a in at.who.savings])
    begins_now(at)
    return shows("123.45", at.pay("600"))


@reaches("loan.more_than_outstanding", *[place for place in EVERYWHERE if place[1] == REPAY])
def more_than_is_owed(at: Stand) -> Said:
    owed = at.loan.outstanding
    assert owed < at.source.balance
    return shows(f"{owed.minor // 100:,}.{owed.minor % 100:02d}", at.pay("39000"))


@reaches("transfer.same_account", ("portal", OWN), ("mifos", OWN))
def from_and_to_the_same(at: Stand) -> Said:
    at.target = at.source
    return at.pay("600")


@reaches("account.not_active", *PORTAL, *MIFOS, *SMS)
def the_account_is_closed_meanwhile(at: Stand) -> Said:
    at.propose("600")
    at.bank.sql("update savings set status = 'closed' where id = %s", at.source.id)
    return at.confirm()


@reaches("loan.not_active", ("portal", REPAY), ("mifos", REPAY), ("sms", REPAY))
def the_loan_is_closed_meanwhile(at: Stand) -> Said:
    at.propose("600")
    at.bank.sql("update loan set status = 'closed', closed_on = %s where id = %s", NOW.date(), at.loan.id)
    return at.confirm()


# Each turn of the menu looks at the accounts anew: only who waits in the middle of the act can be overtaken. Near, the
# facts come after the wait; those of a far core came before it, and the core itself refuses.
@reaches("account.not_active", *USSD)
def the_account_is_closed_in_the_same_turn(at: AtUssd) -> Said:
    at.propose("600")
    with held(at.bank, in_the_middle(at.bank), at.confirm) as waiting:
        at.bank.sql("update savings set status = 'closed' where id = %s", at.source.id)
        return waiting.let_go()


@reaches("loan.not_active", ("ussd", REPAY))
def the_loan_is_closed_in_the_same_turn(at: AtUssd) -> Said:
    at.propose("600")
    with held(at.bank, in_the_middle(at.bank), at.confirm) as waiting:
        at.bank.sql("update loan set status = 'closed', closed_on = %s where id = %s", NOW.date(), at.loan.id)
        return waiting.let_go()


@reaches("core.refused", *EVERYWHERE)
def refused_for_a_reason_of_the_cores_own(at: Stand) -> Said:
    assert isinstance(at.bank, FarBank)
    at.propose("600")
    with held(at.bank, in_the_middle(at.bank), at.confirm) as waiting:
        core_days.is_a_day_behind(at.bank)
        return waiting.let_go()


@reaches("core.not_taken", *PORTAL, *MIFOS)
def away_for_longer_than_an_order_waits(at: AtPortal | AtMifos) -> Said:
    """Stored at a moment when nobody waits at the door, and no worker comes for a day."""
    assert isinstance(at.bank, FarBank)
    at.bank.change(**{"[limits]": "[waits]\nportal = 0\nmifos = 0\n[limits]"})
    if isinstance(at, AtMifos):
        at.key = "once"
    at.propose("600")
    form = at.portal.check_form() if isinstance(at, AtPortal) else None
    assert at.confirm().code is None, "on its way"
    at.bank.relay(3600 * (at.bank.institution.waits.give_up_hours + 1))
    return at.confirm() if form is None else at.said(at.portal.post(form.action, form.fields))


@reaches("object.not_found", *PORTAL, *MIFOS)
def from_somebody_elses_account(at: Stand) -> Said:
    at.source = at.bank.someone("farmer").savings[0]
    return at.pay("600")


@reaches("object.not_found", *USSD)
def the_quote_was_swept(at: Stand) -> Said:
    at.propose("600")
    at.bank.sql("delete from command where state = 'open'")
    return at.confirm()


@reaches("object.not_found", *SMS)
def acts_for_the_client_no_more(at: Stand) -> Said:
    at.propose("600")
    at.bank.sql("update user_client set ended_at = %s where user_id = %s", NOW, at.who.user)
    return at.confirm()


# --- money acts: limits, policy, proofs --------------------------------------------------------------------------------

MOST_AT_ONCE = {"portal": "60000", "mifos": "30000", "ussd": "20000", "sms": "10000"}


@reaches("limit.transaction", *EVERYWHERE)
def more_than_the_door_moves_at_once(at: Stand) -> Said:
    line = f'{at.door} = {{ transaction = "{MOST_AT_ONCE[at.door]}"'
    at.bank.change(**{line: line.replace(MOST_AT_ONCE[at.door], "599.95")})
    return shows("599.95", at.pay("600"))


@reaches("limit.day", *EVERYWHERE)
def more_than_the_day_has_left(at: Stand) -> Said:
    at.bank.change(**{'day = "100000"': 'day = "599.95"'})
    return shows("599.95", at.pay("600"))


@reaches("proof.not_on_this_channel", *MIFOS)
def too_much_for_an_app(at: Stand) -> Said:
    at.bank.change(**{'mifos_refused_from = "20000"': 'mifos_refused_from = "600"'})
    return shows("600.00", at.pay("600"))


@reaches("proof.above_sms_cap", *SMS)
def too_much_by_sms(at: Stand) -> Said:
    return shows("6,000.00", at.pay("6000.05"))


@reaches("proof.needed", *PORTAL)
def confirmed_without_the_code(at: AtPortal) -> Said:
    at.propose("6000")
    return at.confirm(code="")


@reaches("proof.needed", *USSD)
def a_key_was_enough_until_the_line_moved(at: AtUssd) -> Said:
    at.propose("400")
    at.bank.change(**{'ussd_small_below = "500"': 'ussd_small_below = "100"'})
    return at.confirm("1")


@reaches("access.wrong_code", *PORTAL, *SMS)
def another_code(at: AtPortal | AtSms) -> Said:
    at.propose("5500")
    right = at.portal.newest_code() if isinstance(at, AtPortal) else at.code()
    return shows("4", at.confirm(f"{(int(right) + 1) % 1_000_000:06d}"))


@reaches("access.wrong_secret", *USSD)
def another_pin(at: AtUssd) -> Said:
    at.propose("600")
    return shows("2", at.confirm("1111"))


@reaches("access.locked_out", *USSD)
def a_third_wrong_pin(at: AtUssd) -> Said:
    at.propose("600")
    for wrong in ("1111", "2222"):
        at.confirm(wrong)
    begins_now(at)
    return shows("12:30", at.confirm("3333"))


# --- money acts: time, other requests, the database --------------------------------------------------------------------


@reaches("quote.expired", *PORTAL)
def confirmed_too_late(at: Stand) -> Said:
    at.propose("600")
    at.later(minutes=11)
    return at.confirm()


@reaches("quote.expired", *USSD)
def the_quote_did_not_live_as_long_as_the_session(at: Stand) -> Said:
    at.propose("600")
    at.bank.sql("update command set expires_at = %s where state = 'open'", NOW)
    return at.confirm()


@reaches("quote.expired", *SMS)
def the_code_was_in_time_and_its_message_was_not(at: AtSms) -> Said:
    at.propose("600")
    at.later(minutes=9, seconds=30)
    with held(at.bank, in_the_middle(at.bank), at.confirm) as waiting:
        assert waiting.cut().words == ""
    at.later(minutes=2)
    return at.taken_up()


@reaches("plan.changed", *PORTAL, *USSD, *SMS)
def a_fee_came_meanwhile(at: Stand) -> Said:
    at.propose("600")
    at.bank.charges(at.act, at.door, "15")
    return at.confirm() if at.door == "sms" else shows("15.00", at.confirm())


@reaches("command.in_progress", *PORTAL, *MIFOS, *SMS)
def while_the_same_is_under_way(at: Stand) -> Said:
    if isinstance(at, AtMifos):
        at.key = "once"
    at.propose("600")
    if isinstance(at, AtPortal):
        form = at.portal.check_form()
        again: Callable[[], Said] = lambda: at.said(at.portal.post(form.action, form.fields))  # noqa: E731
    else:
        again = at.confirm
    with held(at.bank, in_the_middle(at.bank), again) as waiting:
        said = again()
        waiting.cut()
    return said


@reaches("command.in_progress", *USSD)
def the_turns_lease_ends_while_it_is_under_way(at: AtUssd) -> Said:
    at.propose("600")
    with held(at.bank, in_the_middle(at.bank), at.confirm) as waiting:
        at.phone.at = NOW.replace(second=11)
        at.phone.send()
        said = at.said()
        waiting.cut()
    return said


@reaches("command.conflict", *MIFOS)
def the_same_key_for_another_amount(at: AtMifos) -> Said:
    at.key = "once"
    assert at.pay("600").code is None
    begins_now(at)
    return at.pay("601")


@reaches("system.try_later", *PORTAL, *MIFOS, *USSD)
def cut_off_in_the_middle(at: Stand) -> Said:
    at.propose("600")
    with held(at.bank, in_the_middle(at.bank), at.confirm) as waiting:
        return waiting.cut()


@reaches("system.try_later", *SMS)
def cut_off_and_taken_up_too_late(at: AtSms) -> Said:
    at.propose("600")
    return given_up(at, in_the_middle(at.bank), at.confirm)


# --- coming in ---------------------------------------------------------------------------------------------------------


@reaches("input.bad", ("portal", LOGIN))
def no_name(at: AtPortal) -> Said:
    return at.log_in("", "something")


@reaches("input.bad", ("mifos", LOGIN))
def no_name_in_the_body(at: AtMifos) -> Said:
    from tests.journeys.drivers.mifos import App

    return at.said(App().post("/authentication", {"password": "something"}))


@reaches("access.wrong_secret", ("portal", LOGIN), ("mifos", LOGIN))
def a_wrong_password(at: AtPortal | AtMifos) -> Said:
    return at.log_in(at.who.character.login, "not this one")


@reaches("access.locked_out", ("portal", LOGIN), ("mifos", LOGIN))
def a_fifth_wrong_password(at: AtPortal | AtMifos) -> Said:
    for _ in range(4):
        at.log_in(at.who.character.login, "not this one")
    begins_now(at)
    return shows("12:30", at.log_in(at.who.character.login, "not this one"))


@reaches("access.not_permitted", ("portal", LOGIN))
def staff_at_the_clients_door(at: AtPortal) -> Said:
    staff = at.bank.someone("staff").character
    said = at.log_in(staff.login, staff.password)
    assert at.portal.open("/accounts").address.startswith("/login")
    return said


@reaches("object.not_found", ("portal", LOGIN), ("mifos", LOGIN))
def closed_while_the_password_is_checked(at: AtPortal | AtMifos) -> Said:
    character = at.who.character
    with held(at.bank, ATTEMPTS, lambda: at.log_in(character.login, character.password)) as waiting:
        return waiting.let_go("update app_user set closed_at = %s where id = %s", NOW, at.who.user)


@reaches("system.try_later", ("portal", LOGIN), ("mifos", LOGIN))
def cut_off_while_logging_in(at: AtPortal | AtMifos) -> Said:
    character = at.who.character
    with held(at.bank, ATTEMPTS, lambda: at.log_in(character.login, character.password)) as waiting:
        return waiting.cut()


@reaches("input.bad", ("ussd", ENTER_PIN))
def not_shaped_like_a_pin(at: AtUssd) -> Said:
    at.dial()
    return at.type("12")


@reaches("access.wrong_secret", ("ussd", ENTER_PIN))
def a_wrong_pin(at: AtUssd) -> Said:
    at.dial()
    return shows("2", at.type("1111"))


@reaches("access.locked_out", ("ussd", ENTER_PIN))
def a_third_wrong_pin_at_the_door(at: AtUssd) -> Said:
    at.dial()
    for wrong in ("1111", "2222"):
        at.type(wrong)
    begins_now(at)
    return shows("12:30", at.type("3333"))


@reaches("object.not_found", ("ussd", ENTER_PIN))
def the_phone_is_no_longer_the_persons(at: AtUssd) -> Said:
    at.dial()
    at.bank.sql("update phone_link set ended_at = %s where user_id = %s", NOW, at.who.user)
    return at.type(at.who.character.pin)


@reaches("system.try_later", ("ussd", ENTER_PIN))
def cut_off_at_the_pin(at: AtUssd) -> Said:
    at.dial()
    with held(at.bank, ATTEMPTS, lambda: at.type(at.who.character.pin)) as waiting:
        return waiting.cut()


# --- settings, and out -------------------------------------------------------------------------------------------------


@reaches("input.bad", ("portal", SET_LANGUAGE))
def a_language_that_nobody_speaks_here(at: AtPortal) -> Said:
    at.portal.open("/settings")
    return at.said(at.portal.submit("/settings/language", language="tlh"))


@reaches("input.bad", ("portal", SWITCH_SMS))
def neither_on_nor_off(at: AtPortal) -> Said:
    at.portal.open("/settings")
    return at.said(at.portal.submit("/settings/sms", on="perhaps"))


@reaches("object.not_found", ("portal", SWITCH_SMS))
def somebody_elses_phone(at: AtPortal) -> Said:
    [(link,)] = at.bank.sql("select id from phone_link where user_id = %s", at.bank.someone("farmer").user)
    at.portal.open("/settings")
    return at.said(at.portal.submit("/settings/sms", link_id=str(link)))


@reaches("object.not_found", ("ussd", SWITCH_SMS))
def the_phone_is_taken_away_in_the_same_turn(at: AtUssd) -> Said:
    lock = f"select 1 from phone_link where user_id = {at.who.user} for update"
    with held(at.bank, lock, lambda: switches_sms_on(at)) as waiting:
        return waiting.let_go("update phone_link set ended_at = %s where user_id = %s", NOW, at.who.user)


@reaches("access.sms_taken", ("portal", SWITCH_SMS), ("ussd", SWITCH_SMS))
def the_other_person_of_the_phone_has_it(at: AtPortal | AtUssd) -> Said:
    at.bank.sql("update phone_link set sms_on = true where user_id = %s", at.bank.someone("shared_b").user)
    begins_now(at)
    return switches_sms_on(at)


@reaches("system.try_later", ("portal", SWITCH_SMS), ("ussd", SWITCH_SMS))
def cut_off_while_switching(at: AtPortal | AtUssd) -> Said:
    with held(at.bank, "lock table phone_link in exclusive mode", lambda: switches_sms_on(at)) as waiting:
        return waiting.cut()


@reaches("system.try_later", ("portal", SET_LANGUAGE), ("ussd", SET_LANGUAGE))
def cut_off_while_the_language_is_kept(at: AtPortal | AtUssd) -> Said:
    with held(at.bank, "lock table app_user in exclusive mode", lambda: chooses_swahili(at)) as waiting:
        return waiting.cut()


@reaches("system.try_later", ("portal", LOG_OUT))
def away_when_somebody_leaves(at: AtPortal) -> Said:
    with away(at.bank):
        return at.said(at.portal.log_out())


def switches_sms_on(at: AtPortal | AtUssd) -> Said:
    if isinstance(at, AtPortal):
        at.portal.open("/settings")
        return at.said(at.portal.submit("/settings/sms"))
    for label in ("6", "2"):
        at.type(label)
    return at.type("1")


def chooses_swahili(at: AtPortal | AtUssd) -> Said:
    if isinstance(at, AtPortal):
        at.portal.open("/settings")
        return at.said(at.portal.submit("/settings/language", language="sw"))
    for label in ("6", "1"):
        at.type(label)
    return at.type("2")


# --- codes and messages ------------------------------------------------------------------------------------------------


@reaches("object.not_found", ("portal", SEND_CODE))
def another_code_for_a_payment_that_is_over(at: AtPortal) -> Said:
    at.propose("6000")
    at.later(minutes=11)
    return at.code_again()


@reaches("object.not_found", ("sms", SEND_CODE))
def the_payment_is_gone_before_its_code_was_sent(at: AtSms) -> Said:
    with held(at.bank, CODES, lambda: at.propose("600")) as waiting:
        assert waiting.cut().words == ""
    at.bank.sql("delete from command where state = 'open'")
    at.later(minutes=2)
    return at.taken_up()


@reaches("access.too_many_codes", ("portal", SEND_CODE))
def a_fourth_code(at: AtPortal) -> Said:
    at.propose("6000")
    for _ in range(2):
        assert at.code_again().code is None
    return at.code_again()


# By SMS each payment has one code, so only the person's hour can be full.
@reaches("access.too_many_codes", ("sms", SEND_CODE))
def a_code_too_many_in_the_hour(at: AtSms) -> Said:
    from dirisha.acts.access.send_code import MOST_CODES_AN_HOUR

    for _ in range(MOST_CODES_AN_HOUR):
        assert CODE.search(at.propose("600").words)
    begins_now(at)
    return at.propose("600")


@reaches("system.try_later", ("portal", SEND_CODE))
def cut_off_while_a_code_is_made(at: AtPortal) -> Said:
    at.propose("6000")
    with held(at.bank, CODES, at.code_again) as waiting:
        return waiting.cut()


@reaches("system.try_later", ("sms", SEND_CODE))
def no_code_in_time(at: AtSms) -> Said:
    return given_up(at, CODES, lambda: at.propose("600"))


@reaches("system.try_later", ("sms", STOP))
def not_stopped_in_time(at: AtSms) -> Said:
    return given_up(at, "lock table phone_link in exclusive mode", lambda: at.send("STOP"))


@reaches("system.try_later", ("sms", START))
def not_started_in_time(at: AtSms) -> Said:
    return given_up(at, "lock table sms_opt_out in exclusive mode", lambda: at.send("START"))


def given_up(at: AtSms, lock: str, message: Callable[[], Said]) -> Said:
    """The message's answer is broken off, and the worker comes to it when nobody waits for it any more."""
    with held(at.bank, lock, message) as waiting:
        assert waiting.cut().words == ""
    at.later(minutes=11)
    return at.taken_up()


# --- shared ------------------------------------------------------------------------------------------------------------

# Where an act waits before it has decided anything: near, for the accounts themselves; else for its payer.
BALANCES = "select 1 from balance for update"
PAYERS = "select 1 from payer for update"
ATTEMPTS = "lock table attempt in exclusive mode"
CODES = "lock table one_time_code in exclusive mode"

WHO = {"access.sms_taken": "shared_a"}
NOT_YET_IN = (LOGIN, ENTER_PIN)
# One of the two acts is done in Swahili, so that both languages are read at each door.
IN_SWAHILI = REPAY


def in_the_middle(bank: Bank) -> str:
    return PAYERS if bank.is_far else BALANCES


def shows(fact: str, said: Said) -> Said:
    assert fact in said.words, said
    return said


@dataclass(frozen=True)
class Standing:
    """What a refusal leaves alone, and how long the trail was."""

    money: list[Any]
    audited: int

    @classmethod
    def of(cls, bank: Bank) -> Standing:
        money = [
            bank.movements(),
            bank.sql("select account, minor, lines from balance order by account"),
            # Reserved, and released by the end that an order came to: as if it had not been.
            bank.sql("select * from limit_use where state <> 'released' order by 1, 2, 3, 5"),
            bank.sql("select count(*) from command where state = 'done' and result ? 'receipt'"),
            bank.sql("select id, sms_on from phone_link order by id"),
            bank.sql("select id, language from app_user order by id"),
            bank.sql("select msisdn from sms_opt_out"),
        ]
        return cls(money, len(bank.audit()))


def begins_now(at: Stand) -> None:
    """What came before belongs to the story; from here on nothing may move."""
    at.before = Standing.of(at.bank)


def attempts(at: Stand) -> tuple[int, bool, int]:
    """(wrong ones until it locks, locked, wrong codes) of the person, for the secret that this door asks for."""
    from dirisha.access.secrets import Subject

    user, login = at.who.user, at.who.character.login
    subject = Subject.pin(user) if at.door == "ussd" else Subject.password(login)
    rows = at.bank.sql("select wrong, locked_until is not null from attempt where subject = %s", subject.key)
    wrong, locked = rows[0] if rows else (0, False)
    [(codes,)] = at.bank.sql("select coalesce(sum(wrong), 0)::int from one_time_code")
    return 0 if locked else wrong, locked, codes


def refusals_of(act_name: str) -> dict[str, Any]:
    from dirisha import acts
    from dirisha.engine.act import ACTS
    from dirisha.engine.refusals import common_to

    acts.import_all()
    act = ACTS[act_name]
    return {refusal.code: refusal for refusal in (*common_to(act), *act.refusals)}


def offered() -> Iterator[tuple[str, str]]:
    """(door, act), from what the routes say that they perform."""
    from dirisha import acts
    from dirisha.engine.act import ACTS

    acts.import_all()
    found = set()
    for _, route in routes():
        door = "ussd" if route.name.startswith("hooks.ussd") else route.name.replace("hooks.", "").partition(".")[0]
        found |= {(door, name) for name in getattr(route.callback, "performs", ()) if name in ACTS}
    yield from sorted(found)


# --- the tests ---------------------------------------------------------------------------------------------------------


def cores_of(cell: Cell) -> tuple[str, ...]:
    """In front of which cores a refusal is met: see at the top."""
    _, act, code = cell
    if code in AT_A_FAR_CORE_ALONE:
        return ("fineract",)
    return CORES if act in MONEY else ("native",)


WHERE = [(core, cell) for cell in REACHED for core in cores_of(cell)]


def test_each_refusal_of_each_act_at_each_door_is_met_or_has_its_reason(house: object) -> None:
    whole = {(door, act, code) for door, act in offered() for code in refusals_of(act)}
    assert {door for door, _, _ in whole} == STANDS.keys()
    assert len(whole) > 150
    assert sorted(whole - REACHED.keys() - UNREACHABLE.keys()) == [], "neither met nor explained"
    assert sorted(REACHED.keys() & UNREACHABLE.keys()) == [], "met, and said to be unreachable"
    assert sorted((REACHED.keys() | UNREACHABLE.keys()) - whole) == [], "no door has this any more"
    assert sorted((SAID_OTHERWISE.keys() | NO_ACT | AUDITED_UNDER.keys()) - REACHED.keys()) == []


@pytest.mark.security("P-03")
@pytest.mark.parametrize(
    ("bank", "cell"), WHERE, indirect=["bank"], ids=[f"{core} {' '.join(cell)}" for core, cell in WHERE]
)
def test_met(bank: Bank, cell: Cell) -> None:
    door, act, code = cell
    language = "sw" if act == IN_SWAHILI else "en"
    at = STANDS[door](bank, act, WHO.get(code, "trader"), language)
    if act not in NOT_YET_IN:
        at.enter()
    begins_now(at)

    said = REACHED[cell](at)

    expected, texts, heard = words_for(cell), texts_of(door), " ".join(said.words.split())
    for key in expected.keys:
        wanted = pattern(texts.template(language, key), bank.institution.help_number)
        assert re.search(wanted, heard), f"{key}: {wanted!r} is not in {heard!r}"
    assert said.code == expected.code
    assert Standing.of(bank).money == at.before.money, "something has changed"
    assert attempts(at) == COUNTED.get(code, (0, False, 0))
    assert _audited(bank, at) == _expected_audit(bank, cell, said)


@pytest.mark.security("I-03")
@pytest.mark.parametrize(
    ("place", "scenario"),
    [
        (("portal", LOGIN), a_fifth_wrong_password),
        (("mifos", LOGIN), a_fifth_wrong_password),
        (("ussd", ENTER_PIN), a_third_wrong_pin_at_the_door),
    ],
    ids=["portal", "mifos", "ussd"],
)
@pytest.mark.parametrize("bank", ["native"], indirect=True)  # secrets are kept here
def test_while_it_is_locked_the_right_secret_is_refused_as_well(
    bank: Bank, place: tuple[str, str], scenario: Scenario
) -> None:
    at: Any = STANDS[place[0]](bank, place[1], "trader", "en")
    locked = scenario(at)
    begins_now(at)
    if isinstance(at, AtUssd):
        at.dial()
        said = at.type(at.who.character.pin)
    else:
        said = at.log_in(at.who.character.login, at.who.character.password)
    assert said.code == locked.code == "access.locked_out"
    assert attempts(at) == (0, True, 0)
    assert _audited(bank, at) == [(place[1], "asked", said.code, place[0], EndsWith(said.reference or "nothing"))]
    assert Standing.of(bank).money == at.before.money


def _audited(bank: Bank, at: Stand) -> list[tuple[Any, ...]]:
    rows = bank.sql("select act, outcome, code, channel, correlation from audit_event order by xid, id")
    return [row for row in rows[at.before.audited :] if row[2] is not None]


@dataclass(frozen=True)
class EndsWith:
    """A reference as the audit has it, of which the door shows the end; any, where the door shows none."""

    end: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and other != "" and other.endswith(self.end)

    __hash__ = None  # type: ignore[assignment]


def _expected_audit(bank: Bank, cell: Cell, said: Said) -> list[tuple[Any, ...]]:
    """One event, with the reference that the door shows. A database that can't be reached keeps none."""
    door, act, code = cell
    if words_for(cell).code or door == "sms":
        assert said.reference, "no reference to ask about it by"
    if cell in NO_ACT or code == "system.try_later":
        return []
    outcome = "refused" if refusals_of(act)[code].final else "asked"
    return [(AUDITED_UNDER.get(cell, act), outcome, code, door, EndsWith(_correlation(bank, said.reference or "")))]


def _correlation(bank: Bank, reference: str) -> str:
    """What a far core has refused is found by its instruction's reference."""
    if not isinstance(bank, FarBank):
        return reference
    found = bank.sql("select correlation from instruction where reference = %s", reference)
    return str(found[0][0]) if found else reference


@pytest.mark.security("A-02")
def test_who_is_let_in_may_do_what_the_door_offers(house: object) -> None:
    """The reason why nobody meets `access.not_permitted`, checked against the page of permissions."""
    from dirisha import acts
    from dirisha.access.permissions import permitted
    from dirisha.engine.act import ACTS
    from dirisha.kit.actor import Actor, Channel, Role

    acts.import_all()
    visitors = {LOGIN, ENTER_PIN, STOP, START}
    for door, name, code in UNREACHABLE:
        if code == "access.not_permitted":
            roles = [Role.VISITOR] if name in visitors else []
            roles += [Role.CLIENT] if name not in (LOGIN, ENTER_PIN) else []
            for role in roles:
                assert permitted(Actor("t", Channel(door), role), ACTS[name].permission), (door, name, role)


# --- the branch's acts, at the console ---------------------------------------------------------------------------------

Try = Callable[[Bank], dict[str, Any]]


def enrolment(**changes: Any) -> Try:
    """A good enrolment of a client who has no user, but for what is changed."""

    def inputs(bank: Bank) -> dict[str, Any]:
        good = {
            "client_id": newly_opened(bank), "login_name": "wangari", "name": "Wangari", "msisdn": "+254700000555",
            "label": "Wangari", "password": "a good long one", "pin": "2580",
        }  # fmt: skip
        return good | {name: value(bank) if callable(value) else value for name, value in changes.items()}

    return inputs


def newly_opened(bank: Bank) -> int:
    from dirisha.acts.clients.open import open_client
    from dirisha.engine.outcome import Done
    from dirisha.engine.run import run

    with bank.at_core():
        opened = run(open_client, bank.actor("staff", "console"), at=NOW, first_name="Wangari", last_name="Mutua")
    assert isinstance(opened, Done)
    return cast(int, opened.result)


def loan(**changes: Any) -> Try:
    def inputs(bank: Bank) -> dict[str, Any]:
        good = {"target_id": bank.someone("newcomer").savings[0].id, "product": "Business loan",
                "principal": bank.money("10000"), "installments": 6}  # fmt: skip
        return good | {name: value(bank) if callable(value) else value for name, value in changes.items()}

    return inputs


def closed(bank: Bank) -> int:
    account = bank.someone("newcomer").savings[0].id
    bank.sql("update savings set status = 'closed' where id = %s", account)
    return cast(int, account)


def appointment(**changes: Any) -> Try:
    good = {"office_id": 1, "login_name": "kioko", "name": "Kioko", "password": "a good long one"}
    return lambda bank: good | changes


BRANCH: dict[tuple[str, str], Try] = {
    ("clients.open", "input.bad"): lambda bank: {"first_name": "A", "last_name": "B", "msisdn": "12"},
    ("access.enrol", "object.not_found"): enrolment(client_id=987654),
    ("access.enrol", "access.login_name_taken"): enrolment(login_name="Amina "),
    ("access.enrol", "access.label_taken"): enrolment(msisdn="+254700000444", label="Blue"),
    ("access.enrol", "access.already_enrolled"): enrolment(client_id=lambda bank: bank.someone("trader").client),
    ("access.enrol", "access.weak_secret"): enrolment(pin="1234"),
    ("access.appoint", "object.not_found"): appointment(office_id=987654),
    ("access.appoint", "access.login_name_taken"): appointment(login_name="grace"),
    ("access.appoint", "access.weak_secret"): appointment(password="password1"),
    ("access.unlock", "object.not_found"): lambda bank: {"client_id": 987654},
    ("savings.open", "object.not_found"): lambda bank: {"client_id": 987654, "product": "Everyday savings", "name": "x"},
    ("savings.open", "product.unknown"): lambda bank: {
        "client_id": bank.someone("trader").client, "product": "Gold", "name": "x"},
    ("savings.deposit", "account.not_active"): lambda bank: {"target_id": closed(bank), "amount": bank.money("10")},
    ("loans.disburse", "product.unknown"): loan(product="Gold"),
    ("loans.disburse", "loan.terms_not_offered"): loan(installments=99),
    ("loans.disburse", "account.not_active"): loan(target_id=closed),
}  # fmt: skip


def test_each_refusal_of_the_branchs_own_acts_is_in_the_table(house: object) -> None:
    from dirisha import acts
    from dirisha.engine.act import ACTS

    acts.import_all()
    at_doors = {act for _, act in offered()}
    own = {(name, refusal.code) for name, act in ACTS.items() if name not in at_doors for refusal in act.refusals}
    assert BRANCH.keys() == own | {("clients.open", "input.bad")}


@pytest.mark.parametrize("wish", BRANCH, ids=" ".join)
def test_met_at_the_branch(bank: Bank, wish: tuple[str, str]) -> None:
    from dirisha import acts
    from dirisha.demo.branch import operator
    from dirisha.engine.act import ACTS, MoneyAct
    from dirisha.engine.outcome import Refused
    from dirisha.engine.run import run

    acts.import_all()
    name, code = wish
    act, actor = cast(Any, ACTS[name]), operator() if name == "access.appoint" else bank.actor("staff", "console")
    inputs = BRANCH[wish](bank)
    before, people = (
        Standing.of(bank),
        bank.sql("select (select count(*) from app_user), (select count(*) from account)"),
    )

    outcome = run(act, actor, at=NOW, key="once" if isinstance(act, MoneyAct) else None, **inputs)

    if bank.is_far and act.branch_work:
        code = "core.kept_elsewhere"
    assert isinstance(outcome, Refused)
    assert outcome.code == code
    assert Standing.of(bank).money == before.money
    assert bank.sql("select (select count(*) from app_user), (select count(*) from account)") == people
    audited = "refused" if refusals_of(name)[code].final else "asked"
    assert bank.audit()[before.audited :] == [(name, audited, code, actor.name, "console")]
