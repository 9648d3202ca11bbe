"""Options by which a command is told the institutions that it is for."""

from __future__ import annotations

import click
from django.conf import settings as django_settings

from dirisha.server.refused import Refused
from dirisha.tenants.institution import Institution

one = click.option(
    "--institution",
    "slug",
    metavar="SLUG",
    envvar="DIRISHA_INSTITUTION",
    help="Which one; not needed where there is one.",
)


def chosen(slug: str | None) -> Institution:
    """The institution of that name, or the only one. Refused where that leaves a doubt."""
    everyone: list[Institution] = django_settings.DIRISHA_REGISTRY.all()
    if slug is None and len(everyone) == 1:
        return everyone[0]
    if slug is None and everyone:
        raise click.UsageError(f"Say which institution: --institution {' | '.join(each.slug for each in everyone)}")
    for each in everyone:
        if each.slug == slug:
            return each
    if not everyone:
        raise Refused("There is no institution yet. Add one: dirisha tenant add FILE")
    raise Refused(f"There is no institution {slug}. There is: {', '.join(each.slug for each in everyone)}.")


def chosen_or_all(slug: str | None) -> list[Institution]:
    return [chosen(slug)] if slug is not None else list(django_settings.DIRISHA_REGISTRY.all())
