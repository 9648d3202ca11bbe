"""An institution's colours and mark: small files of their own, since no page may carry a style within it."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dirisha.tenants.current import current
from dirisha.tenants.institution import Theme

FOR_EVER = "public, max-age=31536000, immutable"


def version_of(theme: Theme) -> str:
    """Part of the files' addresses, so that browsers may keep them until the institution changes its colours."""
    return hashlib.sha256(f"{theme.green}{theme.deep}{theme.sun}".encode()).hexdigest()[:8]


@require_safe
def colours(request: HttpRequest) -> HttpResponse:
    return _file(request, "portal/look.css", "text/css; charset=utf-8")


@require_safe
def mark(request: HttpRequest) -> HttpResponse:
    return _file(request, "portal/mark.svg", "image/svg+xml")


for _view in (colours, mark):
    _view.performs = ()  # type: ignore[attr-defined]


def _file(request: HttpRequest, template: str, content_type: str) -> HttpResponse:
    response = render(request, template, {"theme": current().theme}, content_type=content_type)
    response["Cache-Control"] = FOR_EVER
    return response
