from django.apps import AppConfig


class NativeCoreConfig(AppConfig):
    name = "dirisha.core.native"
    label = "native"
