import pytest

from server.origins import BadOrigin, Origins, normalise_origin, own_origins


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("http://Example.COM", "http://example.com"),
        ("https://example.com:443", "https://example.com"),
        ("http://example.com:80/", "http://example.com"),
        ("http://example.com:8080", "http://example.com:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_one_origin_has_one_form(written, normal):
    assert normalise_origin(written) == normal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com",
        "ftp://example.com",
        "http://",
        "http://example.com/path",
        "http://example.com?x",
        "http://user@example.com",
        "http://example.com:99999",
        "javascript:alert(1)",
        "http://[",
        "http://[::1",
        "http://[::1].evil.example]",
    ],
)
def test_what_is_no_origin_is_refused_with_a_sentence(text):
    with pytest.raises(BadOrigin):
        normalise_origin(text)


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "http://evil.example",
        "https://127.0.0.1:8080",
        "http://127.0.0.1:8081",
        "http://127.0.0.1:8080.evil.example",
        "http://127.0.0.1:8080@evil.example",
        "http://localhost.evil.example:8080",
        "not an origin",
        "http://[",
        "http://a]b",
        "http://[127.0.0.1]:8080",
    ],
)
def test_a_foreign_null_or_missing_origin_is_not_allowed(origin):
    assert not Origins(own_origins("127.0.0.1", 8080)).allow(origin)


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"]
)
def test_a_server_is_reached_under_its_loopback_names(origin):
    assert Origins(own_origins("127.0.0.1", 8080)).allow(origin)


def test_a_server_on_a_named_address_is_reached_there_and_on_all_addresses_only_by_loopback():
    assert Origins(own_origins("10.0.0.5", 80)).allow("http://10.0.0.5")
    assert not Origins(own_origins("0.0.0.0", 80)).allow("http://0.0.0.0")
