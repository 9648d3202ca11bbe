"""Refusals that an act could give but that nobody meets at a door, each with the reason.

`test_refusals` generates all (door, act, code) from the route table: each is reached by a scenario or stands here.
"""

from __future__ import annotations

Cell = tuple[str, str, str]

REPAY, OWN = "loans.repay", "transfers.own"
MONEY = (REPAY, OWN)

# What only a far core can answer. In front of a near one the books are ours: nothing is sent, so nothing is refused or
# given up on its way, and the branch's work is done here.
AT_A_FAR_CORE_ALONE = ("core.refused", "core.not_taken", "core.kept_elsewhere")

_REASONS: list[tuple[str, list[Cell]]] = [
    (
        "Whoever stands at this door has the permission for what it offers: the page of permissions and the door agree.",
        [
            *[(door, act, "access.not_permitted") for door in ("portal", "mifos", "ussd") for act in MONEY],
            *[("portal", f"access.{act}", "access.not_permitted")
              for act in ("send_code", "log_out", "set_language", "switch_sms")],
            *[("ussd", f"access.{act}", "access.not_permitted") for act in ("enter_pin", "set_language", "switch_sms")],
            ("sms", REPAY, "access.not_permitted"),
            ("sms", "access.send_code", "access.not_permitted"),
            ("sms", "messaging.stop", "access.not_permitted"),
            ("sms", "messaging.start", "access.not_permitted"),
            ("mifos", "access.login", "access.not_permitted"),
        ],
    ),
    (
        "A confirmation takes its inputs from the quote, and the quote's id is the key: no other inputs can come under it.",
        [(door, act, "command.conflict") for door in ("portal", "ussd") for act in MONEY]
        + [("sms", REPAY, "command.conflict")],
    ),
    (
        "This door asks for no quote: the app sends the wish whole, and it is carried out at once.",
        [("mifos", act, code) for act in MONEY for code in ("quote.expired", "plan.changed")],
    ),
    (
        "Policy asks for no proof at this door: below its line none is needed, and from it on the act is refused.",
        [("mifos", act, "proof.needed") for act in MONEY],
    ),
    (
        "No secret is typed with a payment here: the password is the login's, which is another act.",
        [("mifos", act, code) for act in MONEY
         for code in ("access.wrong_secret", "access.wrong_code", "access.locked_out")],
    ),
    (
        "A payment is confirmed by a code and never by a PIN here, and codes have a count of their own.",
        [("portal", act, code) for act in MONEY for code in ("access.wrong_secret", "access.locked_out")]
        + [("sms", REPAY, code) for code in ("access.wrong_secret", "access.locked_out")],
    ),
    (
        "A payment is confirmed by the PIN here, and never by a code.",
        [("ussd", act, "access.wrong_code") for act in MONEY],
    ),
    (
        "What confirms here is a message with a code, and it is right or wrong: a confirmation without one can't be sent.",
        [("sms", REPAY, "proof.needed")],
    ),
    (
        "This door takes the highest proof that policy knows, so no amount is too high for its proofs.",
        [(door, act, "proof.not_on_this_channel") for door in ("portal", "ussd") for act in MONEY]
        + [("sms", REPAY, "proof.not_on_this_channel")],
    ),
    (
        "An order is given up after hours, when the session is over and the code has expired: the end is told by SMS.",
        [("ussd", act, "core.not_taken") for act in MONEY] + [("sms", REPAY, "core.not_taken")],
    ),
    (
        "The cap of SMS banking is for SMS banking alone.",
        [(door, act, "proof.above_sms_cap") for door in ("portal", "mifos", "ussd") for act in MONEY],
    ),
    (
        "The account chosen as source is not offered as target.",
        [("ussd", OWN, "transfer.same_account")],
    ),
    (
        "Without a password the form or the body is incomplete: that is told as bad input, before the act.",
        [("portal", "access.login", "proof.needed"), ("mifos", "access.login", "proof.needed")],
    ),
    (
        "The act is called with what was typed at the PIN page, and with nothing typed the page stands there again.",
        [("ussd", "access.enter_pin", "proof.needed")],
    ),
    (
        "The act has no input that a person gives, or one whose form the address itself prescribes.",
        [
            ("portal", "access.log_out", "input.bad"),
            ("portal", "access.send_code", "input.bad"),
            ("sms", "access.send_code", "input.bad"),
            ("sms", "messaging.stop", "input.bad"),
            ("sms", "messaging.start", "input.bad"),
        ],
    ),
    (
        "What can be chosen are numbers on the page, and what they stand for is looked up anew in the same turn.",
        [("ussd", "access.set_language", "input.bad"), ("ussd", "access.switch_sms", "input.bad")],
    ),
]  # fmt: skip

UNREACHABLE: dict[Cell, str] = {cell: reason for reason, cells in _REASONS for cell in cells}

assert len(UNREACHABLE) == sum(len(cells) for _, cells in _REASONS), "a cell is listed twice"
