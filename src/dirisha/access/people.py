"""Users, the clients they act for, and the phones that lead to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dirisha.access.secrets import SQL, folded
from dirisha.db.transactions import Role as DbRole
from dirisha.db.transactions import Tx, transaction
from dirisha.kit.actor import Actor, Channel, Role
from dirisha.kit.ids import ClientId, OfficeId, UserId
from dirisha.kit.refusal import Final
from dirisha.tenants.current import current


class LoginNameTaken(Final):
    """Another user logs in by this name. Facts: `login_name`."""

    code = "access.login_name_taken"


class LabelTaken(Final):
    """Another person of this phone goes by this word. Facts: `label`."""

    code = "access.label_taken"


class AlreadyEnrolled(Final):
    """The client has a user already."""

    code = "access.already_enrolled"


class SmsTaken(Final):
    """Another person of this phone has SMS banking: a message must lead to one person."""

    code = "access.sms_taken"


@dataclass(frozen=True, slots=True)
class Person:
    """A user as doors need it. `language` is what it chose, or None."""

    user: UserId
    role: Role
    name: str
    clients: tuple[ClientId, ...]
    office: OfficeId | None
    language: str | None

    def as_actor(self, channel: Channel, *, device: str = "", correlation: str = "") -> Actor:
        return Actor(
            tenant=current().slug,
            channel=channel,
            role=self.role,
            user=self.user,
            clients=self.clients,
            office=self.office,
            language=self.language or current().languages[0],
            device=device,
            correlation=correlation,
        )


@dataclass(frozen=True, slots=True)
class PhonePerson:
    """One person that a phone leads to, before any proof: no name, only the label."""

    link: int
    user: UserId
    label: str
    ussd_on: bool
    sms_on: bool
    language: str | None


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone that leads to a user, as its owner sees it in the settings."""

    link: int
    msisdn: str
    label: str
    ussd_on: bool
    sms_on: bool


def visitor(channel: Channel, *, language: str | None = None, device: str = "", correlation: str = "") -> Actor:
    """Somebody at a door who has proven nothing yet."""
    return Actor(
        tenant=current().slug,
        channel=channel,
        role=Role.VISITOR,
        language=language or current().languages[0],
        device=device,
        correlation=correlation,
    )


def person(user: UserId) -> Person | None:
    """A user that is not closed, with the clients it may act for now: an ended link counts from the next call."""
    with transaction("access.person", DbRole.APP) as tx:
        return read_person(tx, user)


def read_person(tx: Tx, user: UserId) -> Person | None:
    return person_on_its_way(tx, user)()


def person_on_its_way(tx: Tx, user: UserId) -> Callable[[], Person | None]:
    """Queue the reading; what is returned waits for it. May be called when the transaction has ended."""
    rows = tx.run(SQL["user_by_id"], {"user_id": user})

    def arrived() -> Person | None:
        row = rows.first()
        return None if row is None else _person(row)

    return arrived


def _person(row: Any) -> Person:
    return Person(
        UserId(row.id), Role(row.role), row.name, tuple(ClientId(c) for c in row.clients),
        None if row.office is None else OfficeId(row.office), row.language,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class StandingLogin:
    """Who logs in by a name now, and the stored hash of the password: another one after each change."""

    person: Person
    password_hash: str = field(repr=False)


def standing_login(login_name: str) -> StandingLogin | None:
    """For doors whose callers send the credentials each time. Says nothing about whether a password is right."""
    with transaction("access.standing_login", DbRole.APP) as tx:
        row = tx.run(SQL["standing_login"], {"login_name": folded(login_name)}).first()
    return None if row is None else StandingLogin(_person(row), row.hash)


def anybody() -> bool:
    """Whether the institution has a user, of whatever kind and state."""
    with transaction("access.anybody", DbRole.APP) as tx:
        return bool(tx.run(SQL["anybody"]).one().found)


def people_of_phone(msisdn: str) -> list[PhonePerson]:
    with transaction("access.people_of_phone", DbRole.APP) as tx:
        return read_people_of_phone(tx, msisdn)


def read_people_of_phone(tx: Tx, msisdn: str) -> list[PhonePerson]:
    return people_of_phone_on_their_way(tx, msisdn)()


def people_of_phone_on_their_way(tx: Tx, msisdn: str) -> Callable[[], list[PhonePerson]]:
    rows = tx.run(SQL["people_of_phone"], {"msisdn": msisdn})
    return lambda: [
        PhonePerson(r.link, UserId(r.user_id), r.label, r.ussd_on, r.sms_on, r.language) for r in rows.all()
    ]


def phones_of(user: UserId) -> list[Phone]:
    with transaction("access.phones_of", DbRole.APP) as tx:
        rows = tx.run(SQL["phones_of_user"], {"user_id": user}).all()
    return [Phone(r.link, r.msisdn, r.label, r.ussd_on, r.sms_on) for r in rows]


def phone_language(msisdn: str) -> str | None:
    with transaction("access.phone_language", DbRole.APP) as tx:
        return read_phone_language(tx, msisdn)


def read_phone_language(tx: Tx, msisdn: str) -> str | None:
    return phone_language_on_its_way(tx, msisdn)()


def phone_language_on_its_way(tx: Tx, msisdn: str) -> Callable[[], str | None]:
    rows = tx.run(SQL["phone_language"], {"msisdn": msisdn})

    def arrived() -> str | None:
        row = rows.first()
        return None if row is None else str(row.language)

    return arrived


def open_user(
    tx: Tx, *, login_name: str, name: str, role: Role, office: OfficeId | None, language: str | None, at: datetime
) -> UserId:
    """Raises `LoginNameTaken`."""
    row = tx.run(
        SQL["open_user"],
        {
            "login_name": folded(login_name),
            "name": name,
            "role": role.value,
            "office": office,
            "language": language,
            "at": at,
        },
    ).first()
    if row is None:
        raise LoginNameTaken(login_name=folded(login_name))
    return UserId(row.id)


def link_client(tx: Tx, user: UserId, client: ClientId, at: datetime) -> None:
    """Raises `AlreadyEnrolled` when another user acts for the client."""
    if tx.run(SQL["client_has_user"], {"client": client}).one().taken:
        raise AlreadyEnrolled()
    tx.run(SQL["link_client"], {"user_id": user, "client": client, "at": at})


def link_phone(tx: Tx, user: UserId, msisdn: str, label: str, at: datetime) -> int:
    """Raises `LabelTaken`."""
    row = tx.run(SQL["link_phone"], {"user_id": user, "msisdn": msisdn, "label": label, "at": at}).first()
    if row is None:
        raise LabelTaken(label=label)
    return int(row.id)


def set_secret(tx: Tx, user: UserId, kind: str, hashed: str, at: datetime) -> None:
    tx.run(SQL["set_secret"], {"user_id": user, "kind": kind, "hash": hashed, "at": at})


def set_language(tx: Tx, user: UserId, language: str) -> None:
    tx.run(SQL["set_language"], {"user_id": user, "language": language})


def set_phone_language(tx: Tx, msisdn: str, language: str, at: datetime) -> None:
    tx.run(SQL["set_phone_language"], {"msisdn": msisdn, "language": language, "at": at})


def switch_sms(tx: Tx, user: UserId, link: int, *, on: bool) -> str | None:
    """The phone number, or None when the link is not the user's. Raises `SmsTaken`."""
    if on and tx.run(SQL["sms_taken"], {"link": link, "user_id": user}).one().taken:
        raise SmsTaken()
    row = tx.run(SQL["switch_sms"], {"link": link, "user_id": user, "on": on}).first()
    return None if row is None else str(row.msisdn)


def switch_sms_off(tx: Tx, msisdn: str) -> Sequence[UserId]:
    """Nobody banks by SMS from this phone any more; whom it concerned."""
    return [UserId(row.user_id) for row in tx.run(SQL["switch_sms_off_for_phone"], {"msisdn": msisdn}).all()]
