"""Words, amounts and dates in templates, in the language of the page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dirisha.channels.portal.look import version_of
from dirisha.channels.portal.speech import Speech
from dirisha.core.port import AccountRef, Loan, Savings
from dirisha.kit.money import Money
from dirisha.kit.phone import masked

register = template.Library()


def _speech(context: Context) -> Speech:
    speech = context["speech"]
    assert isinstance(speech, Speech)
    return speech


@register.simple_tag(takes_context=True)
def say(context: Context, key: str, **variables: Any) -> str:
    return _speech(context).say(key, **variables)


@register.simple_tag(takes_context=True)
def money(context: Context, amount: Money) -> SafeString:
    """Never broken between the currency and the number, nor after a minus sign."""
    return format_html('<span class="money">{}</span>', _speech(context).money(amount))


@register.simple_tag(takes_context=True)
def signed(context: Context, amount: Money) -> SafeString:
    kind = "in" if amount.minor >= 0 else "out"
    return format_html('<span class="money {}">{}</span>', kind, _speech(context).signed(amount))


@register.simple_tag(takes_context=True)
def number(context: Context, amount: Money) -> SafeString:
    return format_html('<span class="money">{}</span>', _speech(context).number(amount))


@register.simple_tag(takes_context=True)
def day(context: Context, value: date) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), _speech(context).day(value))


@register.simple_tag(takes_context=True)
def short_day(context: Context, value: date) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), _speech(context).short_day(value))


@register.simple_tag(takes_context=True)
def when(context: Context, value: datetime) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), _speech(context).when(value))


@register.simple_tag(takes_context=True)
def moment(context: Context, value: datetime) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), _speech(context).moment(value))


@register.filter
def ending(account: AccountRef | Savings | Loan) -> SafeString:
    """`…0042`: enough to tell one's own accounts apart."""
    return format_html('<span class="number">…{}</span>', account.number[-4:])


@register.filter
def masked_phone(msisdn: str) -> str:
    return masked(msisdn)


@register.filter
def plain(amount: Money) -> str:
    """As it stands in a field."""
    return amount.plain()


@register.filter
def of(values: Any, name: str) -> Any:
    """The value of a name that stands in another variable."""
    return values.get(name, "")


@register.simple_tag(takes_context=True)
def look_version(context: Context) -> str:
    return version_of(context["institution"].theme)
