"""What the browser tests share: a list of them, a place to run in, and what they expect."""

import json
import time

TESTS = []  # (function, runs with the real program too)


def browser_test(real=False):
    def register(function):
        TESTS.append((function, real))
        return function
    return register


class Bench:
    """One test's server, pages and failures. `script` is None if the server is the real program."""

    def __init__(self, browser, server, options, open_page):
        self.browser, self.server, self.options, self.open_page = browser, server, options, open_page
        self.script = getattr(server, "script", None)
        self.pages, self.failures, self.figures = [], [], []

    def open(self, **settings):
        page = self.open_page(self.browser, self.server.url, **settings)
        self.pages.append(page)
        return page

    def expect(self, holds, what):
        if not holds:
            self.failures.append(what)

    def equal(self, found, expected, what):
        if found != expected:
            self.failures.append(f"{what}: found {found!r}, expected {expected!r}")

    def budget(self, name, times, half, most):
        """Half of the sorted times and 19 of 20, in milliseconds; only asserted when asked for: other work may be going on."""
        for share, budget in ((0.5, half), (0.95, most)):
            found = times[min(len(times) - 1, int(share * len(times)))]
            self.figures.append(f"{name}, p{100 * share:.0f} of {len(times)}: {found:.1f} ms (budget {budget} ms)")
            if self.options.budgets:
                self.expect(found <= budget, f"{name}, p{100 * share:.0f}: {found:.1f} ms, budget {budget} ms")

    def until(self, condition, what):
        end = time.monotonic() + 60
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain for {what}")
            time.sleep(0.005)

    def check_privacy(self):
        """Of every test: nothing goes elsewhere, no text is in an address, no error is in the console."""
        for page in self.pages:
            for request in page.requests:
                url = request["url"]
                self.expect(url.startswith((self.server.url, "data:", "blob:" + self.server.url)), f"a request to {url}")
                self.expect("?" not in url and "#" not in url, f"something is in the address {url}")
            self.expect(page.console == [], f"errors of the script: {page.console}")
            self.expect(page.reports == [], f"reports of the browser: {json.dumps(page.reports)[:500]}")
            self.expect(page.dialogs == [], f"dialogs: {page.dialogs}")


CAT = "The cat sat on the mat and fell asleep."
GATO = "O gato sentou-se sobre o tapete e adormeceu depressa."


def translated(bench, text, **settings):
    """A page in which a text has been pasted and translated."""
    page = bench.open(**settings)
    page.focus("source")
    page.paste(text)
    page.done()
    page.frame()
    return page
