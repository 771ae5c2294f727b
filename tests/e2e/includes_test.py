#!/usr/bin/env python3
"""tools/check-includes: content with this project, and with none of the rules broken on purpose."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

CMAKE = """
# dragoman_layer(ghost) in a comment is no layer
dragoman_layer(base LINKS spdlog::spdlog)
dragoman_layer(kernels DEPENDS base LINKS DNNL::dnnl)
dragoman_layer(text
               DEPENDS base)
dragoman_layer(train DEPENDS base kernels text)
dragoman_layer(translate DEPENDS base text)
"""


def check(*arguments):
    return subprocess.run([ROOT / "tools/check-includes", *arguments], capture_output=True, text=True)


class Includes(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = Path(self.folder.name)
        self.write("CMakeLists.txt", CMAKE)
        self.write("src/base/log.h", "#include <spdlog/spdlog.h>\n")
        self.write("src/text/clean.cc", '#include "text/clean.h"\n\n#include <vector>\n\n#include "base/log.h"\n#include "dragoman/options.h"\n')
        self.write("src/kernels/dnn_gemm.cc", "#include <dnnl.hpp>\n")
        self.write("src/kernels/table.isa.cc", '#include "kernels/vector.isa.h"\n')
        self.write("src/kernels/vector.isa.h", '#include "kernels/kernels.h"\n#include <cstdint>\n')
        self.write("src/kernels/kernels.h", "#include <cstdint>\n")
        self.write("include/dragoman/options.h", "#include <string>\n")

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def assert_violation(self, place):
        done = check("--root", self.root)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertEqual([line for line in done.stdout.splitlines() if not line.startswith(place)], [])
        self.assertIn(place, done.stdout)

    def test_this_project_keeps_the_rules(self):
        done = check()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_small_project_that_keeps_them(self):
        done = check("--root", self.root)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_layer_above(self):
        self.write("src/text/clean.h", '#pragma once\n#include "train/trainer.h"\n')
        self.assert_violation("src/text/clean.h:2: ")

    def test_a_layer_above_in_angles(self):
        self.write("src/train/trainer.h", "")
        self.write("src/text/clean.h", "#include <train/trainer.h>\n")
        self.assert_violation("src/text/clean.h:1: ")

    def test_a_path_without_layer(self):
        self.write("src/text/clean.h", '#include "split.h"\n')
        self.assert_violation("src/text/clean.h:1: ")

    def test_train_and_translate(self):
        self.write("src/translate/translator.cc", '\n#include "train/trainer.h"\n')
        self.assert_violation("src/translate/translator.cc:2: ")
        self.write("src/translate/translator.cc", "")
        self.write("CMakeLists.txt", CMAKE.replace("translate DEPENDS base text", "translate DEPENDS base text train"))
        self.assert_violation("CMakeLists.txt:8: ")

    def test_a_layer_that_depends_on_a_later_one(self):
        self.write("CMakeLists.txt", CMAKE.replace("kernels DEPENDS base", "kernels DEPENDS base text"))
        self.assert_violation("CMakeLists.txt:4: ")

    def test_a_folder_that_is_no_layer(self):
        self.write("src/ghost/a.cc", "")
        self.assert_violation("src/ghost/a.cc:1: ")

    def test_onednn_outside_its_file(self):
        self.write("src/kernels/gemm.h", "#include <oneapi/dnnl/dnnl.hpp>\n")
        self.assert_violation("src/kernels/gemm.h:1: ")
        self.write("src/kernels/gemm.h", "")
        self.write("src/train/dnn.cc", '#include "dnnl.h"\n')
        self.assert_violation("src/train/dnn.cc:1: ")

    def test_inline_functions_in_kernels(self):
        self.write("src/kernels/kernels.h", "#include <cstdint>\n#include <algorithm>\n")
        self.assert_violation("src/kernels/kernels.h:2: ")

    def test_a_public_header_that_needs_a_library(self):
        self.write("include/dragoman/options.h", "#include <yaml-cpp/yaml.h>\n")
        self.assert_violation("include/dragoman/options.h:1: ")
        self.write("include/dragoman/options.h", '#include "base/log.h"\n')
        self.assert_violation("include/dragoman/options.h:1: ")

    def test_a_folder_that_is_no_project(self):
        done = check("--root", self.root / "src")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("CMakeLists.txt", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
