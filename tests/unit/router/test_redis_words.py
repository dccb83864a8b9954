import pytest
from redis import exceptions as refused

from router.journal.redis_words import ReplicasMissing, sentence


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (refused.ConnectionError("Error 111"), "Redis does not answer (Error 111): check"),
        (refused.TimeoutError(), "Redis does not answer (TimeoutError): check"),
        (refused.AuthenticationError("WRONGPASS"), "correct them in PATCHBAY_REDIS_URL"),
        (refused.NoPermissionError("no"), "Redis forbids Patchbay a command (NOPERM no)"),
        (refused.OutOfMemoryError("full"), "(OOM full): give it more memory"),
        (refused.ReadOnlyError("replica"), "(READONLY replica): lead its address to the primary"),
        (refused.ResponseError("MISCONF Errors"), "look at its disk"),
        (refused.BusyLoadingError("LOADING"), "wait until it has"),
        (ReplicasMissing("only 0 of 1"), "start those that are missing"),
    ],
)
def test_what_went_wrong_is_told_with_what_helps_against_it_and_nothing_else(error, words):
    told = sentence(error)
    assert words in told
    assert told.endswith(".")
    elsewhere = not isinstance(error, refused.ConnectionError | refused.TimeoutError)
    awake = isinstance(error, refused.AuthenticationError | refused.BusyLoadingError)
    assert ("up and reachable" in told) is not (elsewhere or awake)
