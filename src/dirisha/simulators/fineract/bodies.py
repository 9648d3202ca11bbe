"""Bodies of commands: read as leniently as Fineract reads them, with its words for what is wrong."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from babel import Locale, UnknownLocaleError

from dirisha.kit.money import Currency, Money
from dirisha.simulators.fineract.errors import Item, invalid, no_object, unreadable
from dirisha.wire.java_dates import BadPattern, read_date
from dirisha.wire.written import Json

MOST_DIGITS = 19


def read_object(body: bytes) -> Json:
    """The body as an object, fractions as `Decimal`."""
    try:
        text = body.decode()
        found = json.loads(text, parse_float=Decimal) if text.strip() else None
    except (ValueError, RecursionError) as error:
        raise unreadable(f"The JSON syntax provided in the body of the request is invalid: {error}") from None
    if isinstance(found, list):
        raise no_object()
    if not isinstance(found, dict):
        raise unreadable("The JSON provided in the body of the request is invalid or missing.")
    return found


@dataclass(slots=True)
class Members:
    """The members of a body, read one by one; what is wrong is gathered and raised together.

    `resource` is the word in the codes: `validation.msg.<resource>.<parameter>.<rule>`.
    """

    values: Json
    resource: str
    wrong: list[Item] = field(default_factory=list)

    def allow(self, names: Collection[str]) -> None:
        unknown = [name for name in self.values if name not in names]
        if unknown:
            raise invalid(*(_not_supported(name) for name in unknown))

    def finish(self) -> None:
        if self.wrong:
            raise invalid(*self.wrong)

    def note(self, name: str, rule: str, message: str, *args: Any) -> None:
        code = rule if rule.startswith("validation.msg.") else f"validation.msg.{self.resource}.{name}.{rule}"
        self.wrong.append(Item(code, f"The parameter `{name}` {message}", name, args))

    def identifier(self, name: str) -> int:
        """A whole number above zero; 0 where it is not, and that is noted."""
        value = self._given(name)
        if value is None:
            return 0
        number = _number(value)
        if number is None or number != number.to_integral_value():
            self.note(name, "validation.msg.invalid.integer", "has an invalid integer value.")
        elif number <= 0:
            self.note(name, "not.greater.than.zero", "must be greater than 0.", int(number), 0)
        else:
            return int(number)
        return 0

    def one_of(self, name: str, allowed: tuple[int, ...]) -> int:
        number = _number(self._given(name))
        if number is not None and number in allowed:
            return int(number)
        listed = ", ".join(map(str, allowed))
        given = None if number is None else int(number)
        rule = "is.not.one.of.expected.enumerations"
        self.note(name, rule, f"must be one of [ {listed} ] .", given, list(allowed))
        return 0

    def day(self, name: str) -> date:
        """By the body's own `dateFormat` and `locale`."""
        value = self._given(name)
        if not isinstance(value, str):
            return date.min
        pattern, locale = self.values.get("dateFormat"), self.values.get("locale")
        if not isinstance(pattern, str) or not pattern:
            code = "validation.msg.missing.dateFormat.parameter"
            self.wrong.append(Item(code, "The parameter `dateFormat` must be provided.", name))
            return date.min
        found = _read_day(value, pattern, locale)
        if found is None:
            message = f"is invalid based on the dateFormat: `{pattern}` and locale: `{locale}` provided:"
            self.note(name, "validation.msg.invalid.dateFormat.format", message, None, pattern)
        return found or date.min

    def amount(self, name: str, currency: Currency) -> Money:
        """Above zero; what is finer than the currency is rounded half to even."""
        value = self._given(name)
        if value is None:
            return Money.zero(currency)
        number = _number(value)
        if number is None or len(number.as_tuple().digits) > MOST_DIGITS or abs(number.adjusted()) > MOST_DIGITS:
            self.note(name, "validation.msg.invalid.decimal.format", "has an invalid decimal value.")
        elif number <= 0:
            self.note(name, "not.greater.than.zero", "must be greater than 0.", _plain(number), 0)
        else:
            return Money.of(number.quantize(Decimal(1).scaleb(-currency.scale), ROUND_HALF_EVEN), currency)
        return Money.zero(currency)

    def text(self, name: str) -> str:
        value = self._given(name)
        return "" if value is None else str(value)

    def _given(self, name: str) -> Any:
        value = self.values.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            self.note(name, "cannot.be.blank", "is mandatory.", None)
            return None
        return value


def _not_supported(name: str) -> Item:
    return Item("error.msg.parameter.unsupported", f"The parameter {name} is not supported.", name, (name,))


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        number = Decimal(value.replace(",", "") if isinstance(value, str) else value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _plain(number: Decimal) -> int | str:
    return int(number) if number == number.to_integral_value() else f"{number:f}"


def _read_day(text: str, pattern: str, locale: Any) -> date | None:
    try:
        return read_date(text, pattern, Locale.parse(locale if isinstance(locale, str) else "en"))
    except (BadPattern, UnknownLocaleError, ValueError):
        return None
