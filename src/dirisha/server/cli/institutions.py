"""Options by which a command is told the institutions that it is for."""

from __future__ import annotations

import click
from django.conf import settings as django_settings

from dirisha.server import process
from dirisha.server.cli.entry import need_database
from dirisha.server.refused import Refused
from dirisha.tenants.institution import Institution

one = click.option(
    "--institution",
    "slug",
    metavar="SLUG",
    envvar="DIRISHA_INSTITUTION",
    help="Which one; not needed where there is one.",
)


def everyone() -> list[Institution]:
    """All of them. Refused where the data folder has no data, which is not the same as having no institution."""
    need_database(process.load())
    institutions: list[Institution] = django_settings.DIRISHA_REGISTRY.all()
    return institutions


def chosen(slug: str | None) -> Institution:
    """The institution of that name, or the only one. Refused where that leaves a doubt."""
    institutions = everyone()
    if slug is None and len(institutions) == 1:
        return institutions[0]
    if slug is None and institutions:
        raise click.UsageError(f"Say which institution: --institution {' | '.join(each.slug for each in institutions)}")
    for each in institutions:
        if each.slug == slug:
            return each
    if not institutions:
        raise Refused("There is no institution yet. Add one: dirisha tenant add FILE")
    raise Refused(f"There is no institution {slug}. There is: {', '.join(each.slug for each in institutions)}.")


def chosen_or_all(slug: str | None) -> list[Institution]:
    """At least one: a check of none must not pass for a check."""
    if slug is not None:
        return [chosen(slug)]
    institutions = everyone()
    if not institutions:
        raise Refused(f"There is no institution in {process.load().institutions_folder}: nothing was checked.")
    return institutions
