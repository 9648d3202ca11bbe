"""Every address: one `include` a door. /livez, /readyz and /metrics are answered in `health`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
