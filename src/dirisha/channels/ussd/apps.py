from django.apps import AppConfig


class UssdConfig(AppConfig):
    name = "dirisha.channels.ussd"
    label = "ussd"
