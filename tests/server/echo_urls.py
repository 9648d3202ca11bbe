"""A page that reads its body, for the tests of what surrounds every page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path


def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.body)))


urlpatterns = [path("echo", echo)]
