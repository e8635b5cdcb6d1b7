from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.reading.call_tests import call_tests
from curator.reading.problems import ReadOptions, problems, scan
from curator.reading.rows import BadRows
from schemas.problem import Problem

PLAIN = ReadOptions()
METHOD = "class Solution:\n    def pick(self, row: List[int]) -> {}:\n        "


def jsonl(folder: Path, *table: dict[str, Any]) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table), encoding="utf-8")
    return path


def only(folder: Path, **row: Any) -> Problem:
    (problem,) = problems(jsonl(folder, row), PLAIN)
    return problem


def complaint(folder: Path, **row: Any) -> str:
    with pytest.raises(BadRows) as caught:
        scan(jsonl(folder, row), PLAIN)
    return caught.value.message


def apps(inputs: list[Any], outputs: list[Any], **row: Any) -> dict[str, Any]:
    name = {"fn_name": row.pop("fn_name")} if "fn_name" in row else {}
    return {"question": "Add.", "input_output": {"inputs": inputs, "outputs": outputs, **name}, **row}


def called(folder: Path, inputs: list[Any], outputs: list[Any], starter: str) -> list[tuple[Any, Any]]:
    problem = only(folder, **apps(inputs, outputs, fn_name="pick", starter_code=starter))
    assert problem.tests is not None
    return [(case["args"], case["expected"]) for case in problem.tests["cases"]]


def prime(*cases: dict[str, Any], **row: Any) -> dict[str, Any]:
    info = {"language": row.pop("language", "python"), "test_cases": list(cases)}
    return {"prompt": "Add.", "verification_info": json.dumps(info), **row}


def test_an_apps_row_of_a_program(tmp_path: Path) -> None:
    """Inputs and outputs are stdin tests, the first solution is the answer, and metadata is kept."""
    row = apps(["1 2\n"], ["3\n"], solutions='["print(3)", "print(4)"]', starter_code="", problem_id=7)
    problem = only(tmp_path, **row, difficulty="introductory", url="https://example.org/7")
    assert (problem.id, problem.domain, problem.prompt, problem.answer) == ("7", "code", "Add.", "print(3)")
    assert problem.tests == {"type": "stdin", "cases": [{"input": "1 2\n", "output": "3\n"}]}
    assert problem.meta == {"difficulty": "introductory", "url": "https://example.org/7"}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.text("ab 1\n", max_size=5), min_size=1), min_size=1, max_size=4), st.booleans())
def test_lines_and_json_text_are_the_same_tests(lines: list[list[str]], as_text: bool) -> None:
    """A list of lines is the text of those lines, and an object is what its JSON text says."""
    listed, joined = apps(lines, lines), apps(["\n".join(one) for one in lines], ["\n".join(one) for one in lines])
    if as_text:
        listed["input_output"] = json.dumps(listed["input_output"])
    with tempfile.TemporaryDirectory() as folder:
        assert only(Path(folder), **listed).tests == only(Path(folder), **joined).tests


@pytest.mark.parametrize(
    ("output", "tolerant"), [("0.5\n", True), ("YES -1.25e3", True), ("12\n", False), ("1.2.3 v1.5", False)]
)
def test_printed_fractions_get_a_tolerance(tmp_path: Path, output: str, tolerant: bool) -> None:
    """The datasets' runners compare numbers nearly; whole numbers and version numbers stay exact."""
    tests = only(tmp_path, **apps(["1"], [output])).tests
    assert tests is not None
    assert tests.get("checker") == ({"type": "float_tokens", "abs": 1e-6, "rel": 1e-6} if tolerant else None)


def test_a_function_s_name_is_in_the_prompt(tmp_path: Path) -> None:
    """The starter code is shown, or else a signature with as many arguments as the tests give."""
    row = apps([[1, [2]]], [[3]], fn_name="pick")
    shown = only(tmp_path, **row, starter_code="def pick(a, b):\n\t")
    assert shown.prompt == "Add.\n\n```python\ndef pick(a, b):\n```"
    assert "```python\ndef pick(arg1, arg2):\n```" in only(tmp_path, **row, starter_code="").prompt


def test_a_method_is_known_by_its_class(tmp_path: Path) -> None:
    """`class Solution` in the starter code, or else in the solution, makes a method; a plain def a function."""
    styles = [
        only(tmp_path, **apps([[1]], [1], fn_name="pick", **code)).tests
        for code in (
            {"starter_code": METHOD.format("int")},
            {"starter_code": "", "solutions": ["class Solution:\n    def pick(self, x): return x"]},
            {"starter_code": "def pick(x):", "solutions": ["class Solution: pass"]},
        )
    ]
    assert [tests and tests["call_style"] for tests in styles] == ["method", "method", "function"]


@pytest.mark.parametrize(
    ("outputs", "starter", "expected"),
    [
        ([[5], [7]], "def pick(x):", [5, 7]),
        ([[[1, 2]], [[]]], "def pick(x):", [[1, 2], []]),
        ([5, 7], METHOD.format("int"), [5, 7]),
        ([[5], [7]], METHOD.format("int"), [5, 7]),
        ([[5], [7]], METHOD.format("List[int]"), [[5], [7]]),
        ([[[5]], [[7, 8]]], METHOD.format("List[int]"), [[5], [7, 8]]),
        ([[[5]], [[7]]], METHOD.format("list[list[int]]"), [[[5]], [[7]]]),
        ([[1, 2], [3]], "def pick(x):", [[1, 2], [3]]),
        ([[], [3]], "def pick(x):", [[], [3]]),
    ],
)
def test_outputs_in_a_list_of_one(tmp_path: Path, outputs: list[Any], starter: str, expected: list[Any]) -> None:
    """All outputs of a problem are wrapped, or none; the annotation decides where both could be."""
    found = called(tmp_path, [[0]] * len(outputs), outputs, starter)
    assert [wanted for _, wanted in found] == expected


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.recursive(st.integers() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=3)), min_size=1)
)
def test_wrapping_is_undone_whatever_was_wrapped(values: list[Any]) -> None:
    """Values that were all wrapped come back as they were."""
    tests = call_tests("pick", [([0], [value]) for value in values], "def pick(x):")
    assert [case["expected"] for case in tests["cases"]] == values


def test_numbers_beyond_64_bits_are_exact(tmp_path: Path) -> None:
    """Big integers pass through; one too long to be read is a fault of its row, not of the command."""
    assert called(tmp_path, [[2**200]], [[2**201]], "def pick(x):") == [([2**200], 2**201)]
    long = '{"inputs": [[1]], "outputs": [[%s]], "fn_name": "pick"}' % ("9" * 5000)
    assert "input_output is not JSON: Exceeds the limit" in complaint(tmp_path, question="q", input_output=long)


@pytest.mark.parametrize(
    ("given_tests", "text"),
    [
        ("", "no tests: input_output is empty"),
        ("{}", "no tests: input_output is empty"),
        (None, "no tests: input_output is empty"),
        ('{"inputs": [], "outputs": []}', "no tests: input_output is empty"),
        ('{"inputs": ["1"], "outputs": []}', "input_output has 1 inputs, but 0 outputs"),
        ('{"inputs": "1"}', "input_output must hold the lists inputs and outputs"),
        ('{"inputs": [1], "outputs": [1], "fn_name": "f"}', "the arguments of a call must be a list, not a number"),
        ('{"inputs": ["x"], "outputs": ["1"], "fn_name": "f"}', "an argument or output of a call is not JSON"),
        ("[1]", "input_output must be an object"),
        ("[" * 100_000, "input_output is not JSON: nested too deeply"),
    ],
)
def test_rows_without_usable_tests_are_named(tmp_path: Path, given_tests: Any, text: str) -> None:
    """Such rows are common in TACO; each is told with its line, and `--skip-bad` goes on."""
    message = complaint(tmp_path, question="q", input_output=given_tests, solutions="", starter_code="")
    assert message.startswith(f"rows.jsonl:1: {text}")


@pytest.mark.parametrize("solutions", [None, "", "[]", [], [""], '[" "]'])
def test_no_reference_solution_is_no_answer(tmp_path: Path, solutions: Any) -> None:
    """A problem without a reference solution is still a problem."""
    assert only(tmp_path, **apps(["1"], ["1"], solutions=solutions)).answer is None


def test_a_humaneval_row(tmp_path: Path) -> None:
    """The test calls `check` with the entry point, and the reference is the completed prompt."""
    code = "def check(candidate):\n    assert candidate() == 1\n"
    row = {"prompt": "def one():\n", "canonical_solution": "    return 1\n", "test": code, "entry_point": "one"}
    problem = only(tmp_path, **row, task_id="HumanEval/999")
    assert (problem.id, problem.prompt, problem.answer) == (
        "HumanEval/999",
        "def one():\n",
        "def one():\n    return 1\n",
    )
    assert problem.tests == {"type": "assert", "setup": "", "code": f"{code}\ncheck(one)\n", "entry_point": "one"}
    again = only(tmp_path, **{**row, "test": f"{code}\ncheck(one)"})
    assert again.tests is not None and again.tests["code"].count("check(one)") == 1
    assert "no tests: test is empty" in complaint(tmp_path, **{**row, "test": ""})


def test_what_a_humaneval_prompt_brings_an_answer_may_count_on(tmp_path: Path) -> None:
    """Its imports and helpers stand before the program, as where prompt and completion are run together."""
    prompt = 'from typing import List\n\ndef half(x):\n    return x / 2\n\ndef f(x: List[int]):\n    """Halve all."""\n'
    row = {"prompt": prompt, "canonical_solution": "    return [*map(half, x)]\n", "entry_point": "f"}
    problem = only(
        tmp_path, **row, test="def check(candidate):\n    assert candidate([2]) == [1]\n", task_id="HumanEval/998"
    )
    assert problem.tests is not None
    assert problem.tests["prelude"] == "from typing import List\ndef half(x):\n    return x / 2"


def test_an_apps_function_may_name_types(tmp_path: Path) -> None:
    """As its dataset's own runner lets it."""
    problem = only(tmp_path, **apps([[[1]]], [[1]], fn_name="f", starter_code="def f(a: List[int]):\n"))
    assert problem.tests is not None
    assert problem.tests["prelude"] == "from typing import *\n"


def test_an_mbpp_row(tmp_path: Path) -> None:
    """The tests are shown, so that the name can be known, and joined; the setup goes before them."""
    row = {"text": "Double x.", "code": "def twice(x):\n    return 2 * x", "task_id": 2}
    asserts = ["assert set(twice(2)) == {4}", "assert twice(3) == 6"]
    problem = only(tmp_path, **row, test_list=asserts, test_setup_code="import math", challenge_test_list=[])
    shown = "\n".join(asserts)
    assert problem.prompt == f"Double x.\n\nThe program must pass these tests:\n\n```python\n{shown}\n```"
    assert problem.tests == {
        "type": "assert", "setup": "import math", "code": "\n".join(asserts) + "\n", "entry_point": "twice",
    }  # fmt: skip
    assert (problem.id, problem.answer) == ("2", row["code"])
    assert "no tests: test_list is empty" in complaint(tmp_path, **row, test_list=[])


def test_mbpp_sanitised_plus_and_chinese(tmp_path: Path) -> None:
    """The other two layouts have prompt and imports, the larger one a test program; a Chinese task stays Chinese."""
    row = {"prompt": "把 x 加倍。", "code": "def twice(x): return 2 * x", "test_list": ["assert twice(2) == 4"]}
    plain = only(tmp_path, **row, test_imports=["import math", "import re"])
    assert plain.language == "zh" and "程序必须通过这些测试：" in plain.prompt
    assert plain.tests is not None and plain.tests["setup"] == "import math\nimport re"
    larger = only(tmp_path, **row, test_imports=[], test="assert twice(2) == 4\nassert twice(9) == 18\n")
    assert larger.tests is not None and "twice(9)" in larger.tests["code"]


@pytest.mark.parametrize(
    ("line", "passes"),
    [
        ("assert np.allclose([1.0, (2,)], [1.0000001, [2.0]])", True),
        ("assert np.allclose(1.0, 1.1, rtol=1e-07, atol=1e-6)", False),
        ("assert np.allclose([1.0, 1.0], 1.0)", False),
        ("assert np.allclose(5.0, float('inf'))", False),
        ("np.testing.assert_allclose(float('inf'), float('inf'), atol=1e-6)", True),
        ("np.testing.assert_allclose('1', 1.0, atol=1e-6)", False),
        ("assert not isinstance([1.0], np.ndarray) and np.float64 is not None", True),
    ],
)
def test_humaneval_plus_brings_what_it_needs_of_numpy(tmp_path: Path, line: str, passes: bool) -> None:
    """Its tests run on the standard library, and compare floats as numpy would."""
    row = {"prompt": "def f():\n", "canonical_solution": "    return 1\n", "entry_point": "f"}
    tests = only(tmp_path, **row, test=f"import numpy as np\n\ndef check(candidate):\n    {line}\n").tests
    assert tests is not None
    program = f"{tests['setup']}\n{row['prompt']}{row['canonical_solution']}\n{tests['code']}"
    ended = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode == 0) is passes, ended.stderr


def test_tests_that_need_more_of_numpy_are_left_alone(tmp_path: Path) -> None:
    """Nothing pretends to be a library that it is not."""
    row = {"text": "t", "code": "", "test_list": ["assert f() == 1"]}
    tests = only(tmp_path, **row, test="import numpy as np\nassert np.linalg.norm(f()) == 1").tests
    assert tests is not None and tests["setup"] == ""


@pytest.mark.parametrize(
    ("line", "code", "name"),
    [
        ("assert abs(area(2) - 3.14) < 0.01", "def helper(): pass\ndef area(r): return r", "area"),
        ("assert math.isclose(area(2), 3.14)", "", "area"),
        ("assert (area(Pair(1, 2)))==3", "class Pair: pass\ndef area(p): return 3", "area"),
        ("assert sorted([2, 1]) == [1, 2]", "", None),
    ],
)
def test_which_function_an_assert_tests(tmp_path: Path, line: str, code: str, name: str | None) -> None:
    """The outermost call of what the reference defines, else of what is no builtin."""
    tests = only(tmp_path, text="t", code=code, test_list=[line]).tests
    assert tests is not None and tests.get("entry_point") == name


def test_primeintellect_programs_and_functions(tmp_path: Path) -> None:
    """Its cases are APPS's in another layout, its solution comes in a code block."""
    program = prime({"type": "stdin_stdout", "input": "1\n", "output": "2\n"}, problem_id="vcp_1")
    problem = only(tmp_path, **program, gold_standard_solution="So:\n```python\nprint(2)\n```")
    assert (problem.id, problem.answer) == ("vcp_1", "print(2)")
    assert problem.tests == {"type": "stdin", "cases": [{"input": "1\n", "output": "2\n"}]}
    function = prime({"type": "function_call", "fn_name": "inc", "input": [1], "output": [2]}, language="Python")
    assert only(tmp_path, **function).tests == {
        "type": "call", "fn_name": "inc", "call_style": "function", "cases": [{"args": [1], "expected": 2}],
    }  # fmt: skip


def test_arguments_as_one_json_value_a_line(tmp_path: Path) -> None:
    """Where the arguments are text, each line is one, and the output is JSON text too."""
    row = prime({"fn_name": "pick", "input": '[1, 2]\n"ab"', "output": "[1]"})
    tests = only(tmp_path, **row).tests
    assert tests is not None and tests["cases"] == [{"args": [[1, 2], "ab"], "expected": [1]}]


def test_primeintellect_tasks_that_are_no_code(tmp_path: Path) -> None:
    """A ground truth is a gold answer; a task for a judge has none, and keeps its model answer in meta."""
    row = {"prompt": "1 + 1 = ?", "gold_standard_solution": "It is 2."}
    math = only(tmp_path, **row, verification_info='{"ground_truth": "2"}', task_type="verifiable_math")
    assert (math.domain, math.answer, math.tests) == ("math", "2", None)
    judged = only(tmp_path, **row, verification_info="{}", task_type="llm_judgeable_groundtruth_similarity")
    assert (judged.domain, judged.answer, judged.meta["gold_standard_solution"]) == ("general", None, "It is 2.")


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (prime({"input": "", "output": ""}, language="rust"), "its tests are for rust"),
        (prime(), "no tests: verification_info.test_cases is empty"),
        ({"prompt": "p", "verification_info": "", "task_type": "verifiable_code"}, "no tests"),
        (prime({"type": "function_call", "input": [1], "output": 1}), "must all call one function"),
        (prime({"fn_name": "f", "input": [1], "output": 1}, {"input": "", "output": ""}), "must all call one function"),
        ({"prompt": "p", "verification_info": "[1]"}, "verification_info must be an object"),
    ],
)
def test_primeintellect_rows_that_cannot_be_judged(tmp_path: Path, row: dict[str, Any], text: str) -> None:
    """Other languages, and cases that contradict each other, are faults of the row."""
    assert text in complaint(tmp_path, **row)
