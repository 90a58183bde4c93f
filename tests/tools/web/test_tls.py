"""TLS by the host's name although the connection goes to an address; HTTP/2 with a server that speaks it."""

import asyncio
import contextlib
import shutil
import ssl
import subprocess
import threading

import h2.config
import h2.connection
import h2.events
import httpx
import pytest
from pericles.tools.errors import ToolError
from pericles.tools.web import transport
from pericles.tools.web.client import get_page
from pericles.tools.web.settings import FetchSettings


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=tls.example"]
    command += ["-addext", "subjectAltName=DNS:tls.example", "-keyout", key, "-out", cert]
    subprocess.run(command, check=True, capture_output=True)
    return key, cert


async def serve(reader, writer, body=b"over h2"):
    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    connection.initiate_connection()
    writer.write(connection.data_to_send())
    with contextlib.suppress(ConnectionError, asyncio.CancelledError, ssl.SSLError):
        while data := await reader.read(65536):
            for event in connection.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    headers = [(":status", "200"), ("content-type", "text/plain")]
                    connection.send_headers(event.stream_id, headers)
                    connection.send_data(event.stream_id, body, end_stream=True)
            writer.write(connection.data_to_send())
            await writer.drain()
    writer.transport.abort()


@pytest.fixture
def port(certificate, monkeypatch):
    key, cert = certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    context.set_alpn_protocols(["h2"])
    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", 0, ssl=context))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def resolve(host, port):
        return ["127.0.0.1"]

    monkeypatch.setattr(transport, "resolve", resolve)
    monkeypatch.setattr(httpx, "create_ssl_context", lambda **_: ssl.create_default_context(cafile=cert))
    yield listening.sockets[0].getsockname()[1]

    async def stop():
        listening.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.05)

    asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def get(url):
    return asyncio.run(get_page(url, settings=FetchSettings(allow=("127.0.0.1",))))


def test_the_certificate_is_checked_for_the_name(port):
    assert get(f"https://tls.example:{port}/").text == "over h2"
    with pytest.raises(ToolError, match=r"^other\.example:\d+ cannot be reached: its certificate is not valid"):
        get(f"https://other.example:{port}/")
