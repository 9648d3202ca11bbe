from django.apps import AppConfig


class EngineConfig(AppConfig):
    name = "dirisha.engine"
    label = "engine"
