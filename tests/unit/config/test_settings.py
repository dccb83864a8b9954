from pathlib import Path

import pytest

from config.settings import Settings, SettingsError, load_settings
from router.core.durations import HOUR


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PATCHBAY_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def refusal(file: Path | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(file)
    return str(caught.value)


def test_the_defaults_are_safe_and_local() -> None:
    settings = load_settings()
    assert settings.host == "127.0.0.1"
    assert settings.allowed_origins == ()
    assert settings.journal_file == Path("patchbay-data/journal.db")
    assert settings.database == "sqlite:///patchbay-data/patchbay.db"


def test_the_environment_is_read_with_its_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATCHBAY_PORT", "0")
    monkeypatch.setenv("PATCHBAY_SESSION_LIFETIME", "2h")
    monkeypatch.setenv("PATCHBAY_ALLOWED_ORIGINS", "https://a.example, http://b.example:81")
    monkeypatch.setenv("PORT", "7")
    settings = load_settings()
    assert settings.port == 0
    assert settings.session_lifetime == 2 * HOUR
    assert settings.allowed_origins == ("https://a.example", "http://b.example:81")


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////a/b.db",
        "sqlite+aiosqlite:////a/b.db",
        "postgresql://a/b",
        "postgresql+asyncpg://a/b",
    ],
)
def test_a_database_may_be_named_with_a_driver_or_without(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATCHBAY_DATABASE_URL", url)
    assert load_settings().database == url


def test_a_stray_env_file_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PATCHBAY_PORT=1\n")
    assert load_settings().port == 8080


def test_a_file_is_read_when_it_is_named(tmp_path: Path) -> None:
    file = tmp_path / "centre.env"
    file.write_text("PATCHBAY_PORT=1234\nPATCHBAY_LOG_FORMAT=json\n")
    settings = load_settings(file)
    assert (settings.port, settings.log_format) == (1234, "json")


def test_the_environment_decides_over_the_file_and_arguments_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "centre.env"
    file.write_text("PATCHBAY_PORT=1\nPATCHBAY_HOST=::1\nPATCHBAY_MAX_FRAME=2000\n")
    monkeypatch.setenv("PATCHBAY_PORT", "2")
    monkeypatch.setenv("PATCHBAY_HOST", "localhost")
    settings = load_settings(file, port=3)
    assert (settings.port, settings.host, settings.max_frame) == (3, "localhost", 2000)


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("port", "99999", "less than or equal to 65535"),
        ("port", "http", "write a whole number"),
        ("session_lifetime", "5", "needs a unit"),
        ("session_lifetime", "-5h", "negative"),
        ("session_lifetime", "1s", "greater than or equal"),
        ("allowed_origins", "*", "https://shop.example"),
        ("allowed_origins", "https://a.example/path", "https://shop.example"),
        ("allowed_origins", "javascript://x", "https://shop.example"),
        ("allowed_origins", "https://a:b:c", "https://shop.example"),
        ("chat_sites", "http://[", "https://shop.example"),
        ("chat_site_secrets", "https://shop.example=short", "32 characters"),
        ("chat_site_secrets", "shop=" + "x" * 32, "https://shop.example=SECRET"),
        ("time_zone", "Mars/Base", "Europe/London"),
        ("secret_key", "short", "32 characters"),
        ("database_url", "mysql://x", "write sqlite:///PATH or postgresql://HOST/NAME"),
        ("log_format", "xml", "'console' or 'json'"),
        ("inbox_limit", "1e999", "whole number"),
    ],
)
def test_a_bad_value_is_one_sentence_that_names_the_setting(
    name: str, value: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"PATCHBAY_{name.upper()}", value)
    sentence = refusal()
    assert sentence.startswith(f"the setting PATCHBAY_{name.upper()} cannot be used: ")
    assert advice in sentence
    assert "\n" not in sentence


def test_a_secret_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATCHBAY_SECRET_KEY", "hunter2")
    assert "hunter2" not in refusal()
    monkeypatch.setenv("PATCHBAY_SECRET_KEY", "hunter2" * 8)
    assert "hunter2" not in repr(load_settings())


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"PATCHBAY_PROT=1\n", "did you mean 'PATCHBAY_PORT'?"),
        (b"OTHER=1\n", "the setting OTHER is not known; remove it"),
        (b"\xff\xfe\x00", "save it as UTF-8"),
        (b"# a centre\n\nPATCHBAY_PORT=1\nqueues:\n  help:\n", "line 4 of the settings file"),
        (b"PATCHBAY_PORT\n", "is no PATCHBAY_NAME=value"),
    ],
)
def test_a_bad_file_is_one_sentence(content: bytes, advice: str, tmp_path: Path) -> None:
    file = tmp_path / "centre.env"
    file.write_bytes(content)
    assert advice in refusal(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "none.env")


def test_settings_do_not_change_while_the_service_runs() -> None:
    with pytest.raises(Exception, match="frozen"):
        load_settings().port = 1


def test_the_secrets_of_sites_are_read_and_never_shown() -> None:
    secret = "c2VjcmV0IHdpdGggYSBzaWduIGF0IHRoZSBlbmQ=="
    settings = load_settings(chat_site_secrets=f"https://shop.example={secret}")
    (kept,) = settings.chat_site_secrets.values()
    assert kept.get_secret_value() == secret
    assert secret not in repr(settings)
