"""Runtime settings: from the environment (``PATCHBAY_…``), or a file of such lines when given.

No file is read unless it is named, so a stray ``.env`` in the working directory changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from config.durations import parse_duration
from config.problems import excerpt, suggest
from router.core.durations import MINUTE, SECOND

PREFIX: Final = "PATCHBAY_"
MIN_SECRET: Final = 32
MAX_CHAT_FILE: Final = 26_214_400  # bytes
CHAT_FILE_TYPES: Final = (
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "application/pdf",
    "text/plain",
)
LEAST_KEPT: Final = 60  # days
REDIS: Final = (
    *("redis", "rediss", "sentinel", "sentinels"),
    *("redis+cluster", "rediss+cluster"),
)
ZIP: Final = "application/zip"  # and what office programs write: only where it is wanted
DATABASES: Final = ("sqlite", "sqlite+aiosqlite", "postgresql", "postgresql+asyncpg")
_ADVICE: Final = {"int_parsing": "write a whole number"}
_LINE: Final = re.compile(r"\s*(#.*|(export\s+)?\w+\s*=.*)?")


class SettingsError(Exception):
    """A setting cannot be used; the text is one sentence that names it and says what to write."""


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


def _listed(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Duration = Annotated[int, BeforeValidator(_duration)]


def _by_site(value: object) -> object:
    if not isinstance(value, str):
        return value
    pairs = (part.strip().partition("=") for part in value.split(",") if part.strip())
    return {site: secret for site, _, secret in pairs}


Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
SiteSecrets = Annotated[Mapping[str, SecretStr], NoDecode, BeforeValidator(_by_site)]


class Settings(BaseSettings):
    """How this process runs. Durations are microseconds, written with units (``12h``)."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=None, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080  # 0: any free port
    data_directory: Path = Path("patchbay-data")
    database_url: str = ""  # empty: SQLite in the data directory
    journal_path: Path | None = None  # None: in the data directory
    catalog_path: Path | None = None  # None: the catalog last published
    flows_path: Path | None = None  # a folder of flows that are published if they are not there yet
    connectors_path: Path | None = None  # systems that flows may ask; None: there are none
    recordings_path: Path | None = None  # of prompts; None: in the data directory
    files_path: Path | None = None  # of mails and chats; None: in the data directory
    asterisk_path: Path | None = None  # the telephone systems; None: there are none
    mailboxes_path: Path | None = None  # the mailboxes; None: there are none
    webhooks_path: Path | None = None  # services with webhooks; None: there are none
    mqtt_path: Path | None = None  # the MQTT broker; None: there is none
    redis_url: SecretStr | None = None  # of a cluster; None: this machine alone
    redis_replicas: Annotated[int, Field(ge=0, le=10)] = 0  # that must have what is promised
    tenants_path: Path | None = None  # the tenants that this installation serves; None: one
    tenant: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")] = "main"
    node_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{0,63}$")] = ""  # empty: the host's
    secret_key: SecretStr | None = None  # None: made at first start and kept with the data
    session_lifetime: Annotated[Duration, Field(ge=MINUTE)] = parse_duration("12h")
    time_zone: str = "UTC"  # says when the statistics' day begins
    allowed_origins: Listed = ()  # this service's own addresses behind a proxy or another name
    chat_sites: Listed = ()  # other sites that carry the chat widget
    chat_site_secrets: SiteSecrets = {}  # https://shop.example=SECRET, what it signs visitors with
    region: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "US"  # of numbers without country code
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    files_limit: Annotated[int, Field(ge=0)] = 107_374_182_400  # bytes of mails, files; 0: no limit
    kept_days: Annotated[int, Field(ge=0, le=36_500)] = 0  # mails, files; 0: for ever
    hooks_kept_days: Annotated[int, Field(ge=0, le=36_500)] = 30  # events, messages sent; as above

    inbox_limit: Annotated[int, Field(ge=100, le=1_000_000)] = 10_000  # commands not yet decided
    max_frame: Annotated[int, Field(ge=1_024, le=1_048_576)] = 65_536  # bytes, desk and board
    chat_connections: Annotated[int, Field(ge=1, le=100_000)] = 2_000
    chats_per_address: Annotated[int, Field(ge=1, le=10_000)] = 20  # open at once, per IP address
    chat_lines_per_minute: Annotated[int, Field(ge=1, le=10_000)] = 60
    chat_file_size: Annotated[int, Field(ge=1_024, le=MAX_CHAT_FILE)] = 10_485_760  # bytes
    chat_files: Annotated[int, Field(ge=0, le=100)] = 20  # of one chat and each side
    chat_file_types: Listed = CHAT_FILE_TYPES
    chat_form: Literal["never", "closed", "unstaffed"] = "never"  # a form instead of the chat
    chat_answer_soon: Annotated[Duration, Field(ge=SECOND)] = parse_duration("30s")
    chat_answer_late: Annotated[Duration, Field(ge=SECOND)] = parse_duration("60s")
    sign_in_attempts: Annotated[int, Field(ge=1, le=1_000)] = 10  # per minute and address

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        # What stands behind a plus says nothing any more: settings of earlier days have it.
        if url and urlsplit(url).scheme not in DATABASES:
            raise ValueError("write sqlite:///PATH or postgresql://HOST/NAME")
        return url

    @field_validator("redis_url")
    @classmethod
    def _known_redis(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and urlsplit(url.get_secret_value()).scheme not in REDIS:
            raise ValueError(
                "write redis://HOST:6379/0, sentinel://… or redis+cluster://…, with an s for TLS"
            )
        return url

    @field_validator("kept_days")
    @classmethod
    def _kept_long_enough(cls, days: int) -> int:
        if 0 < days < LEAST_KEPT:  # what is still being worked on must not be old
            raise ValueError(f"write 0 (for ever), or {LEAST_KEPT} days or more")
        return days

    @field_validator("time_zone")
    @classmethod
    def _known_time_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("write a time zone such as Europe/London")
        return name

    @field_validator("secret_key")
    @classmethod
    def _long_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < MIN_SECRET:
            raise ValueError(f"write {MIN_SECRET} characters or more, chosen at random")
        return secret

    @field_validator("allowed_origins", "chat_sites")
    @classmethod
    def _whole_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not _is_origin(origin):
                raise ValueError("write origins as https://shop.example, separated by commas")
        return origins

    @field_validator("chat_file_types")
    @classmethod
    def _known_file_types(cls, types: tuple[str, ...]) -> tuple[str, ...]:
        if not {*CHAT_FILE_TYPES, ZIP}.issuperset(types):
            raise ValueError(f"write some of {', '.join((*CHAT_FILE_TYPES, ZIP))}")
        return types

    @field_validator("chat_site_secrets")
    @classmethod
    def _good_site_secrets(cls, secrets: Mapping[str, SecretStr]) -> Mapping[str, SecretStr]:
        for site, secret in secrets.items():
            if not _is_origin(site) or len(secret.get_secret_value()) < MIN_SECRET:
                raise ValueError(
                    f"write https://shop.example=SECRET, separated by commas, with {MIN_SECRET}"
                    " characters or more in each secret"
                )
        return secrets

    @property
    def journal_file(self) -> Path:
        return self.journal_path or self.data_directory / "journal.db"

    @property
    def files_folder(self) -> Path:
        return self.files_path or self.data_directory / "files"

    @property
    def recordings_folder(self) -> Path:
        return self.recordings_path or self.data_directory / "recordings"

    @property
    def database(self) -> str:
        """The database URL in force."""
        file = (self.data_directory / "patchbay.db").as_posix()
        return self.database_url or f"sqlite:///{file}"


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    bare = f"{parts.scheme}://{parts.netloc}"
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and text == bare


def load_settings(file: Path | None = None, **given: Any) -> Settings:  # noqa: ANN401
    """Settings from ``given``, the environment and ``file``, in this order of precedence.

    ``file`` holds ``PATCHBAY_NAME=value`` lines. Raises ``SettingsError``.
    """
    if file is not None and not file.is_file():
        raise SettingsError(f"the settings file {file} does not exist; check its name")
    try:
        if file is not None:
            check_lines(file)
        return Settings(**{"_env_file": file, **given})
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None
    except (UnicodeDecodeError, OSError):
        raise SettingsError(f"the settings file {file} cannot be read; save it as UTF-8") from None


def check_lines(file: Path) -> None:
    """The reader of such files passes over what it cannot read; a catalog would be all of that.

    Raises ``SettingsError``, ``UnicodeDecodeError`` and ``OSError``.
    """
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not _LINE.fullmatch(line):
            raise SettingsError(
                f"line {number} of the settings file {file} is no {PREFIX}NAME=value;"
                " correct it, or name a catalog with --catalog"
            )


def _sentence(error: ValidationError) -> str:
    """The first problem in one sentence, without the value: it may be a secret."""
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        known = [f"{PREFIX}{field.upper()}" for field in Settings.model_fields]
        hint = suggest(name.upper(), known, otherwise="remove it")
        return f"the setting {excerpt(name.upper())} is not known; {hint}"
    what = _ADVICE.get(first["type"]) or first["msg"].removeprefix("Value error, ")
    what = what.replace("Input should be", "it should be")
    return f"the setting {PREFIX}{name.upper()} cannot be used: {what}"
