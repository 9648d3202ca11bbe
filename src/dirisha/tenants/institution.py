"""What an institution decides, as one validated TOML file a piece. Secrets may come from files named in it."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from dirisha.kit.actor import Channel
from dirisha.kit.money import Currency, Money
from dirisha.tenants.contrast import GRAPHIC, GROUNDS, TEXT, must_contrast

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,30}$")]


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
    theme: Theme = Theme()
    catalogue: Catalogue = Catalogue()
    carrier: Carrier | None = None

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


def read_institution(path: Path) -> Institution:
    try:
        return Institution.model_validate(tomllib.loads(path.read_text("utf-8")))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInstitution(f"{path.name}: {where}: {first['msg']}") from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as error:
        raise BadInstitution(f"{path.name}: {error}") from None
