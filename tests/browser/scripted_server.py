#!/usr/bin/env python3
"""A server that speaks what `dragoman serve` speaks, translates with a toy, and fails, waits and dies as a test wants it.

Usage: scripted_server.py [PORT]     serves the page until interrupted, for looking at it
"""

import json
import select
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import toy_translation as toy

WEB = Path(__file__).resolve().parents[2] / "src" / "server" / "web"
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
                               "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin", "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-read=()",
}


class Aborted(Exception):
    """The browser has closed the connection."""


class Refusal(Exception):
    def __init__(self, status, message, retry_after=None):
        super().__init__(message)
        self.status, self.message, self.retry_after = status, message, retry_after


class Request:
    """One request as the server saw it: path, headers, body (from JSON), when it began and ended, and whether it was aborted."""

    def __init__(self, number, method, target, headers):
        self.number, self.method, self.target, self.headers, self.body = number, method, target, headers, None
        self.path = target.split("?")[0]
        self.began, self.ended, self.aborted = time.monotonic(), None, False
        self.pieces_sent = 0


class Script:
    """What the server is to do. Tests change it at any time."""

    def __init__(self):
        self.requests = []
        self.char_limit = -1
        self.corrections = "corrections.jsonl"
        self.constraints = False
        self.before = {}        # path -> function(request, pause), called before the answer; may raise Refusal
        self.piece_delay = 0.0  # seconds between events of a stream
        self.whole_pieces = False
        self.detected = ("en", 95)

    def of(self, path):
        return [r for r in self.requests if r.path == path]

    def bodies(self, path):
        return [r.body for r in self.of(path)]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    @property
    def script(self):
        return self.server.script

    def handle_request(self, method):
        request = Request(len(self.script.requests), method, self.path, dict(self.headers))
        self.script.requests.append(request)
        self.request_seen = request
        try:
            length = int(self.headers.get("Content-Length") or 0)
            data = self.rfile.read(length) if length else b""
            self.check_origin()
            if method == "POST":
                request.body = json.loads(data)
            if request.path in self.script.before:
                self.script.before[request.path](request, self.pause)
            self.answer(request)
        except Refusal as refusal:
            self.refuse(refusal)
        except (Aborted, BrokenPipeError, ConnectionResetError):
            request.aborted = True
            self.close_connection = True
        finally:
            request.ended = time.monotonic()

    def do_GET(self):
        self.handle_request("GET")

    def do_POST(self):
        self.handle_request("POST")

    def check_origin(self):
        port = self.server.server_address[1]
        hosts = {f"{name}:{port}" for name in ("localhost", "127.0.0.1", "[::1]")}
        if self.headers.get("Host") not in hosts:
            raise Refusal(403, "this host is not served here")
        origin = self.headers.get("Origin")
        if self.command == "POST" and (self.headers.get("Sec-Fetch-Site") == "cross-site" or (origin and origin.removeprefix("http://") not in hosts)):
            raise Refusal(403, "requests of other sites are not answered")

    def pause(self, seconds=None, until=None):
        """Waits for a time or for an event, or until the browser closes the connection."""
        end = time.monotonic() + seconds if seconds is not None else None
        while not (until and until.is_set()) and (end is None or time.monotonic() < end):
            readable, _, _ = select.select([self.connection], [], [], 0.005)
            if readable:
                try:
                    if not self.connection.recv(1, socket.MSG_PEEK):
                        raise Aborted
                except OSError as error:
                    raise Aborted from error
                time.sleep(0.005)
            if self.server.is_stopping:
                raise Aborted

    def reply(self, value, status=200, kind="application/json", headers=()):
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Type": kind, "Content-Length": str(len(data)), "X-Request-Id": f"r{self.request_seen.number}",
                           "Cache-Control": "no-store", **dict(headers)}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, refusal):
        headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after is not None else {}
        self.reply({"error": refusal.message, "id": f"r{self.request_seen.number}"}, refusal.status, headers=headers)

    def answer(self, request):
        body, path = request.body, request.path
        if request.method == "GET":
            return self.answer_get(path)
        target = (body or {}).get("target", "")
        if path == "/translate/stream":
            return self.stream(request)
        if path == "/translate":
            q = body["q"]
            texts = q if isinstance(q, list) else [q]
            made = [toy.translate(text, target) for text in texts]
            return self.reply({"translatedText": made if isinstance(q, list) else made[0]})
        if path == "/detect":
            language, confidence = self.script.detected
            return self.reply([{"language": language, "confidence": confidence}])
        if path == "/complete":
            rest = toy.complete(body["q"], body["prefix"], target)
            source, pieces, links = toy.translate_sentence(body["q"], target)
            whole = body["prefix"] + rest
            if "".join(pieces) != whole:
                pieces, links = [body["prefix"], rest], []
            found = toy.alternatives(body["q"], body["prefix"], target, body["alternatives"]) if body.get("alternatives") else []
            return self.reply({"rest": rest, "pieces": pieces, "source": source, "align": links, "alternatives": found, "ms": 1, "id": "c"})
        if path == "/attention":
            layer, head = body.get("layer", 5), body.get("head")
            made = toy.attention(body["q"], body["translation"], body["kind"], layer, head)
            return self.reply({**made, "kind": body["kind"], "layer": layer, "layers": 6, "heads": 8, "head": head, "id": "a"})
        if path in ("/suggest", "/suggest/undo"):
            return self.reply({"success": True, "id": f"s{request.number}"})
        raise Refusal(404, "there is nothing here")

    def answer_get(self, path):
        if path == "/languages":
            return self.reply([{"code": code, "name": name, "targets": targets, "pivots": {"pt": "en"} if code == "es" else {}} for code, name, targets in toy.LANGUAGES])
        if path == "/frontend/settings":
            return self.reply({"charLimit": self.script.char_limit, "apiKeys": False, "keyRequired": False, "suggestions": True, "filesTranslation": False,
                               "supportedFilesFormat": [],
                               "language": {"source": {"code": "en", "name": "English"}, "target": {"code": "pt", "name": "Portuguese"}},
                               "dragoman": {"version": "0", "constraints": self.script.constraints, "learning": False, "batchLimit": 64, "alternativesLimit": 16,
                                            "beam": 1, "corrections": self.script.corrections}})
        if path == "/health":
            return self.reply({"status": "ok"})
        name = "index.html" if path == "/" else path.lstrip("/")
        file = next((f for f in (ScriptedServer.web / name, WEB / name) if f.is_file()), None)  # modules alone are in the sources only
        if "/" in name or not file:
            raise Refusal(404, "there is nothing here")
        return self.reply(file.read_bytes(), kind=TYPES[file.suffix], headers={**HEADERS, "Cache-Control": "no-cache"})

    def event(self, name, data):
        self.wfile.write(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())
        self.wfile.flush()

    def stream(self, request):
        body = request.body
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        self.event("state", {"state": "translating"})
        hook = self.script.before.get("stream")
        if hook and hook(request, self.pause, self.event):
            return  # it has sent all that there is
        for p, line in enumerate(body["q"].split("\n")):
            if not line.strip():
                continue
            for s, text in enumerate(toy.sentences_of(line)):
                source, target, links = toy.translate_sentence(text, body["target"])
                for n in range(1, len(target) + 1) if self.script.piece_delay else ():
                    self.pause(self.script.piece_delay)
                    self.event("piece", {"paragraph": p, "sentence": s, "pieces": target[:n], "settled": max(0, n - 2)})
                    request.pieces_sent += 1
                self.event("sentence", {"paragraph": p, "sentence": s, "source": source, "target": target, "align": links, "score": -0.5})
        done = {"id": f"r{request.number}", "ms": 1, "reports": []}
        if body["source"] == "auto":
            done["detected"] = {"language": self.script.detected[0], "confidence": self.script.detected[1]}
        self.event("done", done)


class ScriptedServer:
    """The server in a thread of its own, on a port that stays the same when it is stopped and started again."""

    web = WEB  # the files of the page; better those that a program holds

    def __init__(self, port=0):
        self.script, self.port, self.http = Script(), port, None
        self.start()

    def start(self):
        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 64
            connections = set()

            def process_request(self, request, client_address):
                self.connections.add(request)
                super().process_request(request, client_address)

            def handle_error(self, request, client_address):
                if not self.is_stopping and not isinstance(sys.exc_info()[1], (ConnectionError, Aborted)):
                    super().handle_error(request, client_address)

        Server.connections = set()
        self.http = Server(("127.0.0.1", self.port), Handler)
        self.http.script, self.http.is_stopping = self.script, False
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self):
        self.http.is_stopping = True
        self.http.shutdown()
        self.http.server_close()
        for connection in self.http.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"


if __name__ == "__main__":
    server = ScriptedServer(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
    print(server.url)
    threading.Event().wait()
