from django.apps import AppConfig


class HandsetConfig(AppConfig):
    name = "dirisha.demo.handset"
    label = "handset"
