#!/usr/bin/env python3
"""Takes the README's pictures of the page: doc/page-*.png.

Usage: take_pictures.py PROGRAM MODEL [FOLDER]     FOLDER: doc, if it is not given
"""

import sys
from pathlib import Path

from chromium import Browser, Page, find_chromium
from run_browser_tests import RealServer

TEXT = """The old lighthouse stood on a cliff above the harbour. Every evening the keeper climbed the narrow stairs and lit the lamp.

One night a storm came from the west, and the fishing boats could not see the coast. Her daughter rang the bell until morning."""
SHORT = "The old lighthouse stood on a cliff above the harbour. Every evening the keeper climbed the narrow stairs and lit the lamp."


def open_page(browser, server, text, width, height, scale=1, **settings):
    page = Page(browser, server.url, width=width, height=height, **settings)
    page.size(width, height, scale)
    page.focus("source")
    page.paste(text)
    page.done()
    page.type(" ")  # the first translation of all waits for memory: the second tells how long it takes
    page.done()
    page.frame()
    return page


def show_alternatives(page, word):
    page.caret("target", page.value("target").index(word) + 1)
    page.key("F2")
    page.wait("document.querySelector('#alternatives [role=option]')", "the list")
    page.key("ArrowDown")
    page.frame()


def show_attention(page, word):
    page.caret("target", page.value("target").index(word) + 1)
    page.click("open-attention")
    page.wait("document.querySelector('#attention-rows span')", "the picture")
    page.focus("attention-matrix")
    for key in ("ArrowDown", "ArrowRight") * 3:
        page.key(key)
    page.frame()


def main():
    program, model, *rest = sys.argv[1:]
    folder = Path(rest[0] if rest else Path(__file__).resolve().parents[2] / "doc")
    folder.mkdir(parents=True, exist_ok=True)
    browser, server = Browser(find_chromium()), RealServer(program, model)
    try:
        for dark in (False, True):
            name = "dark" if dark else "light"
            page = open_page(browser, server, TEXT, 1280, 540, dark=dark)
            words = page.value("target").split()
            print(page.value("target"))
            show_alternatives(page, words[3])
            page.picture(folder / f"page-desktop-{name}.png")
            page.close()
            page = open_page(browser, server, SHORT, 1280, 1100, dark=dark)
            show_attention(page, words[1])
            page.picture(folder / f"page-attention-{name}.png", whole=True)
            page.close()
            page = open_page(browser, server, SHORT, 390, 760, 2, dark=dark, touch=True)
            page.picture(folder / f"page-phone-{name}.png")
            show_alternatives(page, words[3])
            page.picture(folder / f"page-phone-alternatives-{name}.png")
            page.close()
    finally:
        server.stop()
        browser.close()


if __name__ == "__main__":
    main()
