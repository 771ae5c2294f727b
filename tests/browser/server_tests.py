"""The server: gone, busy, loading; languages and swap; markup and other hosts."""

import json
import re
import socket
import threading
import time
import zlib
from pathlib import Path

from files_tests import choose_file
from harness import CAT, GATO, browser_test, translated
from scripted_server import WEB, Refusal, ScriptedServer
from toy_translation import translate

MARKUP = ["<img src=x onerror=alert(1)>", "<script>alert(2)</script>", "<svg onload=alert(3)>", "</textarea><b>bold</b>"]


def state(page):
    return page.run("document.getElementById('target-pane').dataset.state")


@browser_test()
def swap_exchanges_text_and_languages_and_without_a_translation_keeps_the_text(bench):
    page = translated(bench, CAT)
    page.click("swap")
    page.done()
    languages = "[document.getElementById('from').value, document.getElementById('to').value]"
    bench.equal((page.run(languages), page.value("source")), (["pt", "en"], GATO), "languages and source")
    page.focus("source")
    page.key("z", 2)
    bench.equal((page.run(languages), page.value("source"), page.value("target")), (["en", "pt"], CAT, GATO), "one undo brings all back")

    page.caret("source", 0, len(CAT))
    gate = threading.Event()
    bench.script.before["stream"] = lambda request, pause, event: pause(until=gate)
    page.paste("It rained.")
    page.wait("document.getElementById('target-pane').dataset.state === 'translating'")
    page.click("swap")
    bench.equal((page.run(languages), page.value("source")), (["pt", "en"], "It rained."), "without a finished translation the text stays")
    gate.set()
    page.done()
    page.click("swap-languages")
    page.done()
    bench.equal((page.run(languages), page.value("source")), (["en", "pt"], "It rained."), "languages only")
    page.set("to", "ja")
    page.wait("document.getElementById('swap').getAttribute('aria-disabled') === 'true'")
    bench.expect("no model from ja" in page.run("document.getElementById('swap').title").lower() or "Japanese" in page.run("document.getElementById('swap').title"), "the reason")
    page.click("swap")
    bench.equal(page.run(languages), ["en", "ja"], "what cannot be swapped stays")


@browser_test()
def a_detected_language_is_used_and_one_without_a_model_is_told(bench):
    page = bench.open()
    page.set("from", "auto")
    page.focus("source")
    page.paste("The cat sat on the mat and slept. ")
    page.done()
    bench.equal(page.run("document.getElementById('from').selectedOptions[0].textContent"), "Detect: English", "the choice tells")
    bench.equal(bench.script.bodies("/translate/stream")[-1]["source"], "en", "what is sent")
    other = bench.open()
    bench.script.detected = ("cy", 95)
    other.set("from", "auto")
    other.focus("source")
    count = len(bench.script.of("/translate/stream"))
    other.paste("Mae hi'n bwrw glaw heddiw eto. ")
    other.wait("document.getElementById('target-pane').dataset.state === 'unsupported'")
    bench.expect("No model from Welsh. Installed: English" in other.text("status-text"), other.text("status-text"))
    bench.equal(len(bench.script.of("/translate/stream")), count, "nothing is sent")
    other.set("from", "es")
    bench.equal(other.run("[...document.getElementById('to').options].map((o) => o.textContent)"), ["English", "Portuguese (via English)"], "reachable targets")


@browser_test()
def killing_the_server_shows_the_banner_keeps_both_texts_and_recovers_by_itself_on_restart(bench):
    page = translated(bench, f"It rained.\n{CAT}")
    before = page.value("target")
    bench.script.piece_delay = 0.05
    page.caret("source", 9)
    page.type(" again ")
    page.wait("document.getElementById('target-pane').dataset.state === 'translating'")
    bench.server.stop()
    page.wait("!document.getElementById('banner').hidden", "the banner")
    bench.expect("Your text is safe here. Retrying in" in page.text("banner-text"), page.text("banner-text"))
    bench.equal(state(page), "gone", "state")
    bench.equal(page.value("source"), f"It rained again .\n{CAT}", "the source")
    bench.equal(page.value("target").split("\n")[1], before.split("\n")[1], "the translation")
    page.type("and again")
    page.focus("target")
    page.caret("target", len(page.value("target")))
    page.type("!")
    bench.expect(page.value("target").endswith("!") and "and again" in page.value("source"), "both fields can be written in")
    bench.script.piece_delay = 0
    count = len(bench.script.of("/translate/stream"))
    bench.server.start()
    page.wait("document.getElementById('banner').hidden", "the return")
    page.done()
    sent = bench.script.bodies("/translate/stream")[count:]
    bench.equal([b["q"] for b in sent], ["It rained again and again."], "what goes out, once")
    bench.equal(page.value("target"), f"{translate('It rained again and again.', 'pt')}\n{GATO}!", "both texts")


@browser_test()
def busy_503_waits_retry_after_then_succeeds_with_no_burst(bench):
    left = [3, 3]

    def busy(request, pause):
        if left:
            raise Refusal(503, "too much to do", left.pop())
    bench.script.before["/translate/stream"] = busy
    page = bench.open(clock=True)
    page.focus("source")
    page.paste("It rained.\nThe cat slept.\nThe dog slept.")
    sent = bench.script.of("/translate/stream")
    for tries in (1, 2):
        page.wait("document.getElementById('status-text').textContent.startsWith('Busy: trying again in')", "the word that it is busy")
        bench.equal((state(page), len(bench.script.of("/translate/stream"))), ("overloaded", tries), f"requests before try {tries + 1}")
        page.type("x")  # typing sends nothing meanwhile
        page.tick(2999 if tries == 1 else 2900)
        page.frame()
        bench.equal(len(bench.script.of("/translate/stream")), tries, "nothing is sent before Retry-After")
        page.tick(1100)
        bench.until(lambda: len(bench.script.of("/translate/stream")) == tries + 1, "the next try")
        page.frame()
    page.done()
    sent = [b["q"] for b in bench.script.bodies("/translate/stream")]
    bench.equal(len(sent), 4, "requests in all")
    bench.expect("\n" not in sent[1] and "\n" not in sent[2], f"one paragraph is the probe: {sent}")
    bench.equal(sent[3].count("\n"), 1, "then the rest goes at once")
    bench.equal(page.value("target"), translate(page.value("source"), "pt"), "the translation")

    left.extend([1] * 99)
    page.type("y ")
    for _ in range(8):
        page.tick(2000)
        page.run("new Promise((done) => requestAnimationFrame(done))")
        page.wait("document.getElementById('target-pane').dataset.state === 'overloaded'")
        time.sleep(0.05)
    page.wait("!document.getElementById('again').hidden", "the button after the last try")
    bench.expect(len(bench.script.of("/translate/stream")) <= 4 + 6, "at most five tries more")


@browser_test()
def an_error_stands_at_its_paragraph_and_can_be_tried_again(bench):
    def fail(request, pause):
        if "river" in request.body["q"]:
            raise Refusal(400, "this sentence is too long")
    bench.script.before["/translate/stream"] = fail
    page = translated(bench, "It rained.")
    page.caret("source", 10)
    page.paste("\nThe old river.")
    page.wait("document.querySelector('#notes .error')", "the note")
    bench.expect("could not be translated: this sentence is too long (The old river.)" in page.text("notes"), page.text("notes"))
    bench.equal((state(page), page.value("target")), ("error", "Ele choveu.\n"), "the other paragraph stays")
    bench.equal(page.run("document.querySelector('#gutter [data-kind=error]') !== null"), True, "a sign beside it")
    del bench.script.before["/translate/stream"]
    page.run("document.querySelector('#notes .error button').click()")
    page.done("Ele choveu.\nO rio velho.")
    bench.equal(page.text("notes"), "", "notes")


@browser_test()
def a_model_that_is_being_loaded_is_told_with_its_progress(bench):
    gate = threading.Event()

    def load(request, pause, event):
        event("state", {"state": "loading", "progress": 0.6})
        pause(until=gate)
    bench.script.before["stream"] = load
    page = bench.open()
    page.focus("source")
    page.paste("It rained.")
    page.wait("document.getElementById('status-text').textContent === 'Loading English to Portuguese, 60%'")
    bench.equal(state(page), "loading", "state")
    gate.set()
    page.done("Ele choveu.")


@browser_test()
def at_most_three_requests_of_a_page_are_under_way_at_a_time(bench):
    page = translated(bench, f"It rained. {CAT}")
    gate, most = threading.Event(), 0
    for path in ("stream", "/complete", "/attention", "/translate"):
        bench.script.before[path] = lambda request, pause, event=None: pause(until=gate)
    page.caret("source", 3)
    page.paste("again ")
    page.caret("target", 3)
    page.type("xyz")
    page.click("open-attention")
    page.run("window.dispatchEvent(Object.assign(new Event('drop'), {dataTransfer: {types: ['Files'], files: [new File(['a\\nb\\n'], 'a.txt')]}}))")
    page.wait("document.querySelector('#files-list [data-state=running]')")
    for _ in range(20):
        page.frame()
        open_now = [r.path for r in bench.script.requests if r.ended is None]
        most = max(most, len(open_now))
    bench.expect(most == 3, f"{most} requests at a time, the last {open_now}")
    gate.set()
    page.wait("document.querySelector('#files-list [data-state=done]')", "the file in the end")


@browser_test()
def a_hidden_page_holds_no_stream_and_goes_on_when_it_is_seen_again(bench):
    bench.script.piece_delay = 0.05
    page = bench.open()
    page.focus("source")
    page.paste(CAT)
    bench.until(lambda: bench.script.of("/translate/stream"), "the request")
    page.run("Object.defineProperty(document, 'hidden', {value: true, configurable: true}); document.dispatchEvent(new Event('visibilitychange'))")
    bench.until(lambda: bench.script.of("/translate/stream")[0].aborted, "the server to be told")
    bench.equal(page.value("source"), CAT, "the text")
    bench.script.piece_delay = 0
    page.run("Object.defineProperty(document, 'hidden', {value: false}); document.dispatchEvent(new Event('visibilitychange'))")
    page.done(GATO)


@browser_test(real=True)
def markup_in_source_translation_file_name_and_error_is_shown_as_text(bench):
    page = bench.open()
    count = "document.querySelectorAll('img, iframe, script:not([src=\"app.js\"]), [onload], [onerror], b').length"
    text = "\n".join(MARKUP)
    if bench.script:
        def send(request, pause, event):
            if "fail" in request.body["q"]:
                event("error", {"error": MARKUP[0], "status": 400, "id": MARKUP[1]})
                return True
            for p, line in enumerate(request.body["q"].split("\n")):
                event("sentence", {"paragraph": p, "sentence": 0, "source": [line], "target": [line], "align": [[0, 0, 1]], "score": 0})
            event("done", {"id": "x", "ms": 1, "reports": [MARKUP[2]]})
            return True
        bench.script.before["stream"] = send
    page.focus("source")
    page.paste(text)
    page.done(text if bench.script else None)
    bench.equal(page.value("source"), text, "the source")
    if bench.script:
        page.caret("target", 6)
        page.key("F2")
        page.wait("!document.getElementById('alternatives').hidden")
        page.key("Escape")
        page.caret("source", len(text))
        page.type("\nfail")
        page.wait("document.querySelector('#notes .error')", "the error")
        bench.expect(MARKUP[0] in page.text("notes"), "the error's own words")
    folder = Path(bench.browser.folder.name) / "markup"
    folder.mkdir(exist_ok=True)
    name = "<img src=x onerror=alert(4)>.txt"
    (folder / name).write_text("It rained.\n")
    page.click("view-files")
    choose_file(page, folder / name)
    page.wait("document.querySelector('#files-list li')")
    bench.equal(page.run("document.querySelector('#files-list strong').textContent"), name, "the file's name")
    page.frame()
    bench.equal(page.run(count), 0, "elements made of text")
    bench.equal(page.dialogs, [], "dialogs")
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|createContextualFragment|setAttribute\(\"style|style=|<script>|\son\w+=|https?://(?!www\.w3\.org/2000/svg)")
    for file in (*WEB.iterdir(), *ScriptedServer.web.iterdir()):
        bench.equal([m[0] for m in forbidden.finditer(file.read_text().replace("http-equiv", ""))], [], f"what no file of the page may have, in {file.name}")


@browser_test()
def the_page_is_small(bench):
    sizes = {file.name: len(zlib.compress(file.read_bytes(), 9)) for file in ScriptedServer.web.iterdir()}
    bench.expect(sum(sizes.values()) <= 100_000, f"compressed it is {sum(sizes.values())} bytes: {sizes}")


@browser_test(real=True)
def foreign_host_and_foreign_origin_get_403_and_no_request_ever_goes_to_another_host_or_carries_text_in_a_url(bench):
    port = bench.server.port

    def ask(method="GET", path="/", hosts=(f"127.0.0.1:{port}",), body=b"", **headers):
        lines = [f"{method} {path} HTTP/1.1", *(f"Host: {h}" for h in hosts), *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items()), f"Content-Length: {len(body)}", "Connection: close", "", ""]
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall("\r\n".join(lines).encode() + body)
            data = b""
            while part := connection.recv(65536):
                data += part
        return int(data.split()[1]), data.decode(errors="replace")

    bench.equal(ask()[0], 200, "our own host")
    for host in (f"localhost.evil.com:{port}", f"127.0.0.1.nip.io:{port}", f"evil.com:{port}", f"127.0.0.1:{port + 1}", f"2130706433:{port}", f"evil@127.0.0.1:{port}", "127.0.0.1", f"localhost.:{port}"):
        for path in ("/", "/languages", "/app.js"):
            bench.equal(ask(path=path, hosts=(host,))[0], 403, f"the host {host} at {path}")
    body = json.dumps({"q": "x", "source": "en", "target": "pt", "format": "text"}).encode()
    good = {"Content_Type": "application/json"}
    bench.equal(ask("POST", "/translate", body=body, **good)[0], 200, "a client without Origin")
    bench.equal(ask("POST", "/translate", body=body, Origin=f"http://127.0.0.1:{port}", **good)[0], 200, "our own page")
    for origin in ("http://evil.com", "null", f"http://127.0.0.1:{port + 1}", f"https://127.0.0.1:{port}"):
        bench.equal(ask("POST", "/translate", body=body, Origin=origin, **good)[0], 403, f"the origin {origin}")
    bench.equal(ask("POST", "/translate", body=body, Sec_Fetch_Site="cross-site", **good)[0], 403, "another site")
    answer = ask()[1]
    for header in ("Content-Security-Policy: default-src 'none'", "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer"):
        bench.expect(header.lower() in answer.lower(), f"the header {header}")
    page = translated(bench, f"{CAT} Unmistakable.")
    page.caret("target", 3)
    page.type("x")
    page.run("new Promise((done) => setTimeout(done, 300))")
    bench.equal(page.run("[location.href, history.length, document.cookie]"), [bench.server.url, page.run("history.length"), ""], "the address")
    stored = page.run("JSON.stringify([{...localStorage}, {...sessionStorage}, document.title])")
    bench.expect("nmistakable" not in stored and "cat" not in stored, f"no text is stored: {stored}")
    bench.expect(len(page.requests) > 5, "requests were seen")


