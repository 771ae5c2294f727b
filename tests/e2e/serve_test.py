#!/usr/bin/env python3
"""The server as clients meet it: a real process with a small model that is trained here, over real sockets.

Usage: serve_test.py PROGRAM

LibreTranslate's own client library (libretranslatepy) is tried too, from a virtual environment made beside the program;
without it that part says that it is skipped.
"""

import contextlib
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

from losses_test import HANG, Test

CLIENT = """
import json, sys
from libretranslatepy import LibreTranslateAPI
lt = LibreTranslateAPI(sys.argv[1])
print(json.dumps([lt.languages(), lt.translate(sys.argv[2], "en", "pt"), lt.detect("The cat sat on the mat.")]))
"""


class Server:
    """A process of `dragoman serve` on a port of its own."""

    def __init__(self, test, *args, model="model"):
        self.log_path = test.folder / f"serve-{id(self)}.log"
        self.log_file = open(self.log_path, "wb")
        self.process = subprocess.Popen([test.program, "serve", "-m", model, "--source-language", "en", "--target-language", "pt",
                                         "--port", "0", *args], cwd=test.folder, stdout=self.log_file, stderr=self.log_file)
        self.port = int(self.wait_for(r"listening at http://127\.0\.0\.1:(\d+)").group(1))

    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_for(self, pattern):
        end = time.monotonic() + HANG
        while time.monotonic() < end:
            found = re.search(pattern, self.log())
            if found:
                return found
            if self.process.poll() is not None:
                raise RuntimeError(f"the server has ended: {self.log()}")
            time.sleep(0.01)
        raise RuntimeError(f"no {pattern} in {self.log()}")

    def ask(self, method, path, body=None, headers=None):
        """Status, header fields and body (of JSON: the value)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=HANG)
        with contextlib.closing(connection):
            data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
            fields = {"Content-Type": "application/json", **(headers or {})} if data is not None else headers or {}
            connection.request(method, path, data, fields)
            answer = connection.getresponse()
            text = answer.read().decode()
            is_json = answer.getheader("Content-Type", "").startswith("application/json")
            return answer.status, dict(answer.getheaders()), json.loads(text) if is_json and text else text

    def open_stream(self, text, **more):
        """A stream on which the answer to /translate/stream arrives."""
        stream = Stream(self.port, {"q": text, "source": "en", "target": "pt", **more})
        stream.send_body()
        return stream

    def metric(self, name):
        return float(re.search(rf"^{name} (\S+)$", self.ask("GET", "/metrics")[2], re.M).group(1))

    def end(self, number=signal.SIGTERM):
        """Its exit code after a signal, or when it ends by itself."""
        if number is not None and self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(timeout=HANG)
        self.log_file.close()
        return code


def events(text):
    return [(block.split("\n")[0][7:], json.loads(block.split("\n")[1][6:])) for block in text.split("\n\n") if block.startswith("event: ")]


class Stream:
    """A request to /translate/stream whose head has been sent, and all that came back so far."""

    def __init__(self, port, body, *fields):
        self.body = json.dumps(body).encode()
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=HANG)
        self.received = b""
        head = ["POST /translate/stream HTTP/1.1", f"Host: 127.0.0.1:{port}", "Content-Type: application/json",
                f"Content-Length: {len(self.body)}", *fields]
        self.connection.sendall("\r\n".join(head + ["", ""]).encode())

    def send_body(self):
        self.connection.sendall(self.body)

    def receive(self, *ends):
        """Waits until one of `ends` has come, or the answer is complete."""
        while not any(end in self.received for end in (*ends, b"0\r\n\r\n")):
            part = self.connection.recv(65536)
            if not part:
                break
            self.received += part
        return self.received

    def events(self):
        """All of them, once the answer is complete."""
        body, rest = b"", self.receive().split(b"\r\n\r\n", 1)[1]
        while rest:
            size, rest = rest.split(b"\r\n", 1)
            body, rest = body + rest[:int(size, 16)], rest[int(size, 16) + 2:]
        return events(body.decode())

    def close(self):
        self.connection.close()


class ServeTest(Test):
    def check_translations(self):
        lines = (self.folder / "data/test.src").read_text().splitlines()
        with self.server("--log-format", "json") as server:
            expected = self.run("translate", "-m", "model", "-b", "1", "-n", "1", "--quiet", stdin="\n".join(lines).encode())[0].splitlines()
            status, _, answer = server.ask("POST", "/translate", {"q": lines, "source": "en", "target": "pt"})
            self.expect(status == 200 and answer == {"translatedText": expected}, f"a batch is translated as by translate: {answer}")
            status, _, answer = server.ask("POST", "/translate", {"q": lines[0], "source": "en", "target": "pt"})
            self.expect(answer == {"translatedText": expected[0]}, f"a single text: {answer}")
            form = urllib.parse.urlencode({"q": lines[1], "source": "en", "target": "pt"}).encode()
            _, _, answer = server.ask("POST", "/translate", form, {"Content-Type": "application/x-www-form-urlencoded"})
            self.expect(answer == {"translatedText": expected[1]}, f"a form: {answer}")
            text = "\n".join([lines[0], "", lines[1]])
            status, headers, answer = server.ask("POST", "/translate/stream", {"q": text, "source": "en", "target": "pt"})
            found = events(answer)
            # A client that is slow to read is told of the newest state only.
            self.expect(found[0][0] == "state" and found[-1][0] == "done", f"a stream begins and ends: {found}")
            self.expect(found[-1][1]["id"] == headers["X-Request-Id"], "done has the request's id")
            whole = ["", "", ""]
            source = ["", "", ""]
            for name, data in found:
                if name == "sentence":
                    whole[data["paragraph"]] += "".join(data["target"])
                    source[data["paragraph"]] += "".join(data["source"])
            self.expect("\n".join(source) == text, f"source pieces make the text: {source}")
            self.expect(whole == [expected[0], "", expected[1]], f"target pieces make the translation: {whole}, expected {expected[:2]}")
            self.check_log(server, lines)

    def check_log(self, server, lines):
        server.wait_for(r'(?:"path".*\n[^\n]*){4}')  # written after the answers
        records = [json.loads(line) for line in server.log().splitlines()]
        requests = [record for record in records if "path" in record]
        self.expect(len(requests) == 4 and all(r["status"] == 200 and r["ms"] >= 0 and r["id"] for r in requests), f"log: {requests}")
        self.expect(requests[0]["source"] == "en" and requests[0]["characters"] == sum(map(len, lines)), f"log: {requests[0]}")
        self.expect(not any(line and line in server.log() for line in lines), "the log has no text of users")

    def check_refusals(self):
        hello = {"q": "a b", "source": "en", "target": "pt"}
        with self.server("--char-limit", "1000", "--body-limit", "20000", "--metrics-token", "secret") as server:
            for path, body, headers, status in (
                    ("/translate", hello, {"Host": "evil.com"}, 403), ("/translate", hello, {"Origin": "http://evil.com"}, 403),
                    ("/translate", hello, {"Sec-Fetch-Site": "cross-site"}, 403), ("/translate", b"{", {}, 400),
                    ("/translate", {**hello, "target": "xx"}, {}, 400), ("/translate", {**hello, "q": "x" * 1001}, {}, 400),
                    ("/translate", {**hello, "q": "x" * 30000}, {}, 413), ("/translate", {**hello, "deadline_ms": 0}, {}, 400),
                    ("/suggest", {**hello, "s": "c"}, {}, 403), ("/nothing", hello, {}, 404), ("/health", hello, {}, 405),
                    ("/translate", b"x", {"Content-Type": "text/plain"}, 415)):
                found, headers, answer = server.ask("POST", path, body, headers)
                self.expect(found == status and set(answer) == {"error", "id"}, f"{path} {body}: {found} {answer}, expected {status}")
                self.expect(answer["id"] == headers["X-Request-Id"], f"{path}: ids are the same")
            self.expect(server.ask("GET", "/metrics")[0] == 401, "metrics want a token")
            self.expect(server.ask("GET", "/metrics", headers={"Authorization": "Bearer secret"})[0] == 200, "the token is right")
        for args, text in ((["--host", "0.0.0.0"], "can be reached from other computers"), (["--require-api-key"], "expected api-keys"),
                           (["--cors-origin", "example.org"], "expected * or an origin"), (["--source-language", "a", "b"], "expected at most one")):
            _, err = self.run("serve", "-m", "model", "--port", "0", *args, code=1)
            self.expect(text in err, f"{args}: expected '{text}' in {err[-300:]}")
        self.expect("at least one model" in self.run("serve", code=2)[1], "a server needs a model")

    def check_a_client_that_leaves(self):
        # A server that is much faster than this client may have translated all when it leaves: then once more.
        with self.server("--threads", "1") as server:
            begin = time.monotonic()
            while server.metric("dragoman_translations_cancelled_total") < 1:
                self.expect(time.monotonic() < begin + HANG, "the server notices that a client has left")
                if self.failures:
                    return
                stream = server.open_stream(self.long_text(), beam=8)
                stream.receive(b"event: sentence")
                stream.close()
                while server.metric("dragoman_running_translations") > 0:  # nothing is translated for nobody
                    time.sleep(0.005)
            server.wait_for(" 499 ")  # the log tells of a client that went away

    def check_overload(self):
        with self.server("--threads", "1", "--queue-tokens", "3000", "--deadline", str(HANG)) as server:
            streams = [server.open_stream(self.long_text(lines=40)) for _ in range(30)]
            health, _, answer = server.ask("GET", "/health")
            self.expect(health == 200 and answer == {"status": "ok"}, f"health is answered under load: {health} {answer}")
            statuses = {self.status_of(stream) for stream in streams}
            self.expect(statuses <= {200, 503}, f"some are served and the rest refused: {statuses}")
            # Each of these needs almost all the room there is, so that the next is refused unless the one before has
            # ended already, when it has just begun to be answered.
            text = self.long_text(lines=300)[:4 * 2900]
            begun = []
            while not begun or b"event: error" not in begun[-1].received:
                begun.append(server.open_stream(text, beam=4))
                begun[-1].receive(b"event: sentence", b"event: error")
            statuses = [self.status_of(stream) for stream in begun]
            self.expect(statuses == [200] * (len(begun) - 1) + [503], f"a request without room is refused: {statuses}")
            status, _, answer = server.ask("POST", "/translate", {"q": "a", "source": "en", "target": "pt"})
            self.expect(status == 200, f"afterwards all is well: {status} {answer}")
        with self.server("--threads", "1", "--deadline", "0.001") as server:
            status, _, answer = server.ask("POST", "/translate", {"q": self.long_text(), "source": "en", "target": "pt", "beam": 8})
            self.expect(status == 504 and "error" in answer, f"a request past its deadline: {status} {answer}")

    def status_of(self, stream):
        name, data = stream.events()[-1]
        if name == "done":
            return 200
        if data["status"] == 503:
            self.expect(data.get("retry_after", 0) >= 1, f"an overloaded server says when to come again: {data}")
        return data["status"]

    def check_ending(self):
        """A request is under way as soon as the server has its head, which it says to a client that asks for it."""
        def half_sent(server):
            stream = Stream(server.port, {"q": self.long_text(lines=200), "source": "en", "target": "pt"}, "Expect: 100-continue")
            self.expect(b" 100 " in stream.receive(b"\r\n\r\n"), f"the server asks for the body: {stream.received}")
            stream.received = b""
            return stream

        server = Server(self, "--threads", "1")
        running, half = server.open_stream(self.long_text(lines=200)), half_sent(server)
        running.receive(b"event: sentence")
        server.process.send_signal(signal.SIGTERM)
        server.wait_for("SIGTERM: taking no new connections")
        with contextlib.suppress(ConnectionError):
            server.ask("GET", "/health")
            self.expect(False, "no new connection is taken")
        half.send_body()
        for stream in (running, half):
            self.expect(b"event: done" in stream.receive(), f"a request under way goes on to its end: {stream.received[-300:]}")
        code = server.end(None)
        self.expect(code == 0, f"the server ends well: exit code {code}: {server.log()[-500:]}")
        server = Server(self, "--threads", "1")
        half = half_sent(server)
        server.process.send_signal(signal.SIGINT)
        server.wait_for("SIGINT: taking")
        code = server.end(signal.SIGINT)
        self.expect(code == 130, f"a second signal ends at once: exit code {code}: {server.log()[-500:]}")

    def check_keys_and_corrections(self):
        (self.folder / "keys").write_text("0123456789abcdef anna 1000\n")
        with self.server("--api-keys", "keys", "--require-api-key", "--corrections", "corrections.jsonl") as server:
            correction = {"q": "a b", "s": "c d", "source": "en", "target": "pt"}
            self.expect(server.ask("POST", "/suggest", correction)[0] == 403, "a key is needed")
            status, _, answer = server.ask("POST", "/suggest", {**correction, "api_key": "0123456789abcdef"})
            self.expect(status == 200 and answer["success"], f"a correction is kept: {answer}")
            server.wait_for(r"\(anna\)")  # written after the answer
            self.expect("0123456789abcdef" not in server.log(), "the log has the key's name, not the key")
        kept = json.loads((self.folder / "corrections.jsonl").read_text())
        self.expect(kept["q"] == "a b" and kept["s"] == "c d", f"a correction: {kept}")
        self.expect((self.folder / "corrections.jsonl").stat().st_mode & 0o077 == 0, "corrections are the owner's alone")

    def check_many_clients(self):
        with self.server() as server:
            lines = (self.folder / "data/test.src").read_text().splitlines()
            alone = [server.ask("POST", "/translate", {"q": line, "source": "en", "target": "pt"})[2]["translatedText"] for line in lines]
            wrong = []

            def client(offset):
                for i in range(len(lines)):
                    at = (i + offset) % len(lines)
                    answer = server.ask("POST", "/translate", {"q": lines[at], "source": "en", "target": "pt"})[2]
                    if answer.get("translatedText") != alone[at]:
                        wrong.append(answer)

            threads = [threading.Thread(target=client, args=(i,)) for i in range(12)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.expect(not wrong, f"translations do not depend on who else asks: {wrong[:3]}")

    def check_libretranslates_client(self):
        python = self.client_python()
        if python is None:
            return
        with self.server() as server:
            text = (self.folder / "data/test.src").read_text().splitlines()[0]
            expected = server.ask("POST", "/translate", {"q": text, "source": "en", "target": "pt"})[2]["translatedText"]
            made = subprocess.run([python, "-c", CLIENT, f"http://127.0.0.1:{server.port}/", text], capture_output=True, text=True, timeout=HANG)
            self.expect(made.returncode == 0, f"libretranslatepy: {made.stderr}")
            languages, translation, detection = json.loads(made.stdout)
            self.expect(translation == expected, f"libretranslatepy translates: {translation}")
            self.expect([language["code"] for language in languages] == ["en", "pt"], f"libretranslatepy: {languages}")
            self.expect(detection[0]["language"] == "en", f"libretranslatepy detects: {detection}")

    def client_python(self):
        folder = self.program.parent / "libretranslatepy-venv"
        python = folder / "bin" / "python"
        if not (folder / "installed").exists():
            for command in ([sys.executable, "-m", "venv", str(folder)], [str(python), "-m", "pip", "install", "--quiet", "libretranslatepy==2.1.1"]):
                try:
                    made = subprocess.run(command, capture_output=True, text=True, timeout=300)
                    reason = made.stderr if made.returncode else ""
                except (OSError, subprocess.TimeoutExpired) as error:
                    reason = str(error)
                if reason:
                    print(f"skipped: LibreTranslate's client, as {' '.join(command)} failed: {reason}")
                    return None
            (folder / "installed").touch()
        return python

    def long_text(self, lines=300):
        source = (self.folder / "data/train.src").read_text().splitlines()
        return "\n".join((source * (1 + lines // len(source)))[:lines])

    @contextlib.contextmanager
    def server(self, *args):
        server = Server(self, *args)
        try:
            yield server
        finally:
            code = server.end()
            self.expect(code == 0, f"serve {' '.join(args)}: exit code {code}: {server.log()[-800:]}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        test = ServeTest(Path(sys.argv[1]).resolve(), folder)
        test.check_beginning()
        test.train("model")
        test.check_translations()
        test.check_refusals()
        test.check_a_client_that_leaves()
        test.check_overload()
        test.check_ending()
        test.check_keys_and_corrections()
        test.check_many_clients()
        test.check_libretranslates_client()
        return 1 if test.failures else 0


if __name__ == "__main__":
    sys.exit(main())
