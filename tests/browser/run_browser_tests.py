#!/usr/bin/env python3
"""Tests of the page of `dragoman serve` in a headless Chromium.

Usage: run_browser_tests.py [PROGRAM] [--model DIR] [--only WORD] [--pictures DIR] [--budgets]

All tests run against a scripted server, which serves the page as PROGRAM holds it if it stands where it was built, and else its
sources; those that need no script run again against PROGRAM with the model, if both are there.
"""

import argparse
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.request
from pathlib import Path

import files_tests  # noqa: F401: the tests register themselves
import keeping_tests  # noqa: F401
import looks_tests  # noqa: F401
import server_tests  # noqa: F401
import typing_tests  # noqa: F401
import writing_tests  # noqa: F401
from chromium import Browser, Page, find_chromium
from harness import TESTS, Bench
from scripted_server import ScriptedServer

MODEL = Path(__file__).resolve().parents[3] / "shared" / "models" / "en-pt-tiny"
SKIPPED = 77


class RealServer:
    def __init__(self, program, model):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([program, "serve", "-m", model, "--port", str(self.port)], stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{self.port}/"
        self.wait()

    def wait(self):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self.process.poll() is not None:
                self.log.seek(0)
                sys.exit(f"the server has ended: {self.log.read().decode(errors='replace').strip()[-500:]}")
            try:
                urllib.request.urlopen(self.url + "health", timeout=5).close()
                return
            except OSError:
                time.sleep(0.05)
        sys.exit("the server does not answer")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def run(test, browser, server, options):
    bench = Bench(browser, server, options, Page)
    began = time.monotonic()
    try:
        test(bench)
        bench.check_privacy()
    except Exception:  # a test that breaks off has failed
        bench.failures.append(traceback.format_exc(limit=-3))
    for page in bench.pages:
        if bench.failures:
            bench.failures.extend(f"script: {line}" for line in page.console)
        page.close()
    print(f"{'FAILED' if bench.failures else 'ok    '} {time.monotonic() - began:5.1f} s  {test.__name__}", flush=True)
    for line in bench.figures:
        print(f"         {line}")
    for line in bench.failures[:12]:
        print("         " + line.replace("\n", "\n         "))
    return not bench.failures


def run_all(browser, options, make_server, tests, what):
    print(f"== against {what}")
    failed = []
    for test in tests:
        server = make_server()
        try:
            if not run(test, browser, server, options):
                failed.append(test.__name__)
        finally:
            server.stop()
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?")
    parser.add_argument("--program", dest="program_option")
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--only", default="", help="tests whose names hold this")
    parser.add_argument("--pictures", type=Path, help="folder for screenshots")
    parser.add_argument("--budgets", action="store_true", help="latencies over their budgets fail")
    parser.add_argument("--server", choices=["scripted", "real", "both"], default="both")
    options = parser.parse_args()
    program = options.program or options.program_option
    embedded = Path(program).resolve().parent / "embedded" / "server" / "web" if program else None
    if embedded and embedded.is_dir():
        ScriptedServer.web = embedded
    print(f"the page is that of {ScriptedServer.web}")
    chromium = find_chromium()
    if not chromium:
        print("skipped: there is no Chromium (tools/setup installs it where the distribution has it)")
        return SKIPPED
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
    tests = [(test, real) for test, real in TESTS if options.only in test.__name__]
    browser, failed = Browser(chromium), []
    try:
        if options.server != "real":
            failed += run_all(browser, options, ScriptedServer, [test for test, _ in tests], "a scripted server")
        if options.server != "scripted":
            why = "no program is given" if not program else "" if options.model.is_dir() else f"there is no model {options.model}"
            if not why and subprocess.run([program, "serve", "--help"], capture_output=True).returncode:
                why = f"{program} has no command serve"
            if why:
                print(f"skipped: the tests against the program itself: {why}")
            else:
                failed += run_all(browser, options, lambda: RealServer(program, options.model), [test for test, real in tests if real], program)
    finally:
        browser.close()
    print(f"{len(failed)} failed: {' '.join(failed)}" if failed else "all passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
