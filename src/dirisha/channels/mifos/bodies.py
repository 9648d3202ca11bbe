"""JSON bodies and their members: read leniently in form, strictly in value; every refusal names its parameter."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from babel import Locale, UnknownLocaleError
from babel.numbers import NumberFormatError, parse_decimal
from django.http import HttpRequest

from dirisha.channels.mifos.errors import ApiError, Item, Kind, unsupported
from dirisha.kit.money import Currency, Money, NotMoney
from dirisha.wire.java_dates import BadPattern, read_date

LONGEST_NUMBER = 40
MOST_DIGITS = 24
LOCALE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")


def read_object(request: HttpRequest) -> dict[str, Any]:
    """The body as a JSON object; fractions come as `Decimal`. Raises `ApiError` for anything else, and for bodies in
    which one name stands twice, `NaN`, or half a character."""
    try:
        text = request.body.decode()
        body = json.loads(
            text, object_pairs_hook=_once_each, parse_float=_decimal, parse_int=_integer, parse_constant=_refused
        )
        _check_text(body)
    except (ValueError, RecursionError):
        raise ApiError(Kind.BODY) from None
    if not isinstance(body, dict):
        raise ApiError(Kind.BODY)
    return body


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice")
    return members


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits) if len(digits) <= LONGEST_NUMBER else Decimal("NaN")
    except InvalidOperation:
        return Decimal("NaN")


def _integer(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= LONGEST_NUMBER else Decimal("NaN")


def _refused(constant: str) -> NoReturn:
    raise ValueError(constant)


def _check_text(value: Any) -> None:
    """Half a surrogate pair and NUL are no text that anything of ours could keep."""
    if isinstance(value, str):
        value.encode()
        if "\0" in value:
            raise ValueError("NUL in a text")
    elif isinstance(value, dict):
        for name, member in value.items():
            _check_text(name)
            _check_text(member)
    elif isinstance(value, list):
        for member in value:
            _check_text(member)


@dataclass(slots=True)
class Members:
    """The members of a command's body, read one by one; what is wrong with them is gathered and raised together.

    `resource` is the word in Fineract's codes: `validation.msg.<resource>.<parameter>.<rule>`.
    """

    values: dict[str, Any]
    resource: str
    wrong: list[Item] = field(default_factory=list)

    def allow(self, names: Collection[str]) -> None:
        unknown = [name for name in self.values if name not in names]
        if unknown:
            raise ApiError(Kind.VALIDATION, *(unsupported(name) for name in unknown[:50]))

    def finish(self) -> None:
        if self.wrong:
            raise ApiError(Kind.VALIDATION, *self.wrong)

    def note(self, parameter: str, rule: str, text: str, *args: Any, **facts: Any) -> None:
        """A broken rule; `rule` is the end of Fineract's code, or a whole code."""
        code = rule if rule.startswith("validation.msg.") else f"validation.msg.{self.resource}.{parameter}.{rule}"
        self.wrong.append(Item(code, text, "input.bad", parameter, args, {"parameter": parameter, **facts}))

    def text(self, name: str, *, longest: int) -> str | None:
        value = self._given(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self.note(name, "format.is.invalid", "item.not_text")
        elif len(value) > longest:
            self.note(name, "exceeds.max.length", "item.too_long", longest, longest=longest)
        else:
            return value
        return None

    def identifier(self, name: str) -> int | None:
        """A whole number above zero, as a number (`12`, `12.0`) or as text."""
        value = self._given(name)
        if value is None:
            return None
        number = _whole(value)
        if number is None or number >= 2**63:
            self.note(name, "validation.msg.invalid.integer", "item.integer")
        elif number <= 0:
            self.note(name, "not.greater.than.zero", "item.not_positive", number, 0)
        else:
            return number
        return None

    def one_of(self, name: str, allowed: Collection[int]) -> int | None:
        value = self._given(name)
        if value is None:
            return None
        number = _whole(value)
        if number in allowed:
            return number
        self.note(name, "is.not.one.of.expected.enumerations", "item.not_one_of", str(value)[:40], list(allowed),
                  allowed=", ".join(map(str, allowed)))  # fmt: skip
        return None

    def locale(self) -> Locale | None:
        value = self.values.get("locale")
        if value is None or value == "":
            return None
        if isinstance(value, str) and LOCALE.fullmatch(value):
            try:
                return Locale.parse(value)
            except (UnknownLocaleError, ValueError):
                pass
        self.note("locale", "validation.msg.invalid.locale.format", "item.locale", str(value)[:40])
        return None

    def day(self, name: str, locale: Locale | None) -> date | None:
        """By the `dateFormat` and `locale` of the same body. An array is read as absent, as by the reference."""
        if isinstance(self.values.get(name), list):
            self.note(name, "cannot.be.blank", "item.mandatory")
            return None
        value = self._given(name)
        if value is None:
            return None
        pattern = self.values.get("dateFormat")
        if not isinstance(pattern, str) or not pattern.strip():
            self.note(name, "validation.msg.missing.dateFormat.parameter", "item.no_date_format")
        elif locale is None:
            self._need_locale(name)
        else:
            return self._read_day(name, value, pattern, locale)
        return None

    def _read_day(self, name: str, value: Any, pattern: str, locale: Locale) -> date | None:
        try:
            found = read_date(value, pattern, locale) if isinstance(value, str) else None
        except BadPattern:
            self.note("dateFormat", "validation.msg.invalid.dateFormat.format", "item.date_format", pattern[:40])
            return None
        if found is None:
            self.note(name, "validation.msg.invalid.dateFormat.format", "item.date", str(value)[:60], pattern[:40],
                      pattern=pattern[:40], locale=str(locale))  # fmt: skip
        return found

    def amount(self, name: str, locale: Locale | None, currency: Currency) -> Money | None:
        """Above zero and exact in the currency: a number as it is, a text by the locale's marks (`12,000.00` in en)."""
        value = self._given(name)
        if value is None:
            return None
        if isinstance(value, str) and locale is None:
            self._need_locale(name)
            return None
        number = _number(value, locale)
        if number is None:
            self.note(name, "validation.msg.invalid.decimal.format", "item.decimal")
        elif number <= 0:
            self.note(name, "not.greater.than.zero", "item.not_positive", number, 0)
        else:
            return self._exact(name, number, currency)
        return None

    def _exact(self, name: str, number: Decimal, currency: Currency) -> Money | None:
        try:
            # Decimal arithmetic rounds at 28 digits; nothing here may round.
            if len(number.as_tuple().digits) > MOST_DIGITS:
                raise NotMoney("too many digits")
            return Money.of(number, currency)
        except NotMoney:
            if number.adjusted() > 15:
                self.note(name, "is.greater.than.max", "item.too_large")
            else:
                self.note(name, "scale.is.greater.than.currency", "item.decimals", currency.scale,
                          decimals=currency.scale, currency=currency.code)  # fmt: skip
            return None

    def _need_locale(self, name: str) -> None:
        """Said once: for the first member that needs one, unless the one that came was told to be none."""
        if not any(item.text in ("item.locale", "item.no_locale") for item in self.wrong):
            self.note(name, "validation.msg.missing.locale.parameter", "item.no_locale")

    def _given(self, name: str) -> Any:
        value = self.values.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            self.note(name, "cannot.be.blank", "item.mandatory")
            return None
        return value


def _whole(value: Any) -> int | None:
    match value:
        case bool():
            return None
        case int():
            return value
        case Decimal() if value.is_finite() and value.adjusted() < 20 and value == value.to_integral_value():
            return int(value)
        case str() if re.fullmatch(r"-?[0-9]{1,19}", value.strip()):
            return int(value)
    return None


def _number(value: Any, locale: Locale | None) -> Decimal | None:
    number: Decimal | None = None
    match value:
        case bool():
            return None
        case int() | Decimal():
            number = Decimal(value)
        case str() if locale is not None:
            number = _local(value.strip(), locale)
    return number if number is not None and number.is_finite() else None


def _local(text: str, locale: Locale) -> Decimal | None:
    """By the locale's own marks; grouping that is not where it belongs (`1,00`) is refused, never guessed at."""
    # Locale.number_symbols has the marks by numbering system; only those of ASCII digits count.
    marks: Callable[[str], str] = locale.number_symbols["latn"].get
    if len(text) > LONGEST_NUMBER or not set(text) <= {*"0123456789-", marks("decimal"), marks("group"), " "}:
        return None
    try:
        return Decimal(parse_decimal(text, locale=locale, strict=True))
    except (NumberFormatError, InvalidOperation, ValueError):
        return None
