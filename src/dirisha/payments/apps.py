from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "dirisha.payments"
    label = "payments"
