from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "dirisha.audit"
    label = "audit"
