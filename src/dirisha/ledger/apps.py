from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "dirisha.ledger"
    label = "ledger"
