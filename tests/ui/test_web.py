import socket
import subprocess
import sys

import pytest
from pericles.agent import Agent, ConfigError
from pericles.policies.engines.scripted import ScriptedPolicy
from pericles.ui.web import serve

AGENT = Agent(ScriptedPolicy(["hi"]))


def test_a_taken_port_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} on 127.0.0.1 is in use"):
            serve(AGENT, port=port)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_cannot_be_is_named(port):
    with pytest.raises(ConfigError, match=f"0..65535, got {port}"):
        serve(AGENT, port=port)


@pytest.mark.parametrize("host", ["not an address", "192.0.2.1"])
def test_an_address_of_another_machine_is_named(host):
    with pytest.raises(ConfigError, match=host):
        serve(AGENT, host=host, port=0)


def test_gradio_is_imported_only_to_serve():
    script = "import sys, pericles.ui.web; sys.exit('gradio' in sys.modules or 'uvicorn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
