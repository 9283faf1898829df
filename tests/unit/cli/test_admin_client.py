"""The client of the admin API, against a server that answers as it is told."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from gateway.cli.admin_client import AdminClient
from gateway.cli.errors import CommandFailed, Unreachable


class Server:
    """Gives each request one answer, and keeps what it was asked for."""

    def __init__(self) -> None:
        self.answer = (200, b"{}")
        self.asked = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                status, body = outer.answer
                if status == 0:
                    self.wfile.write(body)
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_):
                """Write nothing."""

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def client(server, tmp_path):
    (tmp_path / "token").write_text("t\n")
    return AdminClient("jiangxi", f"http://127.0.0.1:{server.http.server_port}", tmp_path / "token", 5.0)


def test_path_is_quoted_once(client, server):
    """Ids hold whatever a caller writes: letters of any script, blanks, question marks."""
    client.get("orders/订单 1?2%")
    assert server.asked == ["/v1/orders/%E8%AE%A2%E5%8D%95%201%3F2%25"]


def test_query(client, server):
    """What is asked for stands behind the path."""
    client.get("audit", subject="订单 1", limit=5)
    assert server.asked == ["/v1/audit?subject=%E8%AE%A2%E5%8D%95+1&limit=5"]


def test_nothing_there(client, server):
    """404 to a question is no error."""
    server.answer = (404, b'{"error": "no such order"}')
    assert client.get("orders/1") is None


def test_refusal_is_told(client, server):
    """The reason is the API's, under the gateway's name, exit 1."""
    server.answer = (409, b'{"error": "somebody else was first"}')
    with pytest.raises(CommandFailed) as raised:
        client.post("fallout/1", b"{}")
    assert (raised.value.message, raised.value.exit_code) == ("jiangxi: somebody else was first", 1)


@pytest.mark.parametrize("body", [b"<html>Bad Gateway</html>", b"", b"[]", b'"text"', b'{"reason": 1}', b"\xff"])
def test_refusal_of_another_server(client, server, body):
    """Something else answers at this port: one line, no traceback."""
    server.answer = (500, body)
    with pytest.raises(CommandFailed) as raised:
        client.get("status")
    assert raised.value.message == "jiangxi: HTTP 500, no reason given"


@pytest.mark.parametrize("status", [502, 503])
def test_gateway_that_cannot_now(client, server, status):
    """It could not ask a partner, or could not store: nothing is done, exit 3."""
    server.answer = (status, b'{"error": "busy"}')
    with pytest.raises(Unreachable) as raised:
        client.post("fallout/1", b"{}")
    assert raised.value.message == "jiangxi: busy"


@pytest.mark.parametrize("answer", [(200, b"<html/>"), (200, b"\xff\xfe"), (0, b"220 mail ready\r\n")], ids=["html", "bytes", "no HTTP"])
def test_answer_of_another_server(client, server, answer):
    """What cannot be read is nobody's answer: exit 3."""
    server.answer = answer
    with pytest.raises(Unreachable) as raised:
        client.get("status")
    assert (raised.value.exit_code, "no admin API" in raised.value.message) == (3, True)


def test_nobody_answers(client):
    """Nothing listens: exit 3, with the address."""
    gone = AdminClient("jiangxi", "http://127.0.0.1:1", client.token_file)
    with pytest.raises(Unreachable) as raised:
        gone.get("status")
    assert "http://127.0.0.1:1" in raised.value.message


def test_no_token(client, tmp_path):
    """A gateway that never ran here has left no token."""
    with pytest.raises(Unreachable):
        AdminClient("jiangxi", client.url, tmp_path / "none").get("status")


def test_wrong_token(client, server):
    """The text says which file was used."""
    server.answer = (401, b"{}")
    with pytest.raises(CommandFailed) as raised:
        client.get("status")
    assert str(client.token_file) in raised.value.message
