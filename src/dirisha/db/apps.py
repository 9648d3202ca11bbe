from django.apps import AppConfig


class DbConfig(AppConfig):
    name = "dirisha.db"
    label = "db"

    def ready(self) -> None:
        from dirisha.db.content_types import keep_by_database

        keep_by_database()
