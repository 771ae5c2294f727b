"""Drives a headless Chromium by its debugging protocol through a pipe: no port, no library."""

import base64
import itertools
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--hide-scrollbars", "--remote-debugging-pipe"]
PATIENCE = 60  # seconds; only for what will never come
CLOCK = (Path(__file__).parent / "clock.js").read_text()

# key: (code, key code, text)
KEYS = {"Tab": ("Tab", 9, ""), "Enter": ("Enter", 13, "\r"), "Escape": ("Escape", 27, ""), "End": ("End", 35, ""), "Home": ("Home", 36, ""),
        "ArrowLeft": ("ArrowLeft", 37, ""), "ArrowUp": ("ArrowUp", 38, ""), "ArrowRight": ("ArrowRight", 39, ""), "ArrowDown": ("ArrowDown", 40, ""),
        "Backspace": ("Backspace", 8, ""), "Delete": ("Delete", 46, ""), "F2": ("F2", 113, ""), "F8": ("F8", 119, ""), "PageUp": ("PageUp", 33, ""), "PageDown": ("PageDown", 34, "")}
ALT, CONTROL, SHIFT = 1, 2, 8
COMMANDS = {("a", CONTROL): ["selectAll"]}


def find_chromium():
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class ProtocolError(Exception):
    pass


class Browser:
    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory(prefix="dragoman-browser-", ignore_cleanup_errors=True)
        to_browser, self.writer = os.pipe()
        self.reader, from_browser = os.pipe()

        def place_pipes():  # the protocol uses the descriptors 3 and 4
            high = [os.dup(to_browser), os.dup(from_browser)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.process = subprocess.Popen([program, *FLAGS, f"--user-data-dir={self.folder.name}", "about:blank"], close_fds=False, preexec_fn=place_pipes,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.numbers, self.answers, self.listeners, self.lock = itertools.count(1), {}, {}, threading.Lock()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        rest = b""
        while data := os.read(self.reader, 1 << 20):
            *messages, rest = (rest + data).split(b"\0")
            for message in map(json.loads, messages):
                if "id" in message:
                    self.answers.pop(message["id"]).put(message)
                else:
                    listener = self.listeners.get(message.get("sessionId"))
                    if listener:
                        listener(message["method"], message["params"])

    def send(self, method, params=None, session=None):
        answer = queue.Queue()
        with self.lock:
            number = next(self.numbers)
            self.answers[number] = answer
            message = {"id": number, "method": method, "params": params or {}}
            if session:
                message["sessionId"] = session
            data = json.dumps(message).encode() + b"\0"
            while data:
                data = data[os.write(self.writer, data):]
        try:
            result = answer.get(timeout=PATIENCE)
        except queue.Empty:
            raise ProtocolError(f"{method}: no answer") from None
        if "error" in result:
            raise ProtocolError(f"{method}: {result['error']['message']}")
        return result["result"]

    def close(self):
        try:
            self.send("Browser.close")
            self.process.wait(10)
        except (ProtocolError, subprocess.TimeoutExpired, OSError):
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()


class Page:
    """A page in a browser context of its own: storage is empty, and nothing is shared with other tests."""

    def __init__(self, browser, url, width=1280, height=800, dark=False, clock=False, touch=False, before="", watched=True):
        self.browser, self.requests, self.reports, self.dialogs, self.console = browser, [], [], [], []
        self.context = browser.send("Target.createBrowserContext")["browserContextId"]
        target = browser.send("Target.createTarget", {"url": "about:blank", "browserContextId": self.context, "width": width, "height": height})["targetId"]
        self.session = browser.send("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        browser.listeners[self.session] = self.heard
        for domain in ("Page", "Runtime", "Network", "Audits", "Log", "DOM") if watched else ("Page",):
            self.send(f"{domain}.enable")
        self.send("Emulation.setFocusEmulationEnabled", {"enabled": True})
        self.size(width, height)
        self.scheme(dark)
        if touch:
            self.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
        if clock:
            self.send("Page.addScriptToEvaluateOnNewDocument", {"source": CLOCK})
        if before:
            self.send("Page.addScriptToEvaluateOnNewDocument", {"source": before})
        self.url = url
        self.send("Page.navigate", {"url": url})
        if not watched:
            time.sleep(0.6)  # and it is left alone while it loads
        self.wait("document.readyState === 'complete' && document.getElementById('to')?.options.length > 0 && Boolean(window.dragoman)", "the page to load")

    def heard(self, method, params):
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"])
        elif method == "Page.javascriptDialogOpening":
            self.dialogs.append(params)
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.console.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Audits.issueAdded" and "ontentSecurityPolicy" in params["issue"]["code"]:
            self.reports.append(params["issue"])
        elif method == "Log.entryAdded" and params["entry"]["source"] in ("security", "violation", "javascript"):
            self.reports.append(params["entry"])

    def send(self, method, params=None):
        return self.browser.send(method, params, self.session)

    def close(self):
        self.browser.listeners.pop(self.session, None)
        self.browser.send("Target.disposeBrowserContext", {"browserContextId": self.context})

    def size(self, width, height, scale=1):
        self.send("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False})

    def scheme(self, dark, forced=False, reduced=False):
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        if forced:
            features.append({"name": "forced-colors", "value": "active"})
        if reduced:
            features.append({"name": "prefers-reduced-motion", "value": "reduce"})
        self.send("Emulation.setEmulatedMedia", {"features": features})

    def run(self, expression):
        """The value of an expression, which may be a promise."""
        result = self.send("Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True, "userGesture": True})
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise ProtocolError(f"{expression[:200]}: {details.get('exception', {}).get('description', details['text'])}")
        return result["result"].get("value")

    def wait(self, expression, what=""):
        """Waits until an expression is true."""
        end = time.monotonic() + PATIENCE
        while True:
            if self.run(f"Boolean({expression})"):
                return
            if time.monotonic() > end:
                state = self.run("document.body && [document.getElementById('status-text')?.textContent, document.getElementById('source')?.value, document.getElementById('target')?.value]")
                raise AssertionError(f"waited in vain for {what or expression}; shown is {state}")
            time.sleep(0.01)

    def tick(self, milliseconds):
        """Lets time pass in a page with its own clock."""
        self.run(f"window.clock.tick({milliseconds})")

    def frame(self):
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")

    # Input
    def key(self, key, modifiers=0):
        code, number, text = KEYS.get(key, ("", ord(key.upper()) if len(key) == 1 and key.isascii() and key.isalnum() else 0, key))
        if modifiers & (ALT | CONTROL):
            text = ""
        fields = {"key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": modifiers}
        self.send("Input.dispatchKeyEvent", {"type": "keyDown" if text else "rawKeyDown", "text": text, "commands": COMMANDS.get((key, modifiers), []), **fields})
        self.send("Input.dispatchKeyEvent", {"type": "keyUp", **fields})

    def type(self, text, pause=0):
        """Types a text; `pause` seconds between keys, of which people need at least 0.05."""
        for character in text:
            self.key("Enter" if character == "\n" else character)
            time.sleep(pause)

    def paste(self, text):
        """As the browser tells of a paste into the field that has the focus."""
        self.run(f"""(() => {{ const f = document.activeElement; f.setRangeText({json.dumps(text)}, f.selectionStart, f.selectionEnd, 'end');
                 f.dispatchEvent(new InputEvent('input', {{bubbles: true, inputType: 'insertFromPaste'}})); }})()""")

    def insert(self, text):
        """Types all of a text at once."""
        self.run(f"document.execCommand('insertText', false, {json.dumps(text)})")

    def focus(self, name):
        self.run(f"document.getElementById({json.dumps(name)}).focus()")

    def click(self, name):
        self.run(f"document.getElementById({json.dumps(name)}).click()")

    def mouse(self, kind, x, y, clicks=0):
        self.send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "button": "left" if clicks else "none", "clickCount": clicks})

    def press(self, x, y):
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y, 1)
        self.mouse("mouseReleased", x, y, 1)

    def caret(self, name, start, end=None):
        self.run(f"(() => {{ const f = document.getElementById({json.dumps(name)}); f.focus(); f.setSelectionRange({start}, {start if end is None else end}); }})()")
        self.frame()

    def value(self, name):
        return self.run(f"document.getElementById({json.dumps(name)}).value")

    def text(self, name):
        return self.run(f"document.getElementById({json.dumps(name)}).textContent")

    def set(self, name, value):
        """Chooses a value of a select or a checkbox as a user does."""
        setting = "checked" if isinstance(value, bool) else "value"
        self.run(f"(() => {{ const c = document.getElementById({json.dumps(name)}); c.focus(); c.{setting} = {json.dumps(value)}; "
                 "c.dispatchEvent(new Event('input', {bubbles: true})); c.dispatchEvent(new Event('change', {bubbles: true})); })()")

    def word_box(self, name, word, nth=0):
        """The middle of a word of a pane on the screen."""
        return self.run(f"""(() => {{
          const text = document.getElementById('{name}').value; let at = -1;
          for (let i = 0; i <= {nth}; ++i) at = text.indexOf({json.dumps(word)}, at + 1);
          const before = text.slice(0, at).split('\\n'), node = document.getElementById('{name}-mirror').children[before.length - 1].firstChild, range = document.createRange();
          range.setStart(node, before.at(-1).length); range.setEnd(node, before.at(-1).length + {len(word)});
          const box = range.getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2];
        }})()""")

    def marks(self, name):
        """The texts that a highlight marks."""
        return self.run(f"[...(CSS.highlights.get({json.dumps(name)}) ?? [])].map((r) => r.startContainer.data.slice(r.startOffset, r.endOffset))")

    def done(self, target=None):
        """Waits until all that is in the source is translated."""
        self.wait("document.getElementById('target-pane').dataset.state === 'done'"
                  + (f" && document.getElementById('target').value === {json.dumps(target)}" if target is not None else ""), f"the translation {target!r}")

    def picture(self, path=None, whole=False, clip=None):
        options = {"format": "png", "captureBeyondViewport": whole}
        if clip:
            options["clip"] = {**dict(zip(("x", "y", "width", "height"), clip)), "scale": 1}
        data = base64.b64decode(self.send("Page.captureScreenshot", options)["data"])
        if path:
            Path(path).write_bytes(data)
        return data
