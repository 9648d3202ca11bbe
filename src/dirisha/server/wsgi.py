"""The web application."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from dirisha.core.budget import at_work, share_out
from dirisha.server import process

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dirisha.server.settings")

_django = get_wsgi_application()
import_module(settings.ROOT_URLCONF)  # with the doors behind it, so that the first visitor doesn't wait for them
share_out(at_work=process.load().web_threads, waiting=process.load().web_waiting)


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    if settings.DIRISHA_TLS:  # a proxy ended it, and nobody else reaches us
        environ["wsgi.url_scheme"] = "https"
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "") and not environ.get("CONTENT_LENGTH"):
        _announce_length(environ)
    with at_work():
        return _django(environ, start_response)


def _announce_length(environ: dict[str, Any]) -> None:
    """Django reads no more than CONTENT_LENGTH says, and a chunked body comes without one: read it, up to the limit.

    One byte more than the limit is enough for Django to refuse it.
    """
    body = environ["wsgi.input"].read((settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) + 1)
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
