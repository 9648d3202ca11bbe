from django.apps import AppConfig


class LimitsConfig(AppConfig):
    name = "dirisha.limits"
    label = "limits"
