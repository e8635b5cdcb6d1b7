"""The questions behind `curator report`: figures of some runs, computed in the store; no trace is read.

Each takes one parameter, the runs. Rows are counted per run, domain and language, so that they are few however
many candidates there are; `curator.yields` adds them up.
"""

from __future__ import annotations

from textwrap import dedent

OUTCOMES = dedent("""\
    WITH decided AS MATERIALIZED (
        SELECT run_id, problem_id, decision, reason, decided_by, count(*) AS candidates
        FROM decisions
        WHERE run_id IN (SELECT unnest(?::VARCHAR[]))
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
        run_id, domain, language, decision, reason, decided_by, NULL AS pass_rate, sum(candidates)::BIGINT AS counted
    FROM decided
    JOIN problems ON problems.id = problem_id
    GROUP BY ALL
    UNION ALL
    SELECT
        run_id, domain, language, NULL, NULL, NULL,
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
"""Two kinds of rows, because deciding is what takes time. With a `decision`: how many candidates came to it, why, and
which verifier decided. With a `pass_rate`: how many problems have one in that range, per run, and with a null `run_id`
over all of the runs together."""

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
    WHERE outcome = 'reject'
    GROUP BY ALL
    ORDER BY candidates DESC, verifier, reason""")
"""Rows: verifier, reason, candidates that a verifier rejects which does not decide."""

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
