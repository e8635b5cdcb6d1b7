"""Migration 1: the tables and views. Landed: never to be touched."""

from __future__ import annotations

from textwrap import dedent

M001_INITIAL = dedent("""\
    CREATE TABLE problems (
        id VARCHAR NOT NULL,
        content_hash VARCHAR NOT NULL,
        domain VARCHAR NOT NULL,
        prompt VARCHAR NOT NULL USING COMPRESSION zstd,
        answer VARCHAR,
        tests JSON,
        answer_tolerance DOUBLE,
        language VARCHAR NOT NULL,
        source VARCHAR,
        meta JSON NOT NULL
    );
    CREATE TABLE runs (
        id VARCHAR NOT NULL,
        teacher VARCHAR NOT NULL,
        model VARCHAR NOT NULL,
        sampling JSON,
        template VARCHAR NOT NULL,
        created_at TIMESTAMP NOT NULL
    );
    CREATE TABLE policies (
        run_id VARCHAR NOT NULL,
        domain VARCHAR NOT NULL,
        verifier VARCHAR NOT NULL,
        requirement VARCHAR NOT NULL,
        position BIGINT NOT NULL
    );
    CREATE TABLE candidates (
        id VARCHAR NOT NULL,
        run_id VARCHAR NOT NULL,
        problem_id VARCHAR NOT NULL,
        sample_index BIGINT NOT NULL,
        reasoning VARCHAR USING COMPRESSION zstd,
        content VARCHAR NOT NULL USING COMPRESSION zstd,
        reasoning_field VARCHAR NOT NULL,
        finish_reason VARCHAR NOT NULL,
        model VARCHAR NOT NULL,
        abort_reason VARCHAR,
        prompt_tokens BIGINT,
        completion_tokens BIGINT,
        tokens_estimated BOOLEAN NOT NULL,
        endpoint VARCHAR,
        seed BIGINT,
        elapsed_s DOUBLE,
        ttft_s DOUBLE,
        created_at TIMESTAMP
    );
    CREATE TABLE attempts (
        candidate_id VARCHAR NOT NULL,
        run_id VARCHAR NOT NULL,
        problem_id VARCHAR NOT NULL,
        sample_index BIGINT NOT NULL,
        reason VARCHAR NOT NULL,
        tries BIGINT NOT NULL,
        last_error VARCHAR NOT NULL,
        created_at TIMESTAMP NOT NULL
    );
    CREATE TABLE verdicts (
        id VARCHAR NOT NULL,
        candidate_id VARCHAR NOT NULL,
        verifier VARCHAR NOT NULL,
        version VARCHAR NOT NULL,
        config_hash VARCHAR NOT NULL,
        outcome VARCHAR NOT NULL,
        reason VARCHAR NOT NULL,
        detail VARCHAR NOT NULL,
        extracted VARCHAR,
        expected VARCHAR,
        score DOUBLE,
        elapsed_ms DOUBLE NOT NULL,
        created_at TIMESTAMP NOT NULL
    );
    CREATE TABLE reviews (
        candidate_id VARCHAR NOT NULL,
        reviewer VARCHAR NOT NULL,
        outcome VARCHAR NOT NULL,
        note VARCHAR NOT NULL,
        created_at TIMESTAMP NOT NULL
    );
    CREATE TABLE splits (
        name VARCHAR NOT NULL,
        recipe JSON NOT NULL,
        created_at TIMESTAMP NOT NULL
    );
    CREATE TABLE split_members (
        split VARCHAR NOT NULL,
        candidate_id VARCHAR NOT NULL,
        part VARCHAR NOT NULL
    );

    CREATE VIEW latest_verdicts AS
        SELECT *
        FROM verdicts
        QUALIFY row_number() OVER (PARTITION BY candidate_id, verifier ORDER BY created_at DESC, id DESC) = 1;

    CREATE VIEW decisions AS
        WITH open_questions AS (
            SELECT
                candidates.id AS candidate_id,
                CASE latest_verdicts.outcome WHEN 'reject' THEN 'rejected' ELSE 'undecided' END AS decision,
                coalesce(latest_verdicts.reason, 'not_judged') AS reason,
                policies.verifier
            FROM candidates
            JOIN problems ON problems.id = candidates.problem_id
            JOIN policies ON policies.run_id = candidates.run_id AND policies.domain = problems.domain
            LEFT JOIN latest_verdicts
                ON latest_verdicts.candidate_id = candidates.id AND latest_verdicts.verifier = policies.verifier
            WHERE policies.requirement = 'required' AND latest_verdicts.outcome IS DISTINCT FROM 'accept'
            QUALIFY row_number() OVER (
                PARTITION BY candidates.id ORDER BY decision, policies.position, policies.verifier
            ) = 1
        ),
        latest_reviews AS (
            SELECT candidate_id, outcome
            FROM reviews
            QUALIFY row_number() OVER (PARTITION BY candidate_id ORDER BY created_at DESC, reviewer DESC) = 1
        )
        SELECT
            candidates.id AS candidate_id,
            candidates.problem_id,
            candidates.run_id,
            CASE latest_reviews.outcome
                WHEN 'accept' THEN 'accepted'
                WHEN 'reject' THEN 'rejected'
                ELSE coalesce(open_questions.decision, 'accepted')
            END AS decision,
            CASE
                WHEN latest_reviews.outcome = 'accept' THEN 'ok'
                WHEN latest_reviews.outcome = 'reject' THEN 'review'
                ELSE coalesce(open_questions.reason, 'ok')
            END AS reason,
            CASE
                WHEN latest_reviews.outcome IS NOT NULL THEN 'review'
                ELSE coalesce(open_questions.verifier, 'policy')
            END AS decided_by
        FROM candidates
        LEFT JOIN open_questions ON open_questions.candidate_id = candidates.id
        LEFT JOIN latest_reviews ON latest_reviews.candidate_id = candidates.id;

    CREATE VIEW accepted AS
        SELECT
            decisions.candidate_id, decisions.problem_id, decisions.run_id, problems.domain, problems.language,
            decisions.decided_by, problems.prompt, problems.answer, candidates.reasoning, candidates.content,
            candidates.completion_tokens, candidates.model, candidates.sample_index, problems.source
        FROM decisions
        JOIN candidates ON candidates.id = decisions.candidate_id
        LEFT JOIN problems ON problems.id = decisions.problem_id
        WHERE decisions.decision = 'accepted';

    CREATE VIEW rejected AS
        SELECT
            decisions.candidate_id, decisions.problem_id, decisions.run_id, problems.domain, problems.language,
            decisions.reason, decisions.decided_by AS verifier, latest_verdicts.detail, latest_verdicts.extracted,
            latest_verdicts.expected, problems.prompt, problems.answer, candidates.reasoning, candidates.content,
            candidates.finish_reason, candidates.completion_tokens, candidates.model, candidates.sample_index,
            problems.source
        FROM decisions
        JOIN candidates ON candidates.id = decisions.candidate_id
        LEFT JOIN problems ON problems.id = decisions.problem_id
        LEFT JOIN latest_verdicts
            ON latest_verdicts.candidate_id = decisions.candidate_id
            AND latest_verdicts.verifier = decisions.decided_by
        WHERE decisions.decision = 'rejected';

    CREATE VIEW undecided AS
        SELECT
            decisions.candidate_id, decisions.problem_id, decisions.run_id, problems.domain, problems.language,
            decisions.reason, decisions.decided_by AS verifier, latest_verdicts.detail, latest_verdicts.extracted,
            latest_verdicts.expected, problems.prompt, problems.answer, candidates.reasoning, candidates.content,
            candidates.finish_reason, candidates.completion_tokens, candidates.model, candidates.sample_index,
            problems.source
        FROM decisions
        JOIN candidates ON candidates.id = decisions.candidate_id
        LEFT JOIN problems ON problems.id = decisions.problem_id
        LEFT JOIN latest_verdicts
            ON latest_verdicts.candidate_id = decisions.candidate_id
            AND latest_verdicts.verifier = decisions.decided_by
        WHERE decisions.decision = 'undecided';

    CREATE VIEW problem_stats AS
        SELECT
            decisions.problem_id,
            count(*) AS sampled,
            count(*) FILTER (decision = 'accepted') AS accepted,
            count(*) FILTER (decision = 'accepted')
                / nullif(count(*) FILTER (decision IN ('accepted', 'rejected')), 0) AS pass_rate,
            sum(candidates.completion_tokens)::BIGINT AS completion_tokens
        FROM decisions
        JOIN candidates ON candidates.id = decisions.candidate_id
        GROUP BY decisions.problem_id;

    CREATE VIEW run_stats AS
        SELECT
            runs.id AS run_id,
            count(decisions.candidate_id) AS candidates,
            count(*) FILTER (decision = 'accepted') AS accepted,
            count(*) FILTER (decision = 'rejected') AS rejected,
            count(*) FILTER (decision = 'undecided') AS undecided,
            count(DISTINCT decisions.problem_id) AS problems,
            count(DISTINCT decisions.problem_id) FILTER (decision = 'accepted') AS solved,
            coalesce(sum(candidates.completion_tokens), 0)::BIGINT AS completion_tokens,
            1e6 * count(*) FILTER (decision = 'accepted')
                / nullif(sum(candidates.completion_tokens), 0) AS accepted_per_million_tokens,
            1e6 * count(DISTINCT decisions.problem_id) FILTER (decision = 'accepted')
                / nullif(sum(candidates.completion_tokens), 0) AS solved_per_million_tokens
        FROM runs
        LEFT JOIN decisions ON decisions.run_id = runs.id
        LEFT JOIN candidates ON candidates.id = decisions.candidate_id
        GROUP BY runs.id;

    CREATE VIEW flips AS
        SELECT candidates.run_id, successive.*
        FROM (
            SELECT
                candidate_id,
                verifier,
                lag(outcome) OVER history AS previous_outcome,
                lag(reason) OVER history AS previous_reason,
                lag(version) OVER history AS previous_version,
                outcome,
                reason,
                version,
                created_at
            FROM verdicts
            WINDOW history AS (PARTITION BY candidate_id, verifier ORDER BY created_at, id)
        ) AS successive
        JOIN candidates ON candidates.id = successive.candidate_id
        WHERE previous_outcome <> outcome OR previous_reason <> reason;

    CREATE VIEW disagreements AS
        SELECT
            judged.candidate_id, candidates.problem_id, candidates.run_id, answered.verifier,
            answered.outcome, answered.reason, judged.outcome AS judge_outcome, judged.detail AS judge_detail,
            answered.extracted, answered.expected
        FROM latest_verdicts AS judged
        JOIN candidates ON candidates.id = judged.candidate_id
        JOIN problems ON problems.id = candidates.problem_id
        JOIN latest_verdicts AS answered
            ON answered.candidate_id = judged.candidate_id
            AND answered.verifier = CASE problems.domain WHEN 'logic' THEN 'exact' ELSE problems.domain END
        WHERE judged.verifier = 'judge'
            AND judged.outcome IN ('accept', 'reject')
            AND answered.outcome IN ('accept', 'reject')
            AND judged.outcome <> answered.outcome;

    COMMENT ON TABLE candidates IS 'One completion of one problem, exactly as the teacher sent it. Times are UTC.';
    COMMENT ON TABLE attempts IS 'Requests that failed for good; their candidates are owed again.';
    COMMENT ON TABLE verdicts IS 'Append-only: what a verifier, in one version and configuration, said of a candidate.';
    COMMENT ON TABLE reviews IS 'Append-only: what a person decided; it outranks verdicts.';
    COMMENT ON VIEW latest_verdicts IS 'The newest verdict of each verifier on each candidate.';
    COMMENT ON VIEW decisions IS 'What became of each candidate, why, and which verifier (or review) decided it.';
    COMMENT ON VIEW rejected IS 'Rejected candidates: the deciding verdict beside the problem and the trace.';
    COMMENT ON VIEW undecided IS 'Candidates nobody could judge yet: neither right nor wrong.';
    COMMENT ON VIEW problem_stats IS 'pass_rate is accepted / (accepted + rejected): null while all are undecided.';
    COMMENT ON VIEW run_stats IS 'Per run: the funnel, and the yield per million completion tokens.';
    COMMENT ON VIEW flips IS 'Successive verdicts of one verifier on one candidate that differ.';
    COMMENT ON VIEW disagreements IS 'The judge accepts what the answer verifier rejects, or the reverse.';
    """)
