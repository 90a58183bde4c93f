"""What Prometheus reads."""

import hashlib
import re

from pericles.agent.testing import ScriptedPolicy, call
from prometheus_client.parser import text_string_to_metric_families


def values(server, headers=None):
    with server.http() as client:
        answered = client.get("/metrics", headers=headers)
    assert answered.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(answered.text)
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
        if not sample.name.endswith(("_created", "_bucket"))
    }


def test_turns_tokens_and_calls_are_counted(serve):
    replies = [call("math", query="1 + 1"), "It is two.", call("nothing_like_it"), "No."]
    server = serve(ScriptedPolicy(replies), ["math"])
    first = server.chat().json()
    assistant = {"role": "assistant", "content": "x"}
    user = {"role": "user", "content": "a secret"}
    server.chat(messages=[user, assistant, user, assistant, user])
    server.chat(n=2)
    with server.http() as client:
        for path in ("/v1/secret", "/favicon.ico", "/v1/models/secret"):
            client.get(path)
    found = values(server)
    assert found["pericles_requests_total", "/v1/chat/completions", "200", "none"] == 2
    assert found["pericles_requests_total", "/v1/chat/completions", "400", "none"] == 1
    assert found["pericles_requests_total", "404", "none", "other"] == 2
    assert found["pericles_refused_total", "unsupported_value"] == 1
    assert found["pericles_tool_calls_total", "math", "ok"] == 1
    assert found["pericles_tool_calls_total", "error", "other"] == 1
    assert found["pericles_tokens_total", "written"] >= first["usage"]["completion_tokens"] > 0
    assert found["pericles_tokens_total", "read"] > 0
    assert found["pericles_turn_seconds_count", "stop"] == 2
    assert found["pericles_first_token_seconds_count",] == 2
    assert found["pericles_running",] == found["pericles_queued",] == 0
    assert not re.search("secret", str(found))


def test_keys_are_counted_by_name(serve, echoing_policy):
    digest = hashlib.sha256(b"pk-1").hexdigest()
    server = serve(echoing_policy(), keys={"alice": {"sha256": digest}})
    headers = {"authorization": "Bearer pk-1"}
    server.chat(headers=headers)
    server.chat()
    found = values(server, headers)
    assert found["pericles_requests_total", "/v1/chat/completions", "200", "alice"] == 1
    assert found["pericles_requests_total", "/v1/chat/completions", "401", "none"] == 1
    assert "pk-1" not in str(found)
    assert digest not in str(found)


def test_every_server_counts_for_itself(serve, echoing_policy):
    one, two = serve(echoing_policy()), serve(echoing_policy())
    one.chat()
    assert ("pericles_requests_total", "/v1/chat/completions", "200", "none") not in values(two)
