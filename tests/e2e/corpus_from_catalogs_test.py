#!/usr/bin/env python3
"""tools/corpus-from-catalogs on catalogs and packages that the test makes itself; needs no network.

The body of each corpus comes from corpora/generator.py, since the tool learns from the corpus what its languages look
like; the messages under test stand among it.
"""

import os
import random
import re
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools/corpus-from-catalogs"
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "corpora"), str(ROOT / "tools")]
from catalogs import accelerators, mo, packages, segments, split  # noqa: E402
from languages import LANGUAGES  # noqa: E402
from sentences import Writer  # noqa: E402

GERMAN = "nplurals=2; plural=(n != 1);"
POLISH = "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
RUSSIAN = "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
JAPANESE = "nplurals=1; plural=0;"


def make_mo(messages, plural=GERMAN, charset="UTF-8", order="<"):
    """The bytes of a catalog. Keys are "source", "context\\4source" or "singular\\0plural", values may be lists of forms."""
    header = f"Content-Type: text/plain; charset={charset}\nPlural-Forms: {plural}\n"
    entries = [(key.encode(charset), ("\0".join(value) if isinstance(value, list) else value).encode(charset))
               for key, value in sorted({"": header, **messages}.items())]
    originals, translations, body = [], [], b""
    start = 28 + 16 * len(entries)
    for table, side in ((originals, 0), (translations, 1)):
        for entry in entries:
            table.append(struct.pack(order + "2I", len(entry[side]), start + len(body)))
            body += entry[side] + b"\0"
    head = struct.pack(order + "7I", 0x950412DE, 0, len(entries), 28, 28 + 8 * len(entries), 0, 0)
    return head + b"".join(originals + translations) + body


def body_of(lines, source="en", target="de", seed=1):
    writer = Writer(random.Random(seed))
    pairs = {}
    while len(pairs) < lines:
        sentence = writer.sentence()
        pairs[LANGUAGES[source].sentence(sentence)] = LANGUAGES[target].sentence(sentence)
    return pairs


class Plurals(unittest.TestCase):
    def pairs(self, forms, rule):
        catalog = mo.read_catalog(make_mo({"%d file\0%d files": forms}, rule))
        return mo.plural_pairs(catalog.messages[0], catalog.form_of)

    def test_two_forms(self):
        self.assertEqual(self.pairs(["%d Datei", "%d Dateien"], GERMAN), [("%d file", "%d Datei"), ("%d files", "%d Dateien")])

    def test_the_plural_has_two_forms(self):
        self.assertEqual(self.pairs(["%d plik", "%d pliki", "%d plików"], POLISH),
                         [("%d file", "%d plik"), ("%d files", "%d pliki"), ("%d files", "%d plików")])

    def test_the_form_of_1_serves_21_but_is_no_plural(self):
        self.assertEqual(self.pairs(["%d файл", "%d файла", "%d файлов"], RUSSIAN),
                         [("%d file", "%d файл"), ("%d files", "%d файла"), ("%d files", "%d файлов")])

    def test_one_form_for_all(self):
        self.assertEqual(self.pairs(["%d 個"], JAPANESE), [("%d file", "%d 個"), ("%d files", "%d 個")])

    def test_fewer_forms_than_the_rule_asks_for(self):
        self.assertEqual(self.pairs(["%d plik"], POLISH), [("%d file", "%d plik"), ("%d files", "%d plik")])


class Catalogs(unittest.TestCase):
    def test_contexts_charsets_and_byte_orders(self):
        for charset in ("UTF-8", "ISO-8859-1"):
            for order in "<>":
                catalog = mo.read_catalog(make_mo({"menu\4Open": "Öffnen"}, charset=charset, order=order))
                self.assertEqual(catalog.messages, [mo.Message("menu", "Open", "", ["Öffnen"])])

    def test_messages_outside_the_charset_are_counted(self):
        data = make_mo({"Open": "Öffnen", "Close": "Schliessen"}, charset="ISO-8859-1").replace(b"ISO-8859-1", b"UTF-8     ")
        catalog = mo.read_catalog(data)
        self.assertEqual((len(catalog.messages), catalog.undecodable), (1, 1))

    def test_damaged_catalogs_are_named(self):
        whole = make_mo(body_of(20))
        damaged = [b"", b"no catalog", b"x" * 100, whole[:40], whole[:-200], whole.replace(b"plural=(n != 1)", b"plural=(n != ;)"),
                   whole[:4] + b"\0\0\7\0" + whole[8:]]
        for data in damaged:
            with self.assertRaisesRegex(mo.CatalogError, "^here.mo: "):
                mo.read_catalog(data, "here.mo")


class Accelerators(unittest.TestCase):
    GTK = [("_File", "_Datei"), ("E_xit", "_Beenden"), ("Save _as", "Speichern _unter"), ("unknown foo_bar", "unbekanntes foo_bar")]

    def clean(self, catalog, source, target):
        return accelerators.remove_marks(source, target, accelerators.marks_of(catalog + [(source, target)]))

    def test_marks_go_on_both_sides(self):
        self.assertEqual(self.clean(self.GTK, "_File", "_Datei"), ("File", "Datei"))
        self.assertEqual(self.clean(self.GTK, "E_xit", "_Beenden"), ("Exit", "Beenden"))
        self.assertEqual(self.clean([("&File", "&Datei"), ("E&xit", "&Beenden")], "Find && &Replace", "Suchen && &Ersetzen"),
                         ("Find & Replace", "Suchen & Ersetzen"))
        self.assertEqual(self.clean([("~Help", "~Hilfe"), ("Ima~ge", "~Bild")], "~Edit", "Bea~rbeiten"), ("Edit", "Bearbeiten"))

    def test_letters_in_parentheses_go(self):
        self.assertEqual(self.clean([("_File", "文件(_F)"), ("_Edit", "编辑(_E)")], "_View...", "查看(_V)..."), ("View...", "查看..."))

    def test_identifiers_entities_and_paths_stay(self):
        for pair in (("unknown foo_bar", "unbekanntes foo_bar"), ("a &amp; b", "a &amp; b"), ("~/x is new", "~/x ist neu")):
            self.assertEqual(self.clean(self.GTK + [("&A", "&B"), ("&C", "&D"), ("~A", "~B"), ("~C", "~D")], *pair), pair)

    def test_catalogs_that_use_no_marks_are_left_alone(self):
        catalog = [("set foo_bar", "foo_bar setzen"), ("_id and x", "_id und x"), ("a_b c", "c a_b")]
        self.assertEqual(accelerators.marks_of(catalog), [])
        self.assertEqual(self.clean(catalog, "_id is wrong", "_id ist falsch"), ("_id is wrong", "_id ist falsch"))

    def test_unclear_marks_give_nothing(self):
        self.assertIsNone(self.clean(self.GTK, "Con_tinue", "Weiter"))


class Segments(unittest.TestCase):
    def test_lines_are_paired_where_both_sides_have_them(self):
        self.assertEqual(segments.segments("No file.\nTry again.", "Keine Datei.\nNoch einmal versuchen."),
                         [("No file.", "Keine Datei."), ("Try again.", "Noch einmal versuchen.")])
        self.assertIsNone(segments.segments("One.\n\nTwo.\n\nThree.", "Eins. Zwei.\n\nDrei."))

    def test_wrapped_paragraphs_are_joined_and_split_into_sentences(self):
        source = "The file that you wanted to open is not there\nany more.  Somebody else has removed it in the meantime,\nor it never was."
        target = "Die Datei, die Sie öffnen wollten, ist nicht mehr da. Jemand hat\nsie inzwischen gelöscht, oder sie war nie da."
        self.assertEqual(segments.segments(source, target), [
            ("The file that you wanted to open is not there any more.", "Die Datei, die Sie öffnen wollten, ist nicht mehr da."),
            ("Somebody else has removed it in the meantime, or it never was.", "Jemand hat sie inzwischen gelöscht, oder sie war nie da.")])

    def test_tables_of_options_are_paired_by_column(self):
        source = "  -a, --all     show all files\n  -q, --quiet   say nothing and\n                  do nothing\n"
        target = "  -a, --all     alle Dateien zeigen\n  -q, --quiet   nichts sagen und nichts tun\n"
        self.assertEqual(segments.segments(source, target), [
            ("-a, --all", "-a, --all"), ("show all files", "alle Dateien zeigen"),
            ("-q, --quiet", "-q, --quiet"), ("say nothing and do nothing", "nichts sagen und nichts tun")])

    def test_markup_for_paragraphs_separates(self):
        self.assertEqual(segments.segments("<p>One <b>thing</b>.</p><p>Two.</p>", "<p>Ein <b>Ding</b>.</p><p>Zwei.</p>"),
                         [("One <b>thing</b>.", "Ein <b>Ding</b>."), ("Two.", "Zwei.")])

    def test_abbreviations_end_no_sentence(self):
        self.assertEqual(segments.split_sentences("Use a name, e.g. Anna. Then go on."), ["Use a name, e.g. Anna.", "Then go on."])
        self.assertEqual(segments.split_sentences("Am 5. Mai kam er. Wer?"), ["Am 5. Mai kam er.", "Wer?"])

    def test_contexts_of_old_catalogs_go(self):
        self.assertEqual(segments.segments("verb|Open", "Öffnen"), [("Open", "Öffnen")])


class Tool(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name)

    def make_deb(self, name, files):
        tree = self.path / f"tree-{name}"
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / "DEBIAN/control").write_text(f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b.c>\nDescription: test\n")
        for file, data in files.items():
            (tree / file).parent.mkdir(parents=True, exist_ok=True)
            (tree / file).write_bytes(data)
        deb = self.path / f"{name}_1_all.deb"
        subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, deb], check=True, capture_output=True)
        return deb

    def run_tool(self, *arguments, **environment):
        return subprocess.run([sys.executable, TOOL, *map(str, arguments)], capture_output=True, text=True,
                              env={**os.environ, **environment})

    def make_corpus(self, *arguments, name="out"):
        done = self.run_tool("--output", self.path / name, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        files = {file.name: file.read_text(encoding="utf-8").splitlines() for file in (self.path / name).iterdir()}
        return files, done

    def pairs_of(self, messages, *arguments, lines=800, **options):
        """All pairs of the corpus that is made of the messages and of a body of so many lines."""
        deb = self.make_deb("one", {"usr/share/locale/de/LC_MESSAGES/one.mo": make_mo({**body_of(lines), **messages}, **options)})
        files, done = self.make_corpus("de", "--from-deb", deb, *arguments)
        pairs = [pair for part in ("train", "valid", "test") for pair in zip(files[part + ".en"], files[part + ".de"])]
        return pairs, done.stdout

    def test_messages_become_pairs(self):
        pairs, _ = self.pairs_of({
            "menu\4_Open the file": "Datei ö_ffnen", "button\4Open the file": "Datei öffnen", "_Save now": "Jetzt _speichern",
            "%d little house\0%d little houses": ["%d kleines Haus", "%d kleine Häuser"],
            "The option max_size is too large": "Die Option max_size ist zu groß",
            "No such <b>thing</b> in %s": "Kein solches <b>Ding</b> in %s"})
        self.assertEqual(len(pairs), len(set(pairs)))
        found = set(pairs)
        for expected in (("Open the file", "Datei öffnen"), ("Save now", "Jetzt speichern"), ("%d little house", "%d kleines Haus"),
                         ("%d little houses", "%d kleine Häuser"), ("The option max_size is too large", "Die Option max_size ist zu groß"),
                         ("No such <b>thing</b> in %s", "Kein solches <b>Ding</b> in %s")):
            self.assertTrue(expected in found, expected)

    def test_bad_pairs_are_dropped_and_counted(self):
        bad = {
            "untranslated": {"The great library": "The great library", "Another name": "Another name."},
            "wrong language": {"A new way to see the garden": "The teacher sees a book and the children in the garden of the king"},
            "placeholders differ": {"The man in %s is old": "Der Mann ist alt"},
            "markup differs": {"The <b>old</b> man sleeps": "Der alte Mann schläft"},
            "absurd length ratio": {"Sleep well": "Der alte Mann und die Frau schlafen im Garten neben dem Haus hinter der Kirche in der großen Stadt"},
            "one side empty": {"Nothing to say": ""},
            "no words": {"%d: %s": "%d - %s"},
            "laid out differently": {"One.\n\nTwo.": "Eins und zwei."},
            "translators' names": {"translator-credits": "Anna Schmidt"},
            "control characters": {"Ring the bell\7": "Die Glocke läuten\7"},
            "too long": {"man " * 90: "Mann " * 90},
        }
        pairs, report = self.pairs_of({source: target for group in bad.values() for source, target in group.items()})
        for reason, messages in bad.items():
            for source in messages:
                self.assertFalse(any(source.strip() in pair[0] for pair in pairs), source)
            self.assertRegex(report, rf"(?m)dropped: {re.escape(reason)} +{len(messages)}$")

    def test_targets_of_the_same_source_are_limited(self):
        messages = {f"{context}\4The same sentence": f"Der gleiche Satz in {word}" for context, word in
                    zip("abcd", ("Rot", "Blau", "Grün", "Weiß"))}
        for most in (1, 3):
            with self.subTest(most=most):
                self.setUp()
                pairs, _ = self.pairs_of(messages, "--max-targets", most, "--valid", 0, "--test", 0, lines=100)
                self.assertEqual(sum(source == "The same sentence" for source, _ in pairs), most)

    def test_parts_share_no_source(self):
        twins = {f"{source[:-1]}!": target for source, target in list(body_of(800).items())[:400]}
        deb = self.make_deb("one", {"usr/share/locale/de/LC_MESSAGES/one.mo": make_mo({**body_of(800), **twins})})
        files, _ = self.make_corpus("de", "--from-deb", deb, "--valid", "30", "--test", "40")
        self.assertEqual((len(files["valid.en"]), len(files["test.de"])), (30, 40))
        keys = {part: {split.key_of(line) for line in files[part + ".en"]} for part in ("train", "valid", "test")}
        self.assertFalse(keys["train"] & keys["valid"] or keys["train"] & keys["test"] or keys["valid"] & keys["test"])
        for line in files["test.en"]:
            self.assertGreaterEqual(len(line.split()), 4)

    def test_same_packages_same_corpus(self):
        mos = [make_mo(body_of(300, seed=seed)) for seed in (1, 2)]
        debs = [self.make_deb(f"p{i}", {f"usr/share/locale/de/LC_MESSAGES/p{i}.mo": data}) for i, data in enumerate(mos)]
        one, _ = self.make_corpus("de", "--from-deb", *debs, "--jobs", 1, name="a")
        two, _ = self.make_corpus("de", "--from-deb", *reversed(debs), "--jobs", 2, name="b")
        self.assertEqual(one, two)

    def test_places_of_catalogs_and_regional_variants(self):
        files = {"usr/share/locale-langpack/de/LC_MESSAGES/a.mo": make_mo({**body_of(100), "The first house": "Das erste Haus"}),
                 "usr/lib/x/resource/de_DE/LC_MESSAGES/b.mo": make_mo({"The second house": "Das zweite Haus"}),
                 "usr/share/locale/de_AT/LC_MESSAGES/c.mo": make_mo({"The third house": "Das dritte Haus"})}
        deb = self.make_deb("one", files)
        made, _ = self.make_corpus("de", "--from-deb", deb, "--valid", 0, "--test", 0, name="a")
        self.assertIn("Das erste Haus", made["train.de"])
        self.assertIn("Das zweite Haus", made["train.de"])
        self.assertNotIn("Das dritte Haus", made["train.de"])
        made, _ = self.make_corpus("de_AT", "--from-dir", self.path / "tree-one", "--valid", 0, "--test", 0, name="b")
        self.assertEqual(made["train.de_AT"], ["Das dritte Haus"])

    def test_another_source_language(self):
        english = {source: (source, target) for source, target in body_of(200).items()}
        spanish = body_of(200, "en", "es")
        tree = self.path / "tree/share/locale"
        for language, messages in (("de", body_of(200)), ("es", spanish)):
            folder = tree / language / "LC_MESSAGES"
            folder.mkdir(parents=True)
            forms = {"de": ["%d kleines Haus", "%d kleine Häuser"], "es": ["%d casa pequeña", "%d casas pequeñas"]}[language]
            (folder / "x.mo").write_bytes(make_mo({**messages, "%d little house\0%d little houses": forms}))
        made, _ = self.make_corpus("de", "--source", "es", "--from-dir", self.path / "tree", "--valid", 0, "--test", 0)
        pairs = list(zip(made["train.es"], made["train.de"]))
        self.assertIn(("%d casa pequeña", "%d kleines Haus"), pairs)
        self.assertIn(("%d casas pequeñas", "%d kleine Häuser"), pairs)
        self.assertTrue(all((spanish[source], target) in pairs for source, (_, target) in english.items()))

    def test_what_cannot_be_read_is_named(self):
        good = make_mo(body_of(50))
        deb = self.make_deb("one", {"usr/share/locale/de/LC_MESSAGES/bad.mo": good[:300], "usr/share/locale/de/LC_MESSAGES/good.mo": good})
        _, done = self.make_corpus("de", "--from-deb", deb)
        self.assertIn("de/bad.mo", done.stderr)
        for arguments, expected in ((("xx", "--from-deb", deb), "from en into xx"), (("de", "--from-deb", self.path / "no.deb"), "no.deb"),
                                    (("de", "--from-dir", self.path / "no"), "no does not exist"), (("en",), "both en"),
                                    (("de", "--packages", self.path / "no.txt"), "no.txt"), (("de", "--max-words", 0), "--max-words")):
            done = self.run_tool(*arguments, "--output", self.path / "x")
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(expected, done.stderr)
            self.assertNotIn("Traceback", done.stderr)
        (self.path / "broken.deb").write_bytes(b"not a package")
        done = self.run_tool("de", "--from-deb", self.path / "broken.deb", "--output", self.path / "x")
        self.assertIn("broken.deb", done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def test_package_lists(self):
        path = self.path / "list"
        path.write_text("# comment\n\nlibreoffice-l10n-{lang}\niso-codes max=20   # few\n")
        self.assertEqual(packages.read_package_list(path, "pt_BR"), [("libreoffice-l10n-pt-br", 0), ("iso-codes", 20)])
        for bad in ("coreutils most=3\n", "Coreutils\n", "../x\n", "-o=x\n"):
            path.write_text("dpkg\n" + bad)
            with self.assertRaisesRegex(packages.PackageError, "list line 2: "):
                packages.read_package_list(path, "de")

    def fake_apt(self, known, refuse=""):
        """A folder with an apt-cache that knows some packages, and an apt-get that copies them."""
        folder = self.path / "bin"
        folder.mkdir()
        (folder / "apt-cache").write_text("#!/bin/sh\n" + "".join(f"echo {name}\n" for name in known))
        (folder / "apt-get").write_text(f"""#!/bin/sh
echo "$@" >> {self.path}/asked
while [ "$1" != download ]; do shift; done; shift
for p; do [ "$p" = "{refuse}" ] && {{ echo "E: no $p" >&2; exit 100; }}; done
for p; do cp {self.path}/$p*.deb .; done
""")
        for file in folder.iterdir():
            file.chmod(0o755)
        return {"PATH": f"{folder}:{os.environ['PATH']}"}

    def test_packages_are_downloaded_once(self):
        for name in ("one", "two"):
            self.make_deb(name, {f"usr/share/locale/de/LC_MESSAGES/{name}.mo": make_mo(body_of(60, seed=len(name) + ord(name[0])))})
        (self.path / "list").write_text("one\nlost\nno-{lang}\ntwo max=10\n")
        environment = self.fake_apt(("one", "two", "lost"), refuse="lost")
        arguments = ("de", "--packages", self.path / "list", "--cache", self.path / "cache", "--valid", 0, "--test", 0)
        first = self.run_tool(*arguments, "--output", self.path / "a", **environment)
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertIn("left out: no-de", first.stderr)
        self.assertIn("cannot download lost: E: no lost", first.stderr)
        self.assertEqual(len((self.path / "a/train.en").read_text().splitlines()), 70)
        (self.path / "list").write_text("one\ntwo max=10\n")
        (self.path / "asked").unlink()
        again = self.run_tool(*arguments, "--output", self.path / "b", **environment)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertFalse((self.path / "asked").exists())
        self.assertEqual((self.path / "a/train.de").read_text(), (self.path / "b/train.de").read_text())

    def test_missing_lists_of_packages_are_explained(self):
        (self.path / "list").write_text("one\n")
        done = self.run_tool("de", "--packages", self.path / "list", "--cache", self.path / "cache", "--output", self.path / "a",
                             **self.fake_apt(()))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("apt-get update", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
