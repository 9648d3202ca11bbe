from django.apps import AppConfig


class SmsConfig(AppConfig):
    name = "dirisha.channels.sms"
    label = "sms"
