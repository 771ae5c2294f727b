#!/usr/bin/env python3
"""The Python safetensors package reads what we write, and we read what it writes.

Takes the path of the program; format_tests lies beside it. Exits with 77 (skipped) if the package is neither installed
nor can be fetched into a virtual environment beside the program.
"""
import os
import subprocess
import sys
import tempfile

SKIPPED = 77


def have_package(python):
    return subprocess.run([python, "-c", "import numpy, safetensors.numpy"], capture_output=True).returncode == 0


def python_with_package(build):
    """A Python that has numpy and safetensors, or None."""
    if have_package(sys.executable):
        return sys.executable
    venv = os.path.join(build, "python-safetensors")
    python = os.path.join(venv, "bin", "python")
    if not os.path.exists(python) and subprocess.run([sys.executable, "-m", "venv", venv]).returncode != 0:
        return None
    if not have_package(python):
        subprocess.run([python, "-m", "pip", "install", "--quiet", "numpy", "safetensors"])
    return python if have_package(python) else None


def run_half(build, name, variable, path):
    environment = dict(os.environ, **{variable: path})
    command = [os.path.join(build, "format_tests"), f"--gtest_filter=SafetensorsExchange.{name}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and "SKIPPED" not in done.stdout, done.stdout + done.stderr


def exchange(build):
    import numpy
    from safetensors import safe_open
    from safetensors.numpy import load_file, save_file

    with tempfile.TemporaryDirectory() as folder:
        ours = os.path.join(folder, "ours.safetensors")
        run_half(build, "WritesASampleForThePythonPackage", "DRAGOMAN_SAFETENSORS_SAMPLE", ours)
        tensors = load_file(ours)
        assert sorted(tensors) == ["encoder.small", "nothing", "number", "ramp"], sorted(tensors)
        ramp = numpy.arange(-3, 21, dtype=numpy.float32).reshape(2, 3, 4)
        assert tensors["ramp"].dtype == numpy.float32 and (tensors["ramp"] == ramp).all(), tensors["ramp"]
        assert tensors["encoder.small"].dtype == numpy.int8
        assert tensors["encoder.small"].tolist() == [[-128], [0], [127]]
        assert tensors["number"].shape == () and tensors["number"] == -3
        assert tensors["nothing"].shape == (0, 7)
        with safe_open(ours, framework="numpy") as file:
            assert file.metadata() == {"producer": "dragoman", "text": "Grüße\n"}, file.metadata()

        foreign = os.path.join(folder, "foreign.safetensors")
        save_file(
            {
                "single": numpy.array([[0.5, -1], [2, 1e-20]], dtype=numpy.float32),
                "double": numpy.array([1, 2, 3], dtype=numpy.float64),
                "half": numpy.array([0.25, -65504], dtype=numpy.float16),
                "bytes": numpy.array([1, 2, 3], dtype=numpy.uint8),
                "truth": numpy.array([True, False]),
                "long": numpy.array([-(2**62)], dtype=numpy.int64),
            },
            foreign,
            metadata={"by": "python"},
        )
        run_half(build, "ReadsWhatThePythonPackageWrote", "DRAGOMAN_SAFETENSORS_FOREIGN", foreign)
    print("files of either side are read by the other")


def main():
    build = os.path.dirname(os.path.abspath(sys.argv[1]))
    if not os.path.exists(os.path.join(build, "format_tests")):
        print("format_tests is not built beside the program")
        return SKIPPED
    python = python_with_package(build)
    if python is None:
        print("the Python package safetensors is not to be had")
        return SKIPPED
    if python != sys.executable:
        return subprocess.run([python, __file__, sys.argv[1]]).returncode
    exchange(build)
    return 0


if __name__ == "__main__":
    sys.exit(main())
