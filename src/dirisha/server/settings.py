"""Django's settings, from those of the process."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from dirisha.server import process as processes
from dirisha.server.institutions import AllowedHosts, registry_of

_process = processes.load()
_package = Path(__file__).parents[1]


def _database() -> dict[str, Any]:
    """The server, as the login role; which database is the engine's matter, by the current institution."""
    given = conninfo_to_dict(_process.cluster.login)
    named = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
    return {
        "ENGINE": "dirisha.db.engine",
        "NAME": "institution",
        **{setting: given.pop(key, "") for setting, key in named.items()},
        "OPTIONS": {"connect_timeout": 5, "application_name": "dirisha", **given},
    }


def _static_digest() -> str:
    """Changes with any of our static files, so that browsers may keep them for ever."""
    digest = hashlib.sha256()
    for path in sorted(_package.glob("**/static/**/*")):
        if path.is_file():
            digest.update(path.relative_to(_package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


# ------------------------------------------------------------------------------------------------------------ ours

DIRISHA_REGISTRY = registry_of(_process)
DIRISHA_PIN_PEPPER = _process.secret("pepper")
DIRISHA_METRICS_TOKEN = _process.metrics_token.get_secret_value() if _process.metrics_token else ""
DIRISHA_PROXIES = _process.proxies
DIRISHA_TLS = _process.tls
DIRISHA_DEMO = _process.demo
DIRISHA_PHONES = _process.var / "phones"  # the messages on the demo's phones

# ---------------------------------------------------------------------------------------------------------- Django's

SECRET_KEY = _process.secret("secret_key")
DEBUG = False
ALLOWED_HOSTS = AllowedHosts(_process.allowed_hosts, DIRISHA_REGISTRY)

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "dirisha.db",
    "dirisha.ledger",
    "dirisha.core.native",
    "dirisha.audit",
    "dirisha.access",
    "dirisha.limits",
    "dirisha.messaging",
    "dirisha.payments",
    "dirisha.engine",
    "dirisha.channels.portal",
    "dirisha.channels.ussd",
    "dirisha.channels.sms",
    *(["dirisha.demo.handset"] if _process.demo else []),
]
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ROOT_URLCONF = "dirisha.server.urls"
WSGI_APPLICATION = "dirisha.server.wsgi.application"
MIDDLEWARE = [
    "dirisha.server.health.Health",
    "dirisha.server.middleware.ClientAddress",
    "dirisha.server.middleware.Correlation",
    "django.middleware.security.SecurityMiddleware",
    "dirisha.server.middleware.ContentSecurityPolicy",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "dirisha.server.middleware.BodyLimit",
    "dirisha.server.middleware.ChosenInstitution",
    "dirisha.channels.portal.session.Sessions",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
APPEND_SLASH = False  # a POST to a slip of the tongue is refused, not redirected without its body

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("sw", "Kiswahili")]
LOGGING_CONFIG = None  # `logs.configure` is called by the command line

# A wish is a few hundred bytes; nothing that a person uploads is taken yet.
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
DATA_UPLOAD_MAX_NUMBER_FILES = 0

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "__Host-session" if DIRISHA_TLS else "session"
SESSION_COOKIE_SECURE = DIRISHA_TLS
SESSION_COOKIE_AGE = 5 * 60  # seconds without a request; the longest a session may last is the portal's to say
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"  # a link in a message may lead to a page; nothing is done by GET
CSRF_COOKIE_NAME = "__Host-csrf" if DIRISHA_TLS else "csrf"
CSRF_COOKIE_SECURE = DIRISHA_TLS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "dirisha.channels.portal.errors.forged"

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if DIRISHA_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = DIRISHA_TLS

# Served from where they lie in the package, compressed on the way; their address changes with their content.
STATIC_URL = f"/static/{_static_digest()}/"
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"."
