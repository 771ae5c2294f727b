"""Whole files: what is sent, what comes back, and what stays as it is."""

import json
import re
import time
from pathlib import Path

from harness import CAT, browser_test
from toy_translation import translate


@browser_test()
def text_over_the_limit_is_neither_cut_nor_sent_and_can_become_a_file_job(bench):
    bench.script.char_limit = 100
    page = bench.open()
    text = f"{CAT}\n" * 4
    page.focus("source")
    page.paste(text)
    page.wait("document.getElementById('target-pane').dataset.state === 'long'")
    bench.equal(page.value("source"), text, "the text")
    bench.equal(page.text("source-count"), "160 of 100", "the counter")
    bench.equal("".join(page.marks("over-source")), text[100:].replace("\n", ""), "the excess is marked")
    page.run("new Promise((done) => setTimeout(done, 700))")
    bench.equal(len(bench.script.of("/translate/stream")), 0, "requests")
    page.click("as-file")
    page.wait("document.querySelector('#files-list [data-state=done]')", "the file")
    sent = bench.script.bodies("/translate")
    bench.expect(all(sum(map(len, b["q"])) <= 100 for b in sent), "no request is over the limit")
    bench.equal([line for b in sent for line in b["q"]], [CAT] * 4, "lines that were sent")
    page.click("view-text")
    page.caret("source", 80, 200)
    page.key("Delete")
    page.done()


def choose_file(page, path):
    document = page.send("DOM.getDocument")["root"]["nodeId"]
    node = page.send("DOM.querySelector", {"nodeId": document, "selector": "#files-input"})["nodeId"]
    page.send("DOM.setFileInputFiles", {"files": [str(path)], "nodeId": node})


def button(page, label, row=0):
    return page.run(f"(() => {{ const b = [...document.querySelectorAll('#files-list li')[{row}].querySelectorAll('button')].find((b) => b.textContent === {json.dumps(label)} && !b.hidden);"
                    " b?.click(); return Boolean(b); })()")


def download(bench, page, folder, press):
    page.browser.send("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder), "browserContextId": page.context})
    bench.expect(press(), "the button for the download")
    bench.until(lambda: [p for p in folder.iterdir() if p.suffix != ".crdownload"] and not list(folder.glob("*.crdownload")), "the download")
    found = next(folder.iterdir())
    data = found.read_bytes().decode()
    found.unlink()
    return found.name, data


@browser_test(real=True)
def a_10000_line_file_shows_progress_cancels_within_500_ms_and_downloads_one_line_per_line(bench):
    folder = Path(bench.browser.folder.name) / "files"
    (folder / "down").mkdir(parents=True, exist_ok=True)
    count = 10_000 if bench.script else 300
    lines = [f"The cat sat on mat {n}." if n % 10 else "" for n in range(count)]
    path = folder / "my story.txt"
    path.write_text("\n".join(lines) + "\n")
    page = bench.open()
    page.run("window.seen = new Set(); new MutationObserver(() => document.querySelectorAll('#files-list .muted').forEach((p) => window.seen.add(p.textContent)))"
             ".observe(document.getElementById('files-list'), {subtree: true, childList: true, characterData: true})")
    page.click("view-files")
    choose_file(page, path)
    page.wait("document.querySelector('#files-list [data-state=done]')", "the file")
    name, data = download(bench, page, folder / "down", lambda: button(page, "Download"))
    bench.equal(name, "my_story.pt.txt", "its name")
    bench.equal(data.count("\n"), count, "lines")
    made = data.split("\n")
    bench.expect(all(bool(line) == bool(out) for line, out in zip(lines, made)), "blank lines stay blank, and the others have a translation")
    if bench.script:
        bench.equal(made[:count], [translate(line, "pt") for line in lines], "each line")
        bench.expect(len([s for s in page.run("[...window.seen]") if re.match(r"[\d,]+ of 10,000 lines", s)]) > 2, f"progress: {page.run('[...window.seen].slice(0, 9)')}")
        bodies = bench.script.bodies("/translate")
        bench.expect(all(b["priority"] == "bulk" and len(b["q"]) <= 64 and "" not in b["q"] for b in bodies), "64 lines at a time, at low priority")
        bench.script.before["/translate"] = lambda request, pause: pause(0.02) if request.number % 50 else pause(60)
    choose_file(page, path)
    page.wait("/^[1-9][\\d,]* of/.test(document.querySelectorAll('#files-list li')[1]?.querySelector('.muted').textContent)", "some lines of the second")
    if bench.script:
        bench.until(lambda: (last := bench.script.of("/translate")[-1]).number % 50 == 0 and not last.ended, "a request that hangs")
    began = time.monotonic()
    bench.expect(button(page, "Cancel", 1), "the button to cancel")
    bench.equal(page.run("document.querySelectorAll('#files-list li')[1].dataset.state"), "cancelled", "the state at once")
    if bench.script:
        bench.until(lambda: bench.script.of("/translate")[-1].ended, "the request to end")
        bench.budget("cancel of a file to the request's end", [1000 * (time.monotonic() - began)], 500, 500)
    name, data = download(bench, page, folder / "down", lambda: button(page, "Download what is done", 1))
    part = data.split("\n")[:-1]
    bench.expect(0 < len(part) < count and part == made[:len(part)], f"{len(part)} lines that are done")


@browser_test()
def files_of_each_kind_keep_what_is_no_text_and_wait_for_a_server_that_is_gone(bench):
    folder = Path(bench.browser.folder.name) / "kinds"
    (folder / "down").mkdir(parents=True, exist_ok=True)
    page = bench.open()
    page.click("view-files")
    kinds = {
        "a.srt": ("1\n00:00:01,000 --> 00:00:02,000\nIt rained.\n\n", "1\n00:00:01,000 --> 00:00:02,000\nEle choveu.\n\n"),
        "b.md": ("# The cat\n\n- the dog\n```\nthe cat\n```\n", "# O gato\n\n- o cão\n```\nthe cat\n```\n"),
        "c.tsv": ("the cat\tthe dog\r\n\tit\r\n", "o gato\to cão\r\n\tele\r\n"),
    }
    for n, (name, (source, expected)) in enumerate(kinds.items()):
        (folder / name).write_text(source, newline="")
        choose_file(page, folder / name)
        page.wait(f"document.querySelectorAll('#files-list [data-state=done]').length === {n + 1}", name)
        found, data = download(bench, page, folder / "down", lambda row=n: button(page, "Download", row))
        bench.equal((found, data), (name.replace(".", ".pt."), expected), name)
    (folder / "latin.txt").write_bytes("A manhã\n".encode("latin-1"))
    choose_file(page, folder / "latin.txt")
    page.wait("document.querySelector('#files-list [data-state=encoding]')", "the question for the encoding")
    page.run("document.querySelector('#files-list .encodings:not([hidden]) button').click()")
    page.wait("document.querySelectorAll('#files-list [data-state=done]').length === 4", "the file in another encoding")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    choose_file(page, folder / "picture.png")
    page.wait("document.querySelector('#files-list [data-state=failed]')", "the refusal")

    (folder / "long.txt").write_text("The cat slept.\n" * 500)
    bench.script.before["/translate"] = lambda request, pause: pause(0.05)
    choose_file(page, folder / "long.txt")
    page.wait("[...document.querySelectorAll('#files-list .muted')].some((p) => /^[1-9][0-9]* of 500/.test(p.textContent))", "some lines")
    bench.server.stop()
    page.wait("document.querySelector('#files-list [data-state=paused]')", "the pause")
    bench.server.start()
    page.wait("document.querySelectorAll('#files-list [data-state=done]').length === 5", "the rest")
    found, data = download(bench, page, folder / "down", lambda: button(page, "Download", 5))
    bench.equal(data, "O gato dormiu.\n" * 500, "each line once")
