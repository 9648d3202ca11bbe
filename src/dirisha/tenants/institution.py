"""What an institution decides, as one validated TOML file a piece. Secrets may come from files named in it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, cast
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from dirisha.kit.actor import Channel
from dirisha.kit.money import Currency, Money
from dirisha.tenants.contrast import GRAPHIC, GROUNDS, TEXT, must_contrast

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

NATIVE, FINERACT = "dirisha.core.native.core:NativeCore", "dirisha.core.fineract.core:FineractCore"
CORES = {"native": NATIVE, "fineract": FINERACT}
ENVIRONMENT = "environment"  # of a validation: the variables in which secrets may be
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class BadInstitution(Exception):
    """An institution's file can't be read; the text names the file, the key and what is wrong."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChannelLimits(Strict):
    """Caps in the institution's currency; None is no cap."""

    transaction: Decimal | None = None
    day: Decimal | None = None


class Limits(Strict):
    """`day` counts a client's acts over all channels; the others by channel."""

    day: Decimal | None = None
    portal: ChannelLimits = ChannelLimits()
    mifos: ChannelLimits = ChannelLimits()
    ussd: ChannelLimits = ChannelLimits()
    sms: ChannelLimits = ChannelLimits()

    def of(self, channel: Channel) -> ChannelLimits:
        return getattr(self, channel.value, ChannelLimits())


class Proofs(Strict):
    """From which amount a door wants more than the session, and what it never does.

    `ussd_small_below`: below it the PIN of the entry (three minutes old at most) and a pressed key suffice; 0 is never.
    `portal_code_from`: from it up the portal wants a code by SMS. `mifos_refused_from`: from it up the Mifos API
    refuses. `sms_cap`: above it SMS banking refuses and points to USSD.
    """

    ussd_small_below: Decimal = Decimal(0)
    portal_code_from: Decimal = Decimal(0)
    mifos_refused_from: Decimal = Decimal(0)
    sms_cap: Decimal = Decimal(0)


class Waits(Strict):
    """Seconds that a door waits for a far core to say what became of money: below them the person sees the outcome.

    What could not be sent for `give_up_hours` is refused, and told.
    """

    portal: Annotated[float, Field(ge=0, le=30)] = 3
    mifos: Annotated[float, Field(ge=0, le=30)] = 5
    ussd: Annotated[float, Field(ge=0, le=5)] = 2
    sms: Annotated[float, Field(ge=0, le=30)] = 3
    console: Annotated[float, Field(ge=0, le=60)] = 10
    give_up_hours: Annotated[float, Field(gt=0, le=24 * 7)] = 24

    def of(self, channel: Channel) -> float:
        return cast(float, getattr(self, channel.value))


class Patience(Strict):
    """Seconds that a door waits for all the facts of one page from a far core, before it says "try later"."""

    portal: Annotated[float, Field(gt=0, le=60)] = 8
    mifos: Annotated[float, Field(gt=0, le=60)] = 10
    ussd: Annotated[float, Field(gt=0, le=6)] = 4
    sms: Annotated[float, Field(gt=0, le=60)] = 10
    console: Annotated[float, Field(gt=0, le=120)] = 20

    def of(self, channel: Channel) -> float:
        return cast(float, getattr(self, channel.value))


class Theme(Strict):
    """The colours that an institution may set: `green` carries links and buttons, `deep` the header, `sun` the mark.

    White text stands on the first two, and `green` is text on paper, so both have to be dark enough to be read.
    """

    green: Colour = "#0b5d4e"
    deep: Colour = "#083f36"
    sun: Colour = "#f2b134"

    @model_validator(mode="after")
    def _readable(self) -> Theme:
        for name, colour in (("green", self.green), ("deep", self.deep)):
            for ground in GROUNDS:
                must_contrast(name, colour, ground, at_least=TEXT)
        must_contrast("sun", self.sun, self.deep, at_least=GRAPHIC)
        return self


class Carrier(Strict):
    """An SMS and USSD gateway. `hooks` are the secret path segments; two are valid while one is being changed."""

    driver: str
    username: str
    api_key: str = Field(repr=False)
    api_url: str
    sender: str
    service_code: str
    hooks: tuple[Annotated[str, StringConstraints(min_length=32)], ...] = Field(repr=False)
    allowed_from: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    screen_gsm7: int = 160
    screen_ucs2: int = 70


class LoanProduct(Strict):
    """Terms on offer: declining balance, equal installments, monthly; `rate_percent` nominal a year."""

    name: str
    rate_percent: Annotated[Decimal, Field(ge=0, le=1000)]
    smallest: Annotated[Decimal, Field(gt=0)]
    largest: Annotated[Decimal, Field(gt=0)]
    fewest_installments: Annotated[int, Field(ge=1, le=600)]
    most_installments: Annotated[int, Field(ge=1, le=600)]


class Catalogue(Strict):
    """Offices and products on the native core: those that are missing are made by `tenant add` and `migrate`."""

    offices: tuple[str, ...] = ()
    savings_products: tuple[str, ...] = ()
    loan_products: tuple[LoanProduct, ...] = ()


class Fineract(Strict):
    """The way to an Apache Fineract: its staff API, as one service user of least privilege.

    `url` is the address up to and with `/fineract-provider`. The password is in a file or in an environment variable,
    never here. `connect_s` and `answer_s` bound one call; `connections` are for each process.
    """

    url: Words
    tenant: Words = "default"
    user: Words
    password_file: Path | None = None
    password_env: Words | None = None
    ca_file: Path | None = None
    connect_s: Annotated[float, Field(gt=0, le=30)] = 3
    answer_s: Annotated[float, Field(gt=0, le=60)] = 10
    connections: Annotated[int, Field(ge=10, le=200)] = 40
    _in_environment: str = PrivateAttr("")

    @field_validator("url")
    @classmethod
    def _addressed(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must read https://host/fineract-provider")
        if parts.username or parts.password:
            raise ValueError("no user and no password in the address")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError("must be https: the password and everybody's accounts would travel readable")
        path = parts.path.rstrip("/").removesuffix("/api/v1") or "/fineract-provider"
        return urlunsplit((parts.scheme, parts.netloc, path, "", ""))

    @model_validator(mode="after")
    def _one_secret(self) -> Fineract:
        if (self.password_file is None) == (self.password_env is None):
            raise ValueError("say where the password is: password_file or password_env")
        for path in (self.password_file, self.ca_file):
            if path is not None and not path.is_absolute():
                raise ValueError(f"{path}: must be an absolute path")
        return self

    def model_post_init(self, context: Any) -> None:
        """The environment is the server's to read: it comes with the file that names a variable of it."""
        if self.password_env is not None:
            self._in_environment = (context or {}).get(ENVIRONMENT, {}).get(self.password_env, "")

    def password(self) -> str:
        """From a file it is read anew each time, so that a changed one needs no restart. Raises `BadInstitution`."""
        try:
            if self.password_file is not None:
                found = self.password_file.read_text("utf-8").rstrip("\r\n")
            else:
                found = self._in_environment
        except (OSError, UnicodeDecodeError) as error:
            raise BadInstitution(f"{self.password_file}: {error}") from None
        if not found:
            raise BadInstitution(f"{self.password_file or self.password_env}: there is no password in it")
        return found


class Institution(Strict):
    slug: Slug
    name: str
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    currency_code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    currency_scale: Annotated[int, Field(ge=0, le=4)] = 2
    currency_name: str
    currency_symbol: str
    time_zone: str
    languages: tuple[str, ...] = ("en",)
    help_number: str
    core: str
    hosts: tuple[str, ...] = ()
    demo: bool = False
    limits: Limits = Limits()
    proofs: Proofs = Proofs()
    fees: dict[str, dict[Channel, Decimal]] = {}
    waits: Waits = Waits()
    patience: Patience = Patience()
    theme: Theme = Theme()
    catalogue: Catalogue = Catalogue()
    carrier: Carrier | None = None
    fineract: Fineract | None = None

    @field_validator("core")
    @classmethod
    def _by_short_name(cls, value: str) -> str:
        return CORES.get(value, value)

    @model_validator(mode="after")
    def _suits_the_core(self) -> Institution:
        if (self.core == FINERACT) != (self.fineract is not None):
            raise ValueError('core = "fineract" and a section [fineract] belong together')
        if self.fineract is not None and self.fees:
            raise ValueError("fees: in front of Fineract they are its own: a withdrawal fee of the savings product")
        if self.fineract is not None and self.catalogue != Catalogue():
            raise ValueError("catalogue: in front of Fineract offices and products are made there")
        return self

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        ZoneInfo(value)
        return value

    @property
    def database(self) -> str:
        return "dirisha_" + self.slug.replace("-", "_")

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @cached_property
    def currency(self) -> Currency:
        return Currency(self.currency_code, self.currency_scale)

    def money(self, amount: Decimal) -> Money:
        return Money.of(amount, self.currency)

    def fee(self, act: str, channel: Channel) -> Money:
        """The flat fee of an act through a door; zero where the tariff names none."""
        return self.money(self.fees.get(act, {}).get(channel, Decimal(0)))


def read_institution(path: Path, environment: Mapping[str, str] = MappingProxyType({})) -> Institution:
    """Raises `BadInstitution`. `environment` is where a secret may be that the file names and does not hold."""
    try:
        return Institution.model_validate(tomllib.loads(path.read_text("utf-8")), context={ENVIRONMENT: environment})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = [".".join(str(part) for part in first["loc"])] if first["loc"] else []
        raise BadInstitution(": ".join([path.name, *where, first["msg"]])) from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as error:
        raise BadInstitution(f"{path.name}: {error}") from None
