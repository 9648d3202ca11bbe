from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "dirisha.access"
    label = "access"
