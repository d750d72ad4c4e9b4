"""The code that the try-it console gives to copy does what it says, as it was copied (snippets.mjs)."""

import os
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest

FOLDER = pathlib.Path(os.environ["LATHE_SNIPPETS"])
LANGUAGES = ["requests", "triton"]


def run(case):
    folder = FOLDER / case
    done = subprocess.run([sys.executable, "snippet.py"], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def numbers(text, output):
    # To the next output, or the end: an array goes over lines.
    shown = re.search(rf"^{output} (\[.*?\])(?=\n[a-zA-Z]|\s*\Z)", text, re.MULTILINE | re.DOTALL)
    assert shown, text
    return [int(each) for each in re.findall(r"-?\d+", shown[1])]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plain_request_is_answered_with_its_values(language):
    text = run(f"plain-{language}")
    assert numbers(text, "OUTPUT0") == list(np.arange(16) * 4)
    assert numbers(text, "OUTPUT1") == list(np.arange(16) * -2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_arm_that_was_chosen_answers(language):
    text = run(f"forced-{language}")
    # Version 2 has its outputs the other way round.
    assert numbers(text, "OUTPUT1") == list(np.arange(32) * 4)
    assert numbers(text, "OUTPUT0") == list(np.arange(32) * -2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_body_is_read_from_its_file(language):
    text = run(f"long-{language}")
    shown = numbers(text, "OUTPUT0")
    assert shown[:3] == [0, 4, 8] and shown[-1] == (300 * 16 - 1) * 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_datatype_goes_in_and_comes_back(language):
    text = run(f"types-{language}")
    for datatype, values in {
        "INT8": [-128, 0, 127],
        "INT64": [-(2**53) + 1, 0, 2**53 - 1],
        "UINT32": [0, 1, 2**32 - 1],
        "UINT64": [0, 1, 2**53 - 1],
    }.items():
        assert numbers(text, f"out_{datatype}") == values
    (flags,) = re.findall(r"^out_BOOL (.*)$", text, re.MULTILINE)
    assert re.findall("True|False", flags) == ["True", "False", "True"]
    for float_type in ("FP32", "FP64"):
        (shown,) = re.findall(rf"^out_{float_type} (.*)$", text, re.MULTILINE)
        assert re.search("None|nan", shown) and "e+30" in shown
    (strings,) = re.findall(r"^out_STRING (.*)$", text, re.MULTILINE)
    # The client gives bytes where JSON gives text.
    assert 'Hare "N"' in strings and ("Zürich" in strings or "Z\\xc3\\xbcrich" in strings)
