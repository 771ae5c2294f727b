#!/usr/bin/env python3
"""corpora/generator.py: the same seed gives the same files, no source sentence occurs twice, translations are unique."""

import itertools
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "corpora"))
import lexicon  # noqa: E402
from languages import LANGUAGES  # noqa: E402
from sentences import Clause, Count, NounPhrase, Sentence, Time, Writer  # noqa: E402


def generate(*arguments):
    return subprocess.run([sys.executable, ROOT / "corpora/generator.py", *map(str, arguments)], capture_output=True, text=True)


def noun(english):
    return next(noun for noun in lexicon.PERSONS + lexicon.THINGS + lexicon.PLACES if noun.en[0] == english)


def verb(english):
    verbs = lexicon.VERBS_FOR_THINGS + lexicon.VERBS_FOR_PERSONS + lexicon.VERBS_FOR_ALL + lexicon.VERBS_OF_GIVING + lexicon.VERBS_ALONE
    return next(verb for verb in verbs if verb.en[0] == english)


def adjective(english):
    return next(adjective for adjective in lexicon.ADJECTIVES if adjective[0] == english)


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name)

    def make(self, name, *arguments):
        done = generate("--output", self.path / name, "--lines", 3000, "--valid", 200, "--test", 300, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return {file.name: file.read_text(encoding="utf-8").splitlines() for file in (self.path / name).iterdir()}

    def test_same_seed_same_files_other_seed_others(self):
        first, again, other = self.make("a", "--seed", 7), self.make("b", "--seed", 7), self.make("c", "--seed", 8)
        self.assertEqual(first, again)
        self.assertNotEqual(first["train.en"], other["train.en"])

    def test_sizes_and_names_are_those_asked_for(self):
        files = self.make("a", "--languages", "es", "en", "--suffixes", "src", "trg")
        self.assertEqual({name: len(lines) for name, lines in files.items()},
                         {"train.src": 3000, "train.trg": 3000, "valid.src": 200, "valid.trg": 200, "test.src": 300, "test.trg": 300})

    def test_no_source_occurs_twice(self):
        files = self.make("a")
        sources = files["train.en"] + files["valid.en"] + files["test.en"]
        self.assertEqual(len(sources), len(set(sources)))

    def test_held_out_sentences_do_not_depend_on_the_size_of_train(self):
        files = self.make("a")
        self.assertEqual(generate("--output", self.path / "b", "--lines", 10, "--valid", 200, "--test", 300).returncode, 0)
        self.assertEqual(files["test.de"], (self.path / "b/test.de").read_text(encoding="utf-8").splitlines())

    def test_bad_arguments_are_named(self):
        for arguments, expected in ((("--lines", "-1"), "--lines"), (("--languages", "en", "en"), "--languages"),
                                    (("--languages", "xx", "en"), "xx"), (("--suffixes", "src"), "--suffixes")):
            done = generate("--output", self.path, *arguments)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(expected, done.stderr)


class Translations(unittest.TestCase):
    def test_each_sentence_has_one_translation_in_every_direction(self):
        writer, known = Writer(random.Random(3)), {}
        for _ in range(20000):
            sentence = writer.sentence()
            said = {code: language.sentence(sentence) for code, language in LANGUAGES.items()}
            for source, target in itertools.permutations(said, 2):
                self.assertEqual(known.setdefault((source, target, said[source]), said[target]), said[target], said[source])

    def say(self, sentence, **expected):
        self.assertEqual({code: LANGUAGES[code].sentence(sentence) for code in expected}, expected)

    def test_gender_number_and_case_agree(self):
        boy = NounPhrase(noun("boy"), False, "indefinite", (adjective("old"),))
        tables = NounPhrase(noun("table"), True, "none", (adjective("red"),), count=Count(21, True))
        self.say(Sentence("plain", Clause(NounPhrase(noun("queen"), False, "definite"), verb("give"), "past", object=tables, recipient=boy)),
                 en="The queen gave twenty-one red tables to an old boy.",
                 de="Die Königin gab einem alten Jungen einundzwanzig rote Tische.",
                 es="La reina dio veintiuna mesas rojas a un chico viejo.")

    def test_verbs_move(self):
        clause = Clause(NounPhrase(noun("aunt"), True, "definite"), verb("invite"), "present", negated=True,
                        object=NounPhrase(noun("king"), False, "definite"), time=Time("clock", (14, 30)))
        knows = Clause(NounPhrase(noun("man"), False, "definite"), lexicon.VERBS_OF_SAYING[1], "present")
        self.say(Sentence("plain", clause),
                 en="The aunts do not invite the king at 2:30 pm.", de="Die Tanten laden um 14.30 Uhr den König nicht ein.",
                 es="Las tías no invitan al rey a las 14:30.")
        self.say(Sentence("that", knows, clause._replace(tense="perfect", negated=False, time=Time("iso_date", (2021, 2, 5)))),
                 en="The man knows that the aunts have invited the king on 2021-03-05.",
                 de="Der Mann weiß, dass die Tanten am 05.03.2021 den König eingeladen haben.",
                 es="El hombre sabe que las tías han invitado al rey el 05/03/2021.")

    def test_pronouns_agree_with_what_they_stand_for(self):
        lamp = NounPhrase(noun("lamp"), False, "definite")
        main = Clause(lamp, lexicon.BE, "past", adjective=adjective("small"))
        other = Clause("pronoun", lexicon.BE, "past", adjective=adjective("cheap"), antecedent=lamp)
        self.say(Sentence("conjunction", main, other, lexicon.CONJUNCTIONS[0]),
                 en="The lamp was small because it was cheap.", de="Die Lampe war klein, weil sie billig war.",
                 es="La lámpara era pequeña porque era barata.")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
