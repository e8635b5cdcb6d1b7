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
    tallied AS (
        SELECT
            run_id,
            problem_id,
            coalesce(sum(candidates) FILTER (decision = 'accepted'), 0) AS accepted,
            coalesce(sum(candidates) FILTER (decision = 'rejected'), 0) AS rejected
        FROM decided
        GROUP BY ALL
    ),
    rated AS (
        SELECT
            run_id,
            problem_id,
            sum(accepted) AS accepted,
            sum(rejected) AS rejected,
            sum(accepted - if(stops.reason = 'solved' AND stops.until = accepted, 1, 0)) AS telling
        FROM tallied
        LEFT JOIN stops USING (run_id, problem_id)
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
            WHEN telling = 0 THEN 'stopped'
            WHEN rejected = 0 THEN '1'
            WHEN telling <= rejected THEN '(0, 0.5]'
            ELSE '(0.5, 1)'
        END,
        count(*)
    FROM rated
    JOIN problems ON problems.id = problem_id
    GROUP BY ALL
    UNION ALL
    SELECT NULL, NULL, NULL, model, NULL, NULL, NULL, NULL, NULL, count(DISTINCT problem_id)
    FROM decided
    WHERE decision = 'accepted'
    GROUP BY model""")
"""Four kinds of rows, because deciding is what takes time. With a `reason`: how many candidates came to a decision
for it, per run, domain, language, model and deciding verifier. With a `decision` only: how many that came to it were
`tokens` long, by the teacher's count, else by the estimate of the verifier `length`, else null. With a `pass_rate`:
how many problems have one in that range, per run, and with a null `run_id` over all of the runs together. With a
`model` and nothing else: how many problems have an accepted candidate of it.

An accepted candidate that ended the sampling of its problem tells nothing of the pass rate, and is left out of it;
where there is no other one, the rate is `stopped`."""

TOKENS = dedent("""\
    WITH spent AS (
        SELECT
            run_id, problem_id, model,
            sum(prompt_tokens) AS prompt_tokens,
            sum(completion_tokens) AS completion_tokens,
            count(*) FILTER (prompt_tokens_estimated) AS prompts_estimated,
            count(*) FILTER (tokens_estimated) AS completions_estimated,
            count(*) FILTER (prompt_tokens_estimated OR tokens_estimated) AS estimated,
            count(*) FILTER (prompt_tokens IS NULL) AS prompts_unknown,
            count(*) FILTER (completion_tokens IS NULL) AS completions_unknown,
            count(*) FILTER (prompt_tokens IS NULL OR completion_tokens IS NULL) AS unknown,
            sum(elapsed_s) AS teacher_s
        FROM candidates
        WHERE run_id IN (SELECT unnest(?::VARCHAR[]))
        GROUP BY ALL
    )
    SELECT
        run_id, domain, language, model,
        coalesce(sum(prompt_tokens), 0)::BIGINT AS prompt_tokens,
        coalesce(sum(completion_tokens), 0)::BIGINT AS completion_tokens,
        sum(prompts_estimated)::BIGINT AS prompts_estimated,
        sum(completions_estimated)::BIGINT AS completions_estimated,
        sum(estimated)::BIGINT AS estimated,
        sum(prompts_unknown)::BIGINT AS prompts_unknown,
        sum(completions_unknown)::BIGINT AS completions_unknown,
        sum(unknown)::BIGINT AS unknown,
        coalesce(sum(teacher_s), 0)::DOUBLE AS teacher_s
    FROM spent
    JOIN problems ON problems.id = problem_id
    GROUP BY ALL""")
"""Rows: run_id, domain, language, model, tokens of prompts and completions that are known; how many candidates' counts
were estimated, and are not known, of each of the two and of either; and the seconds that requests took."""

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
    SELECT
        judge_replies.model,
        count(*) AS replies,
        coalesce(sum(judge_replies.prompt_tokens), 0)::BIGINT AS prompt_tokens,
        sum(judge_replies.completion_tokens)::BIGINT AS completion_tokens,
        count(*) FILTER (judge_replies.tokens_estimated) AS estimated,
        count(*) FILTER (judge_replies.prompt_tokens IS NULL) AS unknown
    FROM judge_replies
    JOIN candidates ON candidates.id = candidate_id
    WHERE run_id IN (SELECT unnest(?::VARCHAR[]))
    GROUP BY judge_replies.model
    ORDER BY judge_replies.model""")
"""Rows: judge models, the replies that were paid for, their tokens, and of how many replies these were estimated, or
are not known."""

CUT_STREAMS = dedent("""\
    SELECT
        count(*) AS streams,
        coalesce(sum(completion_tokens), 0)::BIGINT AS tokens,
        coalesce(sum(greatest(0, (sampling ->> '$.max_tokens')::BIGINT - completion_tokens)), 0)::BIGINT AS spared
    FROM candidates
    JOIN runs ON runs.id = run_id
    WHERE run_id IN (SELECT unnest(?::VARCHAR[]))
        AND split_part(abort_reason, ':', 1) IN (SELECT unnest(?::VARCHAR[]))""")
"""Parameters: runs, the reasons for which streams are cut. One row: streams that were cut, the tokens that they had
come to, and how many more they could have come to within the limit on tokens."""

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

PLANS = dedent("""\
    SELECT *
    FROM sampling_plans
    WHERE run_id IN (SELECT unnest(?::VARCHAR[]))
    QUALIFY row_number() OVER (PARTITION BY run_id ORDER BY created_at DESC) = 1
        AND (until IS NOT NULL OR budget_tokens IS NOT NULL)
    ORDER BY created_at""")
"""Rows: the newest plan of each run, where it is more than a fixed number of candidates."""

STOPS = dedent("""\
    WITH wanted AS (SELECT unnest(?::VARCHAR[]) AS run_id),
    spent AS (
        SELECT run_id, problem_id, count(*) AS candidates, sum(completion_tokens) AS tokens
        FROM candidates
        WHERE run_id IN (FROM wanted)
        GROUP BY ALL
    )
    SELECT
        reason,
        count(*) AS problems,
        coalesce(sum(candidates), 0)::BIGINT AS candidates,
        coalesce(sum(tokens), 0)::BIGINT AS tokens
    FROM stops
    LEFT JOIN spent USING (run_id, problem_id)
    WHERE run_id IN (FROM wanted)
    GROUP BY reason""")
"""Rows: why problems were stopped; how many, with how many candidates and completion tokens."""

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
