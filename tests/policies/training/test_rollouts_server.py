"""Replies of a vLLM server: a server of that form on loopback, with a tiny model behind it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pericles.policies.training.models import load_model, load_tokenizer, starting_weights
from pericles.policies.training.recipe import parse_recipe
from pericles.policies.training.rollouts import Asked, Decoder, ServerDecoder
from pericles.tools import ConfigError, TrainingError

PROMPTS = [[1, 2, 3, 4], [5, 6], [1, 2, 3, 9, 9]]


class Server(ThreadingHTTPServer):
    """Answers as `vllm serve` does; `change` may spoil an answer."""

    def __init__(self, decoder, change=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.decoder, self.change, self.asked, self.lock = decoder, change, [], threading.Lock()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({"data": [{"id": "tiny"}]} if self.path == "/v1/models" else {})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.asked.append(asked)
            (made,) = self.server.decoder.generate(
                [Asked(asked["prompt"], asked["seed"], asked["temperature"], asked["max_tokens"])]
            )
        choice = {"token_ids": made.ids, "logprobs": {"token_logprobs": made.logprobs}}
        if self.server.change:
            self.server.change(choice)
        self.answer({"choices": [choice]})

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200 if value else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def decoder(tiny_folder):
    weights = starting_weights(f"dir:{tiny_folder()}")
    return Decoder(load_model(weights, adapter=None).eval(), [load_tokenizer(weights).eos_token_id])


@pytest.fixture
def serve():
    servers = []

    def start(decoder, change=None):
        server = Server(decoder, change)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_replies_come_in_order_with_the_sampler_s_log_probabilities(decoder, serve):
    server = serve(decoder)
    asked = [Asked(ids, seed, 1.0, 6) for seed, ids in enumerate(PROMPTS)]
    found = ServerDecoder(server.url + "/", decoder._stop.tolist(), timeout=20).generate(asked)
    alone = [decoder.generate([one])[0] for one in asked]
    assert [one.ids for one in found] == [one.ids for one in alone]
    assert [one.logprobs for one in found] == [pytest.approx(one.logprobs) for one in alone]
    assert [one.ended for one in found] == [one.ended for one in alone]
    sent = sorted(server.asked, key=lambda body: body["seed"])
    assert [body["prompt"] for body in sent] == PROMPTS
    assert all(body["return_token_ids"] and body["logprobs"] == 0 and body["model"] == "tiny" for body in sent)


@pytest.mark.parametrize(
    "change",
    [
        lambda choice: choice["token_ids"].append(7),
        lambda choice: choice.pop("token_ids"),
        lambda choice: choice.update(logprobs=None),
        lambda choice: choice["logprobs"]["token_logprobs"].__setitem__(0, float("nan")),
        lambda choice: choice["token_ids"].__setitem__(0, "7"),
    ],
)
def test_an_answer_that_cannot_be_learned_from_is_refused(decoder, serve, change):
    with pytest.raises(TrainingError, match="does not answer as a vLLM server"):
        ServerDecoder(serve(decoder, change).url, [2], timeout=20).generate([Asked([1, 2], 0, 1.0, 4)])


def test_a_server_that_is_not_there_is_named():
    with pytest.raises(TrainingError, match=r"http://127\.0\.0\.1:9 failed.*Is it running"):
        ServerDecoder("http://127.0.0.1:9", [2], timeout=5).generate([Asked([1, 2], 0, 1.0, 4)])


def test_a_recipe_that_names_a_server_needs_vllm_beside_the_trainer(tiny_folder, tmp_path):
    from pericles.policies.training import train

    stage = {
        "kind": "rl", "prompts": [{"source": "generated", "rows": 4}], "rewards": {"tool": 1.0}, "prompts_per_step": 2,
        "vllm_server_base_url": "http://127.0.0.1:9",
    }  # fmt: skip
    recipe = parse_recipe({"name": "tiny", "base": f"dir:{tiny_folder()}", "adapter": None, "stages": [stage]})
    with pytest.raises(ConfigError, match=r"constraints-vllm\.txt"):
        train(recipe, tmp_path / "run")


def test_only_web_addresses_name_a_server():
    stage = {"kind": "rl", "prompts": [{"source": "generated", "rows": 4}], "rewards": {"tool": 1.0}}
    value = {"name": "tiny", "base": "smollm2-135m", "stages": [stage | {"vllm_server_base_url": "file:///etc/passwd"}]}
    with pytest.raises(ConfigError, match="vllm_server_base_url"):
        parse_recipe(value)
