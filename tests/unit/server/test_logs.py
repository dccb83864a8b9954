import json
import logging

import pytest
import structlog

from server.logs import HIDDEN, configure_logging, redact


@pytest.fixture(autouse=True)
def _restored_logging():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "name",
    ["password", "new_password", "token", "session_token", "Cookie", "Authorization", "api_key"],
)
def test_what_is_named_like_a_secret_is_hidden(name):
    assert redact(None, "", {name: "hunter2"})[name] == HIDDEN


@pytest.mark.parametrize(
    "text",
    [
        "hash $argon2id$v=19$m=65536,t=3,p=4$c2VjcmV0$c2VjcmV0 refused",
        "connecting to postgresql://ann:c2VjcmV0@db/patchbay",
        "Authorization: Bearer c2VjcmV0",
        "cookie patchbay_session=c2VjcmV0; path=/",
    ],
)
def test_what_looks_like_a_secret_is_hidden_wherever_it_stands(text):
    event = redact(None, "", {"event": text, "nested": {"deep": [text]}})
    assert "c2VjcmV0" not in json.dumps(event)


def test_ordinary_values_are_left_alone():
    event = {"event": "signed_in", "user": "ann", "count": 3, "queues": ["billing"]}
    assert redact(None, "", dict(event)) == event


def test_a_huge_value_is_cut():
    assert len(redact(None, "", {"event": "x" * 1_000_000})["event"]) < 10_000


def test_json_logs_are_one_object_a_line_and_carry_no_secret(capsys):
    configure_logging("json", "INFO")
    structlog.get_logger("server.test").info("tried", user="ann", password="hunter2")
    logging.getLogger("library").warning("url postgresql://ann:%s@db", "hunter2")
    error = RuntimeError("postgresql://ann:hunter2@db refused")
    structlog.get_logger("server.test").error("failed", exc_info=error)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert lines[0]["event"] == "tried"
    assert len(lines) == 3
    assert "hunter2" not in json.dumps(lines)
    assert "RuntimeError" in lines[2]["exception"]


def test_console_logs_hide_secrets_too(capsys):
    configure_logging("console", "INFO")
    structlog.get_logger("server.test").warning("tried", token="hunter2")
    assert "hunter2" not in capsys.readouterr().err
