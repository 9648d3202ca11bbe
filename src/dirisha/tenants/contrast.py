"""Whether the colours of an institution can be read by those with weak eyes or a bright sun: checked with its file."""

from __future__ import annotations

from decimal import Decimal

# What text and what a graphic need (WCAG 1.4.3, 1.4.11).
TEXT = Decimal("4.5")
GRAPHIC = Decimal(3)
# Paper, cards, the green wash and the sun's wash: what stands behind text in the portal's look.
GROUNDS = ("#f7f5ef", "#ffffff", "#e6f0ec", "#fdf3dc")


def must_contrast(name: str, colour: str, ground: str, *, at_least: Decimal) -> None:
    """Raises `ValueError` with a sentence for who wrote the institution's file."""
    found = contrast(colour, ground)
    if found < at_least:
        raise ValueError(
            f"{name} {colour} can't be read on {ground}: its contrast is {found:.1f}, and {at_least} is needed"
        )


def contrast(colour: str, other: str) -> Decimal:
    """From 1 (the same) to 21 (black on white); colours as `#rrggbb`."""
    lighter, darker = sorted((_luminance(colour), _luminance(other)), reverse=True)
    return (lighter + Decimal("0.05")) / (darker + Decimal("0.05"))


def _luminance(colour: str) -> Decimal:
    red, green, blue = (_linear(int(colour[place : place + 2], 16)) for place in (1, 3, 5))
    return Decimal("0.2126") * red + Decimal("0.7152") * green + Decimal("0.0722") * blue


def _linear(channel: int) -> Decimal:
    share = Decimal(channel) / 255
    if share <= Decimal("0.04045"):
        return share / Decimal("12.92")
    return ((share + Decimal("0.055")) / Decimal("1.055")) ** Decimal("2.4")
