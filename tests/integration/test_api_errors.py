"""Every failure has the one shape, and hostile requests get nothing else."""

import msgspec
import pytest

from router.ports import JournalUnavailable, OutcomeUnknown, Overloaded


def error_of(response) -> tuple[int, str]:
    """Status and code, after checking the shape."""
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    assert body["error"]["message"].endswith((".", "!", "?"))
    assert "Traceback" not in response.text
    return response.status_code, body["error"]["code"]


async def test_an_unknown_address_is_404_in_the_one_shape(centre):
    assert error_of(await centre.client().get("/api/v1/nothing")) == (404, "not_found")
    assert error_of(await centre.client().get("/static/../../etc/passwd")) == (404, "not_found")


async def test_a_wrong_method_is_405_in_the_one_shape(centre):
    assert error_of(await centre.client().put("/api/v1/session")) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"user": "ann"}',
        b'{"user": {"$ne": 1}, "password": "x"}',
        b'{"user": ["ann"], "password": "x"}',
        b'{"user": "ann", "password": "x", "admin": true}',
        b'{"user": "' + b"a" * 500 + b'", "password": "x"}',
        b'{"user": "ann", "password": "\xff\xfe"}',
        b"[" * 20_000,
    ],
)
async def test_a_malformed_body_is_refused_in_one_sentence(centre, body):
    response = await centre.client().post(
        "/api/v1/session", content=body, headers={"Content-Type": "application/json"}
    )
    status, _ = error_of(response)
    assert status in {400, 422}


async def test_what_was_sent_is_not_echoed(centre):
    body = {"user": "ann", "password": 1234567890, "extra": "hunter2"}
    response = await centre.client().post("/api/v1/session", json=body)
    assert "1234567890" not in response.text
    assert "hunter2" not in response.text


async def test_a_huge_body_is_413_whether_announced_or_not(centre):
    announced = await centre.client().post("/api/v1/session", content=b"x" * 100_000)

    async def chunks():
        for _ in range(100):
            yield b"x" * 1_000

    unannounced = await centre.client().post(
        "/api/v1/session", content=chunks(), headers={"Content-Type": "application/json"}
    )
    assert error_of(announced) == (413, "too_large")
    assert error_of(unannounced) == (413, "too_large")


async def test_our_own_bug_is_a_500_without_details_and_with_the_headers(centre, monkeypatch):
    def broken():
        raise RuntimeError("secret detail")

    services = centre.patchbay.services
    monkeypatch.setitem(vars(services), "metrics", broken)
    response = await centre.client().get("/metrics")
    assert error_of(response) == (500, "internal")
    assert "secret detail" not in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("failure", "code"),
    [(Overloaded("full"), "overloaded"), (JournalUnavailable("disk"), "journal_unavailable")],
)
async def test_an_engine_that_takes_nothing_says_try_later(centre, monkeypatch, failure, code):
    async def refusing(_command):
        raise failure

    await centre.call("call-1")
    monkeypatch.setattr(centre.patchbay.sink, "submit", refusing)
    client = await centre.signed_in("supervisor")
    response = await client.post("/api/v1/contacts/call-1/end")
    assert error_of(response) == (503, code)
    assert int(response.headers["retry-after"]) >= 1


async def test_what_may_have_been_done_is_not_told_as_not_done_and_the_same_key_tells(
    centre, monkeypatch
):
    submit = centre.patchbay.sink.submit

    async def late(command):
        await submit(command)
        raise OutcomeUnknown("nobody has answered yet")

    await centre.call("call-1")
    client = await centre.signed_in("supervisor")
    ask = {"url": "/api/v1/contacts/call-1/end", "headers": {"Idempotency-Key": "once"}}
    monkeypatch.setattr(centre.patchbay.sink, "submit", late)
    response = await client.post(**ask)
    assert error_of(response) == (504, "outcome_unknown")
    assert int(response.headers["retry-after"]) >= 1
    monkeypatch.setattr(centre.patchbay.sink, "submit", submit)
    assert (await client.post(**ask)).is_success


async def test_every_answer_carries_the_security_headers(centre):
    for path in ("/healthz", "/api/v1/session", "/desk", "/nothing", "/static/nothing"):
        headers = (await centre.client().get(path)).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-opener-policy"] == "same-origin"


async def test_answers_of_the_api_are_never_kept(centre):
    assert (await centre.client().get("/api/v1/session")).headers["cache-control"] == "no-store"


async def test_only_the_sites_with_the_widget_may_frame_the_chat(centre):
    desk = (await centre.client().get("/desk")).headers["content-security-policy"]
    chat = (await centre.client().get("/chat")).headers["content-security-policy"]
    assert "frame-ancestors 'self'" in desk
    assert "https://shop.example" not in desk
    assert "frame-ancestors 'self'" in chat
    assert "https://shop.example" in chat


async def test_without_built_pages_one_page_says_what_to_do(centre):
    for path in ("/login", "/desk", "/board", "/chat"):
        response = await centre.client().get(path)
        assert response.status_code == 503
        assert "npm run build" in response.text


async def test_built_pages_are_served_and_their_assets_kept_for_long(centre, tmp_path):
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    for name in ("login", "desk", "board", "chat"):
        (static / f"{name}.html").write_text(f"<title>{name}</title>")
    (static / "assets" / "desk-abc123.js").write_text("1")
    page = await centre.client().get("/desk")
    asset = await centre.client().get("/static/assets/desk-abc123.js")
    missing = await centre.client().get("/static/assets/desk-def456.js")
    assert (page.status_code, page.text) == (200, "<title>desk</title>")
    assert page.headers["cache-control"] == "no-cache"
    assert "immutable" in asset.headers["cache-control"]
    assert missing.status_code == 404


async def test_the_front_door_leads_to_the_page_of_whoever_is_signed_in(centre):
    doors = {}
    doors["nobody"] = (await centre.client().get("/")).headers["location"]
    for role in ("agent", "supervisor", "admin"):
        client = await centre.signed_in(role)
        doors[role] = (await client.get("/")).headers["location"]
    assert doors == {
        "nobody": "/login",
        "agent": "/desk",
        "supervisor": "/board",
        "admin": "/studio",
    }


async def test_it_is_ready_when_engine_database_and_catalog_are(centre):
    response = await centre.client().get("/readyz")
    assert response.status_code == 200
    assert response.json()["ready"] is True


async def test_it_is_not_ready_when_the_engine_has_stopped_and_says_why(centre):
    await centre.patchbay.engine.stop()
    response = await centre.client().get("/readyz")
    assert response.status_code == 503
    assert "stopping" in response.json()["reasons"][0]


async def test_past_contacts_that_cannot_be_stored_are_a_warning_and_a_metric(centre):
    client = centre.client()
    ready = (await client.get("/readyz")).json()
    assert (ready["ready"], ready["warnings"]) == (True, [])
    assert "patchbay_history_failing 0.0" in (await client.get("/metrics")).text
    centre.patchbay.stores.history.problem = "Past contacts wait to be stored: the log says why."
    response = await client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["warnings"] == [centre.patchbay.stores.history.problem]
    assert "patchbay_history_failing 1.0" in (await client.get("/metrics")).text


async def test_metrics_name_no_agent_and_no_number(centre):
    await centre.ready("ann")
    await centre.call("call-1", "+441632960001")
    text = (await centre.client().get("/metrics")).text
    assert "patchbay_contacts_arrived_total" in text
    assert "patchbay_follower_behind_entries" in text
    assert "patchbay_clock_ahead_seconds" in text
    assert "patchbay_boards_connected 0.0" in text
    assert "ann" not in text.replace("channel", "")
    assert "1632960001" not in text


async def test_the_openapi_document_describes_every_success_and_the_error(centre):
    document = (await centre.client().get("/openapi.json")).json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            error = operation["responses"]["default"]["content"]["application/json"]["schema"]
            assert error == {"$ref": "#/components/schemas/ErrorBody"}, (path, method)
            assert "422" not in operation["responses"]
    found = document["paths"]["/api/v1/contacts/{contact}"]["get"]["responses"]["200"]
    assert found["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/ContactView"
    }
    names = set(document["components"]["schemas"])
    refs = set(_refs(document))
    assert {ref.rpartition("/")[2] for ref in refs} <= names


def _refs(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from _refs(value)
    elif isinstance(node, list):
        for value in node:
            yield from _refs(value)


def test_the_error_body_decodes_as_documented():
    from server.openapi import ErrorBody

    body = b'{"error": {"code": "x", "message": "y."}}'
    assert msgspec.json.decode(body, type=ErrorBody).error.code == "x"
