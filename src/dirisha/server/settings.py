"""Django's settings."""

SECRET_KEY = "-"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.sessions"]
USE_TZ = True
