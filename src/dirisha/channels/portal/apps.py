from __future__ import annotations

from django.apps import AppConfig


class Portal(AppConfig):
    name = "dirisha.channels.portal"
    label = "portal"
