"""Keyed hashes and encryption, with keys that never enter the database: one secret key and one PIN pepper a process."""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet
from django.conf import settings

from dirisha.tenants.current import current


def keyed_hash(purpose: str, value: str) -> bytes:
    """HMAC-SHA256 under the process's key, separate by purpose and institution."""
    return hmac.new(_key(), f"{purpose}\0{current().slug}\0{value}".encode(), hashlib.sha256).digest()


def peppered(pin: str, user: int) -> str:
    """A PIN as it goes into the slow hash: useless to who has the database but not the pepper."""
    message = f"{current().slug}\0{user}\0{pin}".encode()
    return hmac.new(settings.DIRISHA_PIN_PEPPER.encode(), message, hashlib.sha256).hexdigest()


def encrypt(plain: bytes) -> bytes:
    return _fernet(current().slug).encrypt(plain)


def decrypt(sealed: bytes) -> bytes:
    return _fernet(current().slug).decrypt(sealed)


def _key() -> bytes:
    return settings.SECRET_KEY.encode()


@lru_cache(maxsize=256)
def _fernet(slug: str) -> Fernet:
    derived = hmac.new(_key(), f"encryption\0{slug}".encode(), hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(derived))
