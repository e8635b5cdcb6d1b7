"""Which traces stay in the language of their prompt."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Verdict
from verifiers.mixing.asked import asked_languages
from verifiers.mixing.scripts import SCRIPTS
from verifiers.mixing.words import is_everyday, is_technical
from verifiers.run import verify_one
from verifiers.settings import LanguageSettings, VerifierSettings

PROMPTS = {"zh": "求两数之和。", "en": "Find the sum of the two numbers."}
MIXED_ZH = [
    "let me 想一下，先算 3+4。", "所以 the answer 是 42。", "perhaps 可以换个思路。", "然后 simplify 得到 42。",
    "因为 3+4=7，therefore 等于 42。", "先求和。So we multiply by six and get 42.", "我们 need to 求和",
    "NOW WE HAVE THE ANSWER，结束。", "得到结果，но это не так。", "これは簡単です，所以是 42。", "먼저 求和。",
    "先求和。Il faut multiplier la somme par six.", "先求和。Wir haben die Summe mit sechs malgenommen.",
    "先求和。彼は水を得て。", "先求和。Er geht 3 Tage pro Woche.",
    "先求和。Il y a 6 boîtes de crayons.", "设函数为 f，then 求和。",
]  # fmt: skip
TERMS_ZH = [
    "用 DFS 遍历 tree，把每个 node 的 value 存进 hash map，再用 Python 的 sort 排序。",
    "用 for 循环遍历，if 语句判断，满足就 return，否则 while 循环继续。",
    "调用 find 函数，把结果赋给变量 result，最后把 result 返回。",
    "学习率（learning rate）和批次大小（batch size），即 gradient descent。",
    "已知 sin x = 1/2，cos x > 0，取 mod 7，gcd(a,b)=1，lim 与 max。",
    "质量 5 kg，速度 60 km/h，长 3 in，下午 2 pm，He 原子，NaCl 溶液，pH 值。",
    "设 Alice 有 5 个，Bob 有 3 个，在 New York 买的 iPhone。",
    "运行 `pip install something new` 后执行 git clone，再写 SELECT * FROM t WHERE x AND y。",
    "代码：\n```python\n# the quick brown fox\nprint('so we are done')\n```\n完成。",
    "记 $f(x) = 1 \\text{ if } x > 0$，\\(g\\) 同理，α、β、Δx、ℝ、½、①、𝑥。",
    "用 with 块打开文件，except 捕获异常，见 Tour de France 与 @description。",
    "输出 \"yes\" 或 “no”，鲜の味，¯\\_(ツ)_/¯。",
]  # fmt: skip
MIXED_EN = [
    "Wait, 让我想想. The sum is 7.", "So the sum is 7 的.", "Hmm, 그래서 it is 42.", "It is 42, понятно.",
    "It is 42 ですから.", "The sum is 7. Il faut encore multiplier par six pour trouver la réponse. So 42.",
    "The sum is 7. Ahora tenemos que multiplicar la suma por seis. So 42.",
    "The sum is 7. Jetzt müssen wir das noch mit sechs multiplizieren. So 42.",
    "The sum is 7. Er geht jede Woche zweimal. So 42.", "It is 7. Il y a 6 boîtes de crayons. So 42.",
    "First: ¿cuánto cuesta el lápiz? It is 42.", "It is 7. Quanto costa ogni matita? So 42.",
    "It is 7, hij heeft nog zes potloden, so we get 42.", "It is 7. Ile kosztuje każdy ołówek? So 42.",
]  # fmt: skip
NAMES_EN = [
    "By Poincaré, Erdős and Schrödinger, the naïve café résumé is a cliché, à la carte.",
    "Try abc, acb, bac, bca, cab and cba; then foo, bar, baz, qux and xyzzy.",
    "Then ∠ABC = 60°, αβγδ is a word, ΔABC ~ ΔDEF, and µ, Ω, ℵ are symbols.",
    "P(n) = A(n-1) + B(n-2), z = de + la + le, d = un - o.",
    "Quod erat demonstrandum.",
    "It was a coup de grâce, and c'est la vie. Don Quixote de la Mancha knew El Niño, La Niña and Rio de Janeiro.",
    'The letters are [["un","de","la"],["que","les","des"],["und","der","mit"]].',
]


def judged(
    language: str,
    reasoning: str,
    answer: str = "42",
    prompt: str | None = None,
    settings: LanguageSettings | None = None,
) -> Verdict:
    """The verdict on a trace for a prompt of that language."""
    problem = Problem("p", "math", PROMPTS.get(language, "?") if prompt is None else prompt, "42", language=language)
    content = f"<think>\n{reasoning}\n</think>\n<answer>\n{answer}\n</answer>"
    given = Candidate("c", "r", "p", 0, None, content, "inline", "stop", "m")
    return verify_one("language", problem, given, VerifierSettings(language=settings or LanguageSettings()))


def outcome(language: str, reasoning: str, **more: str) -> str:
    """Outcome and reason in two words."""
    verdict = judged(language, reasoning, **more)
    return f"{verdict.outcome} {verdict.reason}"


@pytest.mark.parametrize(
    ("language", "reasoning"),
    [
        ("zh", "先算 3+4=7，再乘以 6，得到 42。"),
        ("en", "First 3 + 4 = 7, then times 6 gives 42. Hmm, that looks right."),
        ("fr", "On calcule d'abord la somme des deux nombres, puis on multiplie par six."),
        ("de", "Zuerst berechnen wir die Summe der beiden Zahlen, dann ist es einfach."),
        ("es", "Primero calculamos la suma de los dos números y luego restamos lo que queda."),
        ("vi", "Đầu tiên chúng ta tính tổng của hai số, sau đó nhân với sáu."),
        ("tr", "Önce iki sayının toplamını buluruz, sonra altı ile çarparız."),
        ("ja", "まず合計を計算します。答えは 42 です。合計金額計算。"),
        ("ko", "먼저 두 수의 합(合)을 구합니다. 답은 42입니다."),
        ("ru", "Сначала найдём сумму двух чисел, затем умножим на шесть."),
        ("ar", "نحسب مجموع العددين أولا ثم نضرب في ستة."),
        ("hi", "पहले हम दो संख्याओं का योग निकालते हैं। उत्तर 42 है।"),
        ("bn", "প্রথমে আমরা দুটি সংখ্যার যোগফল বের করি। উত্তর 42।"),
        ("th", "เราหาผลรวมของสองจำนวนก่อน"),
        ("el", "Πρώτα βρίσκουμε το άθροισμα των δύο αριθμών."),
    ],
)
def test_a_trace_in_its_prompts_language_is_accepted(language: str, reasoning: str) -> None:
    """Shared punctuation, digits and borrowed marks change nothing."""
    assert outcome(language, reasoning) == "accept ok"


@pytest.mark.parametrize("reasoning", MIXED_ZH)
def test_any_ordinary_word_makes_a_chinese_trace_mixed(reasoning: str) -> None:
    """One everyday word is enough, whatever its language."""
    assert outcome("zh", reasoning) == "reject mixed_language"


@pytest.mark.parametrize("reasoning", TERMS_ZH)
def test_terms_and_symbols_belong_to_every_language(reasoning: str) -> None:
    """Code, formulas, identifiers, names, units and technical terms are no other language."""
    assert outcome("zh", reasoning) == "accept ok"


@pytest.mark.parametrize("reasoning", MIXED_EN)
def test_any_other_language_makes_an_english_trace_mixed(reasoning: str) -> None:
    """One character of another script, or one sentence in the same."""
    assert outcome("en", reasoning) == "reject mixed_language"


@pytest.mark.parametrize("reasoning", NAMES_EN)
def test_names_and_letters_are_no_foreign_sentence(reasoning: str) -> None:
    """What could be anything is left alone."""
    assert outcome("en", reasoning) == "accept ok"


@pytest.mark.parametrize(
    ("language", "reasoning"),
    [
        ("zh", "Okay, let me see. The sum is seven and times six it is forty-two."),
        ("en", "先算 3+4=7，再乘以 6，得到 42。"),
        ("fr", "First we take the sum of the two numbers, then we multiply it by six."),
        ("en", "Le chat mange. Il dort bien. Nous allons voir. Oui, je pense. Donc la réponse est deux."),
        ("es", "Prima calcoliamo la somma dei due numeri e poi la moltiplichiamo per sei."),
        ("ja", "我们先求这两个数的和，然后再乘以六。"),
        ("ko", "So the answer is forty-two."),
        ("ru", "Спочатку знайдемо суму двох чисел, а потім помножимо її на шість."),
    ],
)
def test_reasoning_wholly_in_another_language_is_mixed(language: str, reasoning: str) -> None:
    """The prompt's language is what counts, not the trace's own purity."""
    assert outcome(language, reasoning) == "reject mixed_language"


def test_words_of_the_problem_may_be_repeated() -> None:
    """A trace may quote what it was asked."""
    prompt = "“the quick answer” 里有几个单词？"
    assert outcome("zh", "the、quick、answer，一共三个。", prompt=prompt) == "accept ok"
    assert outcome("en", "The sign 明 joins two others.", prompt="What does 明 mean?") == "accept ok"


def test_a_language_that_is_asked_for_is_none_too_many() -> None:
    """A translation is no mixing; a language that nobody asked for still is."""
    assert outcome("zh", "翻译如下", answer="I love you so much.", prompt="请把“我很爱你”译成英文") == "accept ok"
    assert (
        outcome("zh", "翻译如下", answer="Je vous aime et vous le savez.", prompt="请译成英文")
        == "reject mixed_language"
    )
    assert asked_languages("Answer in French or 用日语回答") == {"fr", "ja"}


def test_a_row_that_errs_about_its_own_prompt_rejects_nobody() -> None:
    """A French or Russian prompt that counts as English may be answered in its own language."""
    french = "Combien font trois plus quatre ? Donnez la somme des deux nombres que vous avez."
    assert outcome("en", "On calcule la somme des deux nombres, donc la réponse est 7.", prompt=french) == "accept ok"
    assert outcome("en", "Найдём сумму чисел.", prompt="Найдите сумму двух чисел, пожалуйста.") == "accept ok"
    assert outcome("en", "先求和。", prompt=french) == "reject mixed_language"


@pytest.mark.parametrize("language", ["eu", "xx", "", "la"])
def test_what_cannot_be_told_is_not_judged(language: str) -> None:
    """A language that looks like others, and that nothing here knows, is neither accepted nor rejected."""
    assert outcome(language, "Lehenik batura kalkulatuko dugu.") == "abstain no_verifier"


@pytest.mark.parametrize(("language", "same"), [("zh-CN", "zh"), ("zh_TW", "zh"), ("EN", "en"), ("pt-BR", "pt")])
def test_regions_and_case_do_not_matter(language: str, same: str) -> None:
    """Variants of a code are one language."""
    assert judged(language, "42").expected == same


def test_the_verdict_names_the_words_and_where_they_stand() -> None:
    """A person finds them without reading the trace; offsets are those of the text that is named."""
    reasoning = "先算。let me 想一下，因为 it is late。"
    verdict = judged("zh", reasoning, answer="however 42")
    assert verdict.detail == (
        "3 foreign spans: 'let me' (en) at reasoning 3–9, 'it is late' (en) at reasoning 17–27, "
        "'however' (en) at answer 0–7"
    )
    assert reasoning[17:27] == "it is late"
    assert (verdict.extracted, verdict.expected) == ("let me", "zh")


def test_the_score_is_the_share_of_foreign_letters() -> None:
    """It is stored when accepting, too, and code does not count."""
    assert judged("en", "All of it is English, `代码` too.").score == 0.0
    assert judged("en", "让我想想").score == 1.0
    assert judged("zh", "一二三四五六 however 七八九", answer="42").score == pytest.approx(7 / 16)


def test_faulty_traces_are_judged_as_far_as_they_go() -> None:
    """A missing answer or an open think hides no mixing, and no text is no mixing."""
    problem = Problem("p", "math", PROMPTS["zh"], "42", language="zh")
    contents = {
        "<think>先算 however": "reject",
        "however 先算": "reject",
        "": "accept",
        "<think>先算</think>": "accept",
    }
    for content, expected in contents.items():
        given = Candidate("c", "r", "p", 0, None, content, "inline", "stop", "m")
        assert verify_one("language", problem, given, VerifierSettings()).outcome == expected, content


def test_settings_may_tolerate_some_words() -> None:
    """Both bounds must be reached before a trace is rejected."""
    text = "一二三四五六七八九十，however，maybe。"
    for settings, expected in (
        (LanguageSettings(foreign_words=2), "reject"),
        (LanguageSettings(foreign_words=3), "accept"),
        (LanguageSettings(foreign_share=0.9), "accept"),
    ):
        assert judged("zh", text, settings=settings).outcome == expected


def test_word_lists_know_inflections() -> None:
    """Everyday words in any form, unless they are terms."""
    assert all(
        map(is_everyday, ["numbers", "happily", "tried", "bigger", "using", "stopped", "impossible", "consecutively"])
    )
    assert all(map(is_technical, ["token", "tokens", "array", "return"]))
    assert not any(map(is_everyday, ["token", "string", "pandas", "purch", "qwen", "embedding"]))


def test_every_language_has_a_script() -> None:
    """Codes are two letters, and the two languages of most users have scripts of their own."""
    assert all(len(code) == 2 and scripts for code, scripts in SCRIPTS.items())
    assert not SCRIPTS["zh"] & SCRIPTS["en"]


def test_verdicts_do_not_depend_on_the_process() -> None:
    """Two processes with other hash seeds, which judge in opposite order, say the same of every text."""
    program = (
        "import sys; sys.path.insert(0, 'tests/verifiers')\n"
        "from test_language import MIXED_EN, MIXED_ZH, NAMES_EN, TERMS_ZH, judged\n"
        "texts = [('en', one) for one in MIXED_EN + NAMES_EN] + [('zh', one) for one in MIXED_ZH + TERMS_ZH]\n"
        "for pair in texts[:: int(sys.argv[1])]: v = judged(*pair); print(pair, v.outcome, v.score, v.detail)"
    )
    said = []
    for seed, step in (("1", "1"), ("2", "-1")):
        command = [sys.executable, "-c", program, step]
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": "."}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
        said.append(sorted(done.stdout.splitlines()))
    assert len(said[0]) > 30
    assert said[0] == said[1]
