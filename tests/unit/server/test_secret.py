import pytest

from server.secret import SecretProblem, derived, load_secret


def test_it_is_made_once_and_stays(tmp_path):
    file = tmp_path / "secret.key"
    first = load_secret(file)
    assert len(first) == 32
    assert load_secret(file) == first
    assert [one.name for one in tmp_path.iterdir()] == ["secret.key"]


def test_only_its_owner_may_read_it(tmp_path):
    load_secret(tmp_path / "secret.key")
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


def test_two_installations_have_different_secrets(tmp_path):
    assert load_secret(tmp_path / "a") != load_secret(tmp_path / "b")


@pytest.mark.parametrize("content", ["", "not hex", "abcd"])
def test_a_damaged_secret_is_a_sentence_and_is_not_replaced(tmp_path, content):
    file = tmp_path / "secret.key"
    file.write_text(content)
    with pytest.raises(SecretProblem, match="restore"):
        load_secret(file)
    assert file.read_text() == content


def test_keys_for_different_purposes_differ():
    assert derived(b"s", "chat") != derived(b"s", "other")
    assert derived(b"s", "chat") == derived(b"s", "chat")
