"""The questions behind `curator report`: figures of some runs, computed in the store.

Those that `curator.yields` adds up take one parameter, the runs; their rows are counted per run, domain, language and
model, so that they are few however many candidates there are. Only `EXAMPLE_TEXTS` reads traces, of the few it names.
"""

from __future__ import annotations

from textwrap import dedent

OUTCOMES = dedent("""\
    WITH wanted AS (SELECT unnest(?::VARCHAR[]) AS run_id),
    estimates AS (
        SELECT candidate_id, arg_max(score, verdicts.created_at)::BIGINT AS tokens
        FROM verdicts
        JOIN candidates ON candidates.id = candidate_id
        WHERE verifier = 'length' AND completion_tokens IS NULL AND run_id IN (FROM wanted)
        GROUP BY ALL
    ),
    decided AS MATERIALIZED (
        SELECT
            decisions.run_id, decisions.problem_id, model, decision, reason, decided_by,
            coalesce(completion_tokens, estimates.tokens) AS tokens,
            count(*) AS candidates
        FROM decisions
        JOIN candidates ON candidates.id = decisions.candidate_id
        LEFT JOIN estimates ON estimates.candidate_id = decisions.candidate_id
        WHERE decisions.run_id IN (FROM wanted)
        GROUP BY ALL
    ),
    rated AS (
        SELECT
            run_id,
            problem_id,
            coalesce(sum(candidates) FILTER (decision = 'accepted'), 0) AS accepted,
            coalesce(sum(candidates) FILTER (decision = 'rejected'), 0) AS rejected
        FROM decided
        GROUP BY GROUPING SETS ((run_id, problem_id), (problem_id))
    )
    SELECT
        run_id, domain, language, model, decision, reason, decided_by, tokens, NULL AS pass_rate,
        sum(candidates)::BIGINT AS counted
    FROM decided
    JOIN problems ON problems.id = problem_id
    GROUP BY GROUPING SETS ((run_id, domain, language, model, decision, reason, decided_by), (decision, tokens))
    UNION ALL
    SELECT
        run_id, domain, language, NULL, NULL, NULL, NULL, NULL,
        CASE
            WHEN accepted + rejected = 0 THEN 'undecided'
            WHEN accepted = 0 THEN '0'
            WHEN rejected = 0 THEN '1'
            WHEN accepted <= rejected THEN '(0, 0.5]'
            ELSE '(0.5, 1)'
        END,
        count(*)
    FROM rated
    JOIN problems ON problems.id = problem_id
    GROUP BY ALL""")
"""Three kinds of rows, because deciding is what takes time. With a `reason`: how many candidates came to a decision
for it, per run, domain, language, model and deciding verifier. With a `decision` only: how many that came to it were
`tokens` long, by the teacher's count, else by the estimate of the verifier `length`, else null. With a `pass_rate`:
how many problems have one in that range, per run, and with a null `run_id` over all of the runs together."""

TOKENS = dedent("""\
    WITH spent AS (
        SELECT
            run_id, problem_id,
            sum(prompt_tokens) AS prompt_tokens,
            sum(completion_tokens) AS completion_tokens,
            count(*) FILTER (tokens_estimated) AS estimated,
            sum(elapsed_s) AS teacher_s
        FROM candidates
        WHERE run_id IN (SELECT unnest(?::VARCHAR[]))
        GROUP BY ALL
    )
    SELECT
        run_id, domain, language,
        coalesce(sum(prompt_tokens), 0)::BIGINT AS prompt_tokens,
        coalesce(sum(completion_tokens), 0)::BIGINT AS completion_tokens,
        sum(estimated)::BIGINT AS estimated,
        coalesce(sum(teacher_s), 0)::DOUBLE AS teacher_s
    FROM spent
    JOIN problems ON problems.id = problem_id
    GROUP BY ALL""")
"""Rows: run_id, domain, language, tokens of prompts and completions, completions whose tokens were estimated, and the
seconds that requests took."""

JUDGING = dedent("""\
    SELECT coalesce(sum(elapsed_ms), 0)::DOUBLE / 1000 AS judging_s
    FROM verdicts
    WHERE candidate_id IN (
        SELECT id FROM candidates WHERE run_id IN (SELECT unnest(?::VARCHAR[]))
    )""")
"""One row: seconds that verdicts took, on all workers together, replaced verdicts included."""

ADVISORY = dedent("""\
    WITH advised AS MATERIALIZED (
        SELECT candidate_id, verifier
        FROM (SELECT DISTINCT candidate_id, verifier FROM verdicts WHERE outcome = 'reject') AS rejecting
        JOIN candidates ON candidates.id = candidate_id
        ANTI JOIN (SELECT run_id, problem_id, verifier FROM applied_policies WHERE requirement = 'required') AS required
            USING (run_id, problem_id, verifier)
        WHERE run_id IN (SELECT unnest(?::VARCHAR[]))
    )
    SELECT verifier, reason, count(*) AS candidates
    FROM (
        SELECT verifier, verdicts.outcome, verdicts.reason
        FROM verdicts
        JOIN advised USING (candidate_id, verifier)
        QUALIFY row_number() OVER (
            PARTITION BY candidate_id, verifier ORDER BY verdicts.created_at DESC, verdicts.id DESC
        ) = 1
    )
    WHERE outcome = 'reject' AND verifier <> 'judge'
    GROUP BY ALL
    ORDER BY candidates DESC, verifier, reason""")
"""Rows: verifier, reason, candidates that a verifier rejects which does not decide. A judge is asked for a second
opinion on what is rejected already: that it agrees is no news."""

JUDGES = dedent("""\
    SELECT model, sum(replies)::BIGINT AS replies, sum(prompt_tokens + completion_tokens)::BIGINT AS tokens
    FROM judge_stats
    WHERE run_id IN (SELECT unnest(?::VARCHAR[]))
    GROUP BY model
    ORDER BY model""")
"""Rows: judge models, the replies that were paid for, and their tokens, prompts included."""

FAILURES = dedent("""\
    SELECT
        attempts.reason,
        count(*) AS requests,
        count(DISTINCT candidate_id) FILTER (candidates.id IS NULL) AS owed
    FROM attempts
    LEFT JOIN candidates ON candidates.id = candidate_id
    WHERE attempts.run_id IN (SELECT unnest(?::VARCHAR[]))
    GROUP BY ALL
    ORDER BY requests DESC, attempts.reason""")
"""Rows: reason, requests that failed for good, and candidates that are still owed for it."""

EXAMPLES = dedent("""\
    SELECT decision, reason, decided_by, unnest(min(candidate_id, ?)) AS candidate_id
    FROM decisions
    WHERE run_id IN (SELECT unnest(?::VARCHAR[]))
    GROUP BY ALL""")
"""Parameters: how many of each, runs. Rows: candidate_id of the first ones by id, which is a hash and so as good as
drawn by lot."""

EXAMPLE_TEXTS = dedent("""\
    WITH wanted AS (SELECT unnest(?::VARCHAR[]) AS id, unnest(?::VARCHAR[]) AS verifier),
    judged AS (
        SELECT candidate_id, detail, extracted, expected
        FROM verdicts
        JOIN wanted ON wanted.id = candidate_id AND wanted.verifier = verdicts.verifier
        QUALIFY row_number() OVER (PARTITION BY candidate_id ORDER BY created_at DESC, verdicts.id DESC) = 1
    )
    SELECT
        candidates.id, candidates.run_id, candidates.model, problems.id AS problem_id, problems.domain,
        problems.language, left(problems.prompt, 2000) AS prompt, left(problems.answer, 1000) AS answer,
        left(reasoning, 2000) AS reasoning, length(reasoning) AS reasoning_length,
        substr(reasoning, greatest(2001, length(reasoning) - 999)) AS reasoning_end,
        left(content, 2000) AS content, length(content) AS content_length,
        substr(content, greatest(2001, length(content) - 999)) AS content_end,
        left(judged.detail, 1000) AS detail, left(judged.extracted, 1000) AS extracted,
        left(judged.expected, 1000) AS expected
    FROM candidates
    JOIN problems ON problems.id = candidates.problem_id
    LEFT JOIN judged ON judged.candidate_id = candidates.id
    WHERE candidates.rowid IN (SELECT rowid FROM candidates WHERE id IN (SELECT id FROM wanted))""")
"""Parameters: candidate ids, and for each the verifier that decided it. Rows: what a person wants to see of each:
the beginning (2,000 characters) and the end (1,000 more) of its texts, and what that verifier last said."""

SHARED_PROBLEMS = dedent("""\
    SELECT
        problem_id,
        count(*) FILTER (run_id = first AND decision = 'accepted') AS first_accepted,
        count(*) FILTER (run_id = first AND decision <> 'undecided') AS first_decided,
        count(*) FILTER (run_id = second AND decision = 'accepted') AS second_accepted,
        count(*) FILTER (run_id = second AND decision <> 'undecided') AS second_decided
    FROM decisions, (SELECT ?::VARCHAR AS first, ?::VARCHAR AS second) AS asked
    WHERE run_id IN (first, second)
    GROUP BY problem_id
    HAVING count(DISTINCT run_id) = 2
    ORDER BY problem_id""")
"""Parameters: two runs. Rows: each problem that both have candidates of, and how many of each run's candidates were
accepted, and accepted or rejected."""

PROMPT_BEGINNINGS = dedent("""\
    SELECT id, left(prompt, 200) AS prompt
    FROM problems
    WHERE rowid IN (SELECT rowid FROM problems WHERE id IN (SELECT unnest(?::VARCHAR[])))""")
"""Parameter: problem ids. Rows: id and the beginning of its text."""
