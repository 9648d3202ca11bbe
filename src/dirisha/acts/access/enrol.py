"""Give a client a user: name, verified phone, first password and PIN, told apart from others of that phone."""

from __future__ import annotations

from dirisha.access import people, permissions, secrets
from dirisha.access.people import AlreadyEnrolled, LabelTaken, LoginNameTaken
from dirisha.access.secrets import WeakSecret
from dirisha.core.view import QuestionView
from dirisha.db.transactions import Role
from dirisha.engine.act import Act, Call
from dirisha.kit.actor import Actor
from dirisha.kit.actor import Role as ActorRole
from dirisha.kit.ids import ClientId, UserId
from dirisha.kit.phone import NotAPhone, parse_msisdn
from dirisha.kit.refusal import BadInput, NotFound
from dirisha.limits import payers
from dirisha.messaging.events import Enrolled

enrol: Act[UserId] = Act(
    "access.enrol",
    permission=permissions.ENROL,
    refusals=[NotFound, LoginNameTaken, LabelTaken, AlreadyEnrolled, WeakSecret],
    emits=[Enrolled],
    role=Role.BOOKS,
    secret_inputs=("password", "pin"),
)


@enrol.look
def look(actor: Actor, view: QuestionView, *, client_id: ClientId, **_: object) -> None:
    view.client(client_id)


@enrol.do
def do(
    actor: Actor,
    call: Call,
    *,
    client_id: ClientId,
    login_name: str,
    name: str,
    msisdn: str,
    label: str,
    password: str,
    pin: str,
    language: str | None = None,
) -> UserId:
    """`label` finds the person on a shared phone before any PIN: it should give no name away."""
    phone = _phone(msisdn, call)
    secrets.check_strength_of_password(password, login_name)
    secrets.check_strength_of_pin(pin, phone)
    user = people.open_user(
        call.tx, login_name=login_name, name=name, role=ActorRole.CLIENT, office=None, language=language, at=call.at
    )
    payers.add_payer(call.tx, client_id)
    people.link_client(call.tx, user, client_id, call.at)
    people.link_phone(call.tx, user, phone, label.strip(), call.at)
    # Nobody waits for the locks of rows that exist only in this transaction.
    people.set_secret(call.tx, user, "password", secrets.hash_password(password), call.at)
    people.set_secret(call.tx, user, "pin", secrets.hash_pin(pin, user), call.at)
    dial = call.institution.carrier.service_code if call.institution.carrier else ""
    call.tell(Enrolled(user=user, login=secrets.folded(login_name), dial=dial))
    return user


def _phone(msisdn: str, call: Call) -> str:
    try:
        return parse_msisdn(msisdn, call.institution.country)
    except NotAPhone:
        raise BadInput(field="msisdn", reason="not_a_phone") from None
