"""API keys go where they belong and appear nowhere; addresses that may hold secrets are refused without an echo."""

import asyncio
import gc
import logging
import pickle
import sys
import traceback
import types

import pytest
from pericles.agent import Agent, InMemorySession
from pericles.policies import load_policy
from pericles.policies.engines.remote.addresses import read_place
from pericles.policies.engines.remote.keys import find_secrets
from pericles.policies.engines.remote.settings import HostSettings, host_settings
from pericles.tools import ConfigError, PericlesError

KEY = "sk-canary-7f3a9b2c1d"


def secrets(ref, **settings):
    return find_secrets(read_place(ref), HostSettings(**settings))


def authorization(ref, **settings):
    return secrets(ref, **settings).headers.get("authorization")


def test_the_key_goes_to_the_server_that_is_named(server, policy, wire, monkeypatch):
    monkeypatch.setenv("PERICLES_API_KEY", f" {KEY}\n")
    server.chats(wire.says())
    wire.ask(policy())
    assert {request.headers["authorization"] for request in server.seen} == {f"Bearer {KEY}"}


def test_openai_s_key_goes_to_openai_alone(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert authorization("https://api.openai.com/v1") == f"Bearer {KEY}"
    for ref in ("http://api.openai.com/v1", "https://openai.com/v1", "https://api.openai.com.evil.example/v1"):
        assert authorization(ref) is None
    monkeypatch.setenv("PERICLES_API_KEY", "sk-other")
    assert authorization("https://api.openai.com/v1") == f"Bearer {KEY}"
    assert authorization("https://evil.example/v1") == "Bearer sk-other"


def test_the_settings_name_a_variable_for_a_host(server, policy, wire, monkeypatch, surroundings):
    monkeypatch.setenv("MY_KEY", KEY)
    monkeypatch.setenv("MY_TENANT", "tenant-secret-1")
    monkeypatch.setenv("PERICLES_API_KEY", "sk-another")
    surroundings.write_text(
        f'[remote."127.0.0.1:{server.port}"]\nkey_env = "MY_KEY"\nheaders_env = {{ "X-Tenant" = "MY_TENANT" }}\n'
    )
    server.chats(wire.says())
    wire.ask(policy())
    assert server.seen[-1].headers["authorization"] == f"Bearer {KEY}"
    assert server.seen[-1].headers["x-tenant"] == "tenant-secret-1"


def test_the_keyring_is_asked_where_it_is_named(monkeypatch):
    asked = []
    module = types.ModuleType("keyring")
    module.get_password = lambda service, user: asked.append((service, user)) or KEY
    monkeypatch.setitem(sys.modules, "keyring", module)
    assert authorization("https://a.example/v1", keyring="pericles/me/too") == f"Bearer {KEY}"
    assert asked == [("pericles", "me/too")]
    module.get_password = lambda *_: None
    with pytest.raises(ConfigError, match="the keyring has no entry 'pericles/me'"):
        authorization("https://a.example/v1", keyring="pericles/me")
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigError, match="package keyring is not installed"):
        authorization("https://a.example/v1", keyring="pericles/me")


def test_a_variable_that_is_named_and_not_set_is_told():
    with pytest.raises(ConfigError, match="environment variable NO_SUCH_KEY"):
        authorization("https://a.example/v1", key_env="NO_SUCH_KEY")


@pytest.mark.parametrize("value", [f"{KEY}\nX-Evil: 1", f"{KEY}ü", f"{KEY}\x00"])
def test_a_key_that_no_header_can_carry_is_told_without_it(value, monkeypatch):
    if "\x00" in value:
        monkeypatch.setattr("os.environ", {"PERICLES_API_KEY": value})
    else:
        monkeypatch.setenv("PERICLES_API_KEY", value)
    with pytest.raises(ConfigError, match="PERICLES_API_KEY holds signs") as raised:
        authorization("https://a.example/v1")
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    ("ref", "private"),
    [
        ("http://localhost:1/v1", True),
        ("http://127.0.0.1:1/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://192.168.1.7/v1", True),
        ("http://10.0.0.1/v1", True),
        ("http://[fd00::1]/v1", True),
        ("http://vllm:8000/v1", True),
        ("http://gpu.lan:8000/v1", True),
        ("http://8.8.8.8/v1", False),
        ("http://api.example.com/v1", False),
        ("http://localhost.example.com/v1", False),
        ("http://127.0.0.1.example.com/v1", False),
    ],
)
def test_a_key_travels_unencrypted_in_one_s_own_network_only(ref, private, monkeypatch):
    assert authorization(ref) is None  # without a key there is nothing to protect
    monkeypatch.setenv("PERICLES_API_KEY", KEY)
    if private:
        assert authorization(ref) == f"Bearer {KEY}"
    else:
        with pytest.raises(ConfigError, match=r"would travel unencrypted to .*: use https://") as raised:
            authorization(ref)
        assert KEY not in str(raised.value)
        assert authorization(ref, allow_http=True) == f"Bearer {KEY}"
    assert authorization(ref.replace("http:", "https:")) == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        (f"http://user:{KEY}@host/v1#m", "must not hold a user name or password"),
        (f"http://{KEY}@host/v1#m", "must not hold a user name or password"),
        (f"https://host/v1?key={KEY}#m", r"must not have a query"),
        (f"http://host:{KEY}/v1", "cannot be read"),
        (f"http://{KEY} x/v1", "cannot be read"),
        (f"http:///{KEY}", "cannot be read"),
        (f"http://host:99999/{KEY}", "cannot be read"),
        (f"http://[::1/{KEY}", "cannot be read"),
    ],
)
def test_an_address_that_may_hold_a_secret_is_refused_without_an_echo(ref, message):
    with pytest.raises(ConfigError, match=message) as raised:
        load_policy(ref)
    assert KEY not in "".join(traceback.format_exception(raised.value)).partition("The above exception")[2]
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    ("ref", "base", "model", "name"),
    [
        ("http://h:8000/v1#a/b:c#d", "http://h:8000/v1", "a/b:c#d", "h:8000"),
        ("https://H.Example./v1/", "https://h.example/v1", "", "h.example:443"),
        ("http://h", "http://h/v1", "", "h:80"),
        ("https://h/api/v1/chat/completions#m", "https://h/api/v1", "m", "h:443"),
        ("http://[::1]:7/v1", "http://[::1]:7/v1", "", "[::1]:7"),
        ("http://bücher.example/v1", "http://xn--bcher-kva.example/v1", "", "xn--bcher-kva.example:80"),
    ],
)
def test_addresses_are_read(ref, base, model, name):
    place = read_place(ref)
    assert (place.base, place.model, place.name) == (base, model, name)


def test_the_settings_are_checked(surroundings):
    place = read_place("https://api.example.com/v1")
    surroundings.write_text('[remote]\nread_timeout = 7\n[remote."api.example.com"]\nattempts = 2\n')
    settings = host_settings(place)
    assert (settings.read_timeout, settings.attempts, settings.total_timeout) == (7, 2, 600)
    surroundings.write_text(f'[remote."api.example.com:443"]\nkey = "{KEY}"\n')
    with pytest.raises(ConfigError, match="key is not a setting") as raised:
        host_settings(place)
    assert KEY not in str(raised.value)
    for wrong in (
        f'key_env = "{KEY}"',
        f'keyring = "{KEY}"',
        f'headers_env = {{ a = "{KEY}" }}',
        f'key_env = ["{KEY}"]',
    ):
        surroundings.write_text(f'[remote."api.example.com:443"]\n{wrong}\n')
        with pytest.raises(ConfigError) as raised:
            load_policy("https://api.example.com/v1#m")
        assert KEY not in str(raised.value)
    surroundings.write_text("")
    with pytest.raises(ConfigError, match="key_env: string should match") as raised:
        load_policy("https://api.example.com/v1#m", key_env=KEY)
    assert KEY not in str(raised.value)
    surroundings.write_text("[remote]\nread_timeot = 7\n")
    with pytest.raises(ConfigError, match="did you mean 'read_timeout'"):
        host_settings(place)
    surroundings.write_text("")
    with pytest.raises(ConfigError, match="read_timeout: input should be greater than 0"):
        load_policy("http://127.0.0.1:1/v1#m", read_timeout=-1)


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_a_refused_key_names_the_variable_that_was_looked_at(status, server, monkeypatch, wire):
    server.routes["/v1/models"] = [wire.as_json({"error": {"message": f"Incorrect API key: {KEY}"}}, status)]
    with pytest.raises(ConfigError, match=r"wants a key and none is set.*PERICLES_API_KEY"):
        load_policy(server.url)
    monkeypatch.setenv("PERICLES_API_KEY", KEY)
    with pytest.raises(ConfigError, match=r"the key was refused.*PERICLES_API_KEY") as raised:
        load_policy(server.url)
    assert KEY not in str(raised.value)
    assert len(server.asked("/v1/models")) == 2  # not tried again


def test_the_key_appears_nowhere(server, policy, wire, monkeypatch, caplog):
    """A server that repeats the key wherever it can, and everything that we write about it."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("asyncio").setLevel(logging.DEBUG)
    monkeypatch.setenv("PERICLES_API_KEY", KEY)
    remote = policy("vllm", attempts=2)
    spread = KEY[:6] + "\u200b" + KEY[6:]  # comes together when invisible signs are taken out
    echoes = [
        wire.as_json({"error": {"message": f"key {KEY} and {spread}"}}, status)
        for status in ("400 X", "401 X", "404 X", "429 X", "500 X")
    ]
    echoes += [
        wire.as_stream(wire.chunk(content="x"), f"data: {{{KEY}\n\n".encode()),
        wire.as_stream(wire.chunk(content="x"), {"error": {"message": KEY, "code": KEY, "type": KEY}}),
        wire.Answer([KEY.encode()], "502 X", {"Content-Type": f"text/{KEY}", "Server": "x"}),
        wire.Answer([KEY.encode()], "200 OK", {"Content-Type": f"text/{KEY}"}),
        wire.Answer([], "307 X", {"Location": f"https://{KEY}.example/"}, chunked=False),
    ]
    written = [repr(remote), str(remote), remote.name, repr(remote._connection.secrets)]
    for echo in echoes:
        server.chats(echo)
        with pytest.raises(PericlesError) as raised:
            wire.ask(remote)
        written += ["".join(traceback.format_exception(raised.value)), repr(raised.value)]
    server.chats(wire.says())
    session = InMemorySession()
    result = Agent(remote).run_sync("hi", session=session)
    written += [repr(result), repr(asyncio.run(session.entries()) if hasattr(session, "entries") else session)]
    text = "\n".join([*written, caplog.text])
    assert KEY not in text
    assert KEY[:10] not in text.replace("\u200b", "")
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(remote)
    gc.collect()


def test_no_import_of_the_policies_brings_httpx():
    import subprocess

    script = "import sys, pericles.policies, pericles.policies.engines.load; print('httpx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
