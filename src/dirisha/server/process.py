"""Settings of this process, from its environment; what an institution decides is in its TOML file.

All begin with DIRISHA_, but for DATABASE_URL. `make` writes a file `dirisha.env` into the virtual environment with the
data folder of its clone; the environment wins over it.
"""

from __future__ import annotations

import sys
from functools import cache
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from dirisha.server.folder import Folder
from dirisha.server.postgres import Cluster, Patience, cluster_in
from dirisha.server.refused import Refused

Listed = NoDecode  # a list is written with commas between, not as JSON


class Process(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="DIRISHA_",
        env_file=Path(sys.prefix) / "dirisha.env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    var: Path = Field(default=Path("var"), description="the data folder")
    account: str = Field(default="dirisha", description="whom root becomes")
    institutions: Path | None = Field(default=None, description="folder of the institutions' files; <var>/institutions")

    database_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="a server of your own, as dirisha_login; no database in it",
    )
    owner_url: SecretStr | None = Field(
        default=None, description="that server as dirisha_owner: for migrate and tenant add"
    )
    admin_url: SecretStr | None = Field(default=None, description="that server as one who may make roles and databases")
    postgres_start_s: float = Field(default=60, gt=0, description="how long the embedded server may take to start")
    postgres_recovery_s: float = Field(default=600, gt=0, description="and to recover after a crash")

    bind: str = Field(default="127.0.0.1", description="the address to listen on")
    port: int = Field(default=8000, ge=1, le=65535)
    web_workers: int = Field(default=1, ge=1, le=64, description="web processes")
    web_threads: int = Field(default=8, ge=1, le=256, description="requests that each works on at once")
    web_waiting: int = Field(default=16, ge=1, le=256, description="that wait for a far core besides, in each")
    allowed_hosts: Annotated[list[str], Listed] = Field(
        default=[".localhost", "127.0.0.1", "[::1]"], description="host names besides those that the institutions name"
    )
    tls: bool = Field(default=False, description="clients come by HTTPS, through a proxy that alone reaches the port")
    proxies: Annotated[list[IPv4Network | IPv6Network], Listed] = Field(
        default=[], description="networks whose X-Forwarded-For is believed"
    )

    secret_key: SecretStr | None = Field(default=None, description="Django's; made once in <var>/secrets/secret_key")
    pepper: SecretStr | None = Field(
        default=None, description="goes into each PIN's hash; made once in <var>/secrets/pepper"
    )
    metrics_token: SecretStr | None = Field(default=None, description="lets others than this machine read /metrics")
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")
    demo: bool = Field(default=False, description="the demo's pages and simulators are there")
    demo_people: int = Field(default=195, ge=0, le=9999, description="clients in the demo's history besides the cast")

    @field_validator("allowed_hosts", "proxies", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("database_url", "owner_url", "admin_url", mode="after")
    @classmethod
    def _connection_string(cls, value: SecretStr | None) -> SecretStr | None:
        """PostgreSQL's own words about a bad one would repeat parts of it, and it holds a password."""
        try:
            conninfo_to_dict(_open(value))
        except psycopg.ProgrammingError:
            raise PydanticCustomError(
                "conninfo", "this is no connection string; one looks like postgresql://user:password@host:5432"
            ) from None
        return value

    @field_validator("var", "institutions", mode="after")
    @classmethod
    def _whole_path(cls, value: Path | None) -> Path | None:
        return value.expanduser().absolute() if value else value

    @property
    def folder(self) -> Folder:
        return Folder(self.var)

    @property
    def institutions_folder(self) -> Path:
        return self.institutions or self.var / "institutions"

    @property
    def core_folder(self) -> Path:
        """Where the demo's core bank has its file: no door looks here, only the stand-in of Fineract."""
        return self.var / "core"

    @property
    def fineract_password(self) -> Path:
        """The file with the password of the stand-in's service user."""
        return self.folder.secret_path("fineract_demo")

    @property
    def own_address(self) -> str:
        """Where this machine finds the pages of a web server with these settings."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.bind, self.bind)
        return f"{'https' if self.tls else 'http'}://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def address(self) -> str:
        """What `up` said last, unless this process was told an address of its own."""
        try:
            said = (self.var / "run" / "address").read_text("ascii").strip()
        except FileNotFoundError:
            return self.own_address
        return self.own_address if {"bind", "port"} & self.model_fields_set else said

    def keep_address(self) -> None:
        """For commands in other shells, which don't know the port that `up` was given."""
        (self.folder.make("run") / "address").write_text(self.own_address + "\n", "ascii")

    @property
    def is_embedded(self) -> bool:
        return self.database_url is None

    @property
    def cluster(self) -> Cluster:
        if self.database_url is None:
            return cluster_in(self.folder)
        return Cluster(admin=_open(self.admin_url), owner=_open(self.owner_url), login=_open(self.database_url))

    @property
    def patience(self) -> Patience:
        return Patience(self.postgres_start_s, self.postgres_recovery_s)

    def secret(self, name: str) -> str:
        """`secret_key` or `pepper`: the environment's, or that of the data folder."""
        given: SecretStr | None = getattr(self, name)
        return given.get_secret_value() if given else self.folder.secret(name)


@cache
def load() -> Process:
    """Read once. Raises `Refused` naming the setting that can't be used."""
    try:
        return Process()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0])
        variable = name if name == "DATABASE_URL" else f"DIRISHA_{name.upper()}"
        raise Refused(f"{variable}: {first['msg']}.") from None


def _open(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
