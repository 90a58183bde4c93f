"""Who is let in, and who is told nothing."""

import hashlib
import os
import subprocess
import sys

import openai
import pytest
from pericles.tools import ConfigError
from pericles.ui.api import ApiSettings, build_api, serve_api
from pericles.ui.api.door import Door
from pericles.ui.api.errors import ApiError
from pericles.ui.api.keys import new_key
from pericles.ui.listening import listener
from pydantic import ValidationError

KEY = "pk-of-alice"
ALICE = {"alice": {"sha256": hashlib.sha256(KEY.encode()).hexdigest()}}
PATHS = ("/healthz", "/metrics", "/v1/models", "/v1/chat/completions", "/", "/v1/models/pericles")
SITE = "https://app.example.org"
WITH_KEY = {"authorization": f"Bearer {KEY}"}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD", "PUT"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost:1"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"host": "evil.example"}, 421),
        ({"host": "evil.example", "origin": "http://evil.example"}, 421),
        ({"host": "127.0.0.1.evil.example"}, 421),
        ({"host": ""}, 421),
    ],
)
@pytest.mark.sampled(every=3)
def test_another_site_is_told_nothing(echo, method, path, headers, status):
    with echo.http() as client:
        answered = client.request(method, path, headers={"content-type": "application/json", **headers}, content=b"{}")
    assert answered.status_code == status
    assert not any(name.startswith("access-control") for name in answered.headers)
    assert "pericles" not in answered.text
    assert "ready" not in answered.text


def test_this_machine_needs_no_key_on_loopback(echo):
    for headers in (None, {"authorization": "Bearer anything"}, {"origin": echo.url}):
        assert echo.chat(headers=headers).status_code == 200


def test_a_key_is_needed_where_there_are_keys(serve, echoing_policy):
    server = serve(echoing_policy(), keys=ALICE)
    with server.openai(KEY) as client:
        assert client.models.list().data
    with server.openai("pk-of-mallory") as client, pytest.raises(openai.AuthenticationError, match="not known"):
        client.models.list()
    with server.http() as client:
        assert client.get("/healthz").json() == {"status": "ready"}
        for path in PATHS[1:]:
            assert client.get(path).status_code == 401
            assert client.get(path, headers={"authorization": f"Basic {KEY}"}).status_code == 401
            assert client.get(path, headers={"authorization": ALICE["alice"]["sha256"]}).status_code == 401
        assert client.get("/metrics", headers=WITH_KEY).status_code == 200


def test_a_page_of_an_allowed_origin_may_ask_with_a_key(serve, echoing_policy):
    server = serve(echoing_policy(), keys=ALICE, origins=[SITE])
    with server.http(headers={"origin": SITE}) as client:
        asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,x-a"}
        before = client.options("/v1/chat/completions", headers=asked)
        assert before.status_code == 204
        assert before.headers["access-control-allow-origin"] == SITE
        assert before.headers["access-control-allow-headers"] == "authorization,x-a"
        without = client.get("/v1/models")
        assert without.status_code == 401
        assert client.get("/v1/models", headers=WITH_KEY).headers["access-control-allow-origin"] == SITE
        assert client.get("/v1/models", headers={**WITH_KEY, "origin": f"{SITE}.evil"}).status_code == 403
    assert server.chat(headers=WITH_KEY).status_code == 200
    assert "access-control-allow-origin" not in server.chat(headers=WITH_KEY).headers


def test_new_key_prints_what_the_settings_take(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "pericles.ui.command", "serve", "--new-key", "alice"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    key = next(line for line in done.stdout.splitlines() if line.startswith("pk-"))
    lines = done.stdout.partition("[api.keys.alice]")
    assert key not in lines[2]
    assert f'sha256 = "{hashlib.sha256(key.encode()).hexdigest()}"' in lines[2]
    assert new_key("a") != new_key("a")
    with pytest.raises(ConfigError, match="1 to 40 letters"):
        new_key("a:b")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"origins": [SITE]}, "need at least one key"),
        ({"hosts": ["api.example.org"]}, "need at least one key"),
        ({"origins": ["https://x.org/"], "keys": ALICE}, "an origin is written"),
        ({"origins": ["*"], "keys": ALICE}, "an origin is written"),
        ({"keys": {"a:b": ALICE["alice"]}}, "1 to 40 letters"),
        ({"keys": {"bob": {"sha256": KEY}}}, "sha256"),
        ({"keys": {"bob": ALICE["alice"], **ALICE}}, "two names have the same key"),
        ({"max_running": 0}, "max_running"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, told):
    with pytest.raises(ValidationError, match=told):
        ApiSettings(**settings)


def test_an_address_that_others_reach_needs_keys(tmp_path):
    def never():
        raise AssertionError("the policy was loaded")

    with pytest.raises(ConfigError, match="can be reached from the network: make a key"):
        serve_api(never, host="0.0.0.0", port=0)
    done = subprocess.run(
        [sys.executable, "-m", "pericles.ui.command", "serve", "--api", "--host", "0.0.0.0", "--port", "0"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PERICLES_CONFIG": os.devnull},
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_on_the_network_a_server_is_called_by_addresses_and_known_names(tmp_path):
    from pericles.agent import Agent
    from pericles.policies import ScriptedPolicy

    settings = ApiSettings(keys=ALICE, hosts=["api.example.org"])
    with listener("0.0.0.0", 0) as bound:
        api = build_api(Agent(ScriptedPolicy(["hi"])), settings, bound, host="box.lan")
    door: Door = api._door
    for host in ("10.1.2.3:8000", "[fe80::1]:8000", "localhost:8000", "box.lan", "API.example.org"):
        assert door.let_in({"host": host}) == {}
    for host in ("evil.example", "10.1.2.3.evil.example:8000", ""):
        with pytest.raises(ApiError) as raised:
            door.let_in({"host": host})
        assert raised.value.status == 421
