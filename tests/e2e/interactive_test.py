#!/usr/bin/env python3
"""A conversation at a terminal, and a pipe.

Usage: interactive_test.py PROGRAM
"""

import os
import pty
import re
import select
import subprocess
import sys
import tempfile
from pathlib import Path

from losses_test import HANG, Test

PROMPT = "aa>bb "


class Terminal:
    """A program with a terminal of its own, which is read until it asks for input."""

    def __init__(self, *command, cwd):
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            os.chdir(cwd)
            os.environ.update(TERM="xterm", NO_COLOR="1", LC_ALL="C.UTF-8", HOME=str(cwd))
            os.execv(command[0], [str(part) for part in command])

    def read_until(self, end):
        """What is shown until `end`, or all until the program ends."""
        text = b""
        while True:
            ready, _, _ = select.select([self.descriptor], [], [], HANG)
            try:
                part = os.read(self.descriptor, 4096) if ready else b""
            except OSError:  # the program has ended
                part = b""
            text += part
            shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text.decode(errors="replace")).replace("\r", "")
            if not part or shown.endswith(end):
                return shown

    def say(self, keys, end="\n" + PROMPT):
        os.write(self.descriptor, keys.encode())
        return self.read_until(end)

    def exit_code(self):
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


class InteractiveTest(Test):
    def start(self, *more):
        terminal = Terminal(self.program, "interactive", "-m", "model", "--source-language", "aa", "--target-language",
                            "bb", "--quiet", *more, cwd=self.folder)
        terminal.read_until(PROMPT)
        return terminal

    def check_conversation(self, sentences, translations):
        terminal = self.start("-b", "4", "--history", "history")
        self.expect(translations[0] in terminal.say(sentences[0] + "\r"), "a sentence is translated")
        self.expect(f"1:{translations[0].split()[0]}" in terminal.say(":alt\r"), "words are numbered")
        self.expect(" 1  0." in terminal.say(":alt 1\r"), "alternatives have probabilities")
        self.expect("mean of 2 heads" in terminal.say(":attention\r"), "attention is drawn")
        shown = terminal.say("half a sentence\x03")
        self.expect(shown.endswith("\n" + PROMPT), "Ctrl-C leaves the line, not the program")
        shown = terminal.say("\x1b[200~" + "\n".join(sentences[:3]) + "\x1b[201~")
        self.expect(all(text in shown for text in translations[:3]), f"pasted lines are all translated: {shown}")
        terminal.say(sentences[1] + "\r")
        shown = terminal.say("\x1b[A\r")  # up: the line before
        self.expect(translations[1] in shown, "the history gives the line before")
        terminal.say("\x04", end="never")
        self.expect(terminal.exit_code() == 0, "Ctrl-D ends well")
        history = self.folder / "history"
        self.expect(sentences[1] in history.read_text(), "the history is kept when asked for")
        self.expect(history.stat().st_mode & 0o077 == 0, "only its owner can read the history")

    def check_nothing_is_kept(self, sentence):
        terminal = self.start()
        terminal.say(sentence + "\r")
        before = {path.name for path in self.folder.iterdir()}
        terminal.say(":quit\r", end="never")
        self.expect(terminal.exit_code() == 0, ":quit ends well")
        self.expect({path.name for path in self.folder.iterdir()} == before, "nothing is kept unless asked for")

    def check_pipe(self, sentences, translations):
        command = [self.program, "interactive", "-m", "model", "--source-language", "aa", "--target-language", "bb",
                   "--quiet", "-b", "4"]
        process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        for sentence, translation in zip(sentences, translations):  # each answer comes before the next line is given
            process.stdin.write(sentence + "\n")
            process.stdin.flush()
            self.expect(process.stdout.readline() == translation + "\n", f"a pipe answers at once: {sentence}")
        process.stdin.write("\n:help\n")
        process.stdin.close()
        rest = process.stdout.read()
        self.expect(rest.count("\n") == 2 and rest.startswith("\n") and ":prefix" not in rest,
                    f"a pipe has a line for each line, and no commands: {rest!r}")
        self.expect(process.wait() == 0, "a pipe ends well")

    def check_errors(self):
        _, err = self.run("interactive", "-m", "no-such-model", code=1)
        self.expect("no-such-model" in err, f"a missing model is named: {err}")
        _, err = self.run("interactive", code=2)
        self.expect("expected at least one model" in err, f"a model is asked for: {err}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        test = InteractiveTest(Path(sys.argv[1]).resolve(), folder)
        test.check_beginning()
        test.train("model")
        sentences = (test.folder / "data/test.src").read_text().splitlines()[:5]
        translations = [test.run("translate", "-m", "model", "-b", "4", "-n", "1", "--quiet",
                                 stdin=(sentence + "\n").encode())[0].rstrip("\n") for sentence in sentences]
        test.check_conversation(sentences, translations)
        test.check_nothing_is_kept(sentences[0])
        test.check_pipe(sentences, translations)
        test.check_errors()
        return 1 if test.failures else 0


if __name__ == "__main__":
    sys.exit(main())
