from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "dirisha.messaging"
    label = "messaging"
