"""Migration 5: a judge's word against the rules', what it cost, and reviews that are taken back."""

from __future__ import annotations

from textwrap import dedent

M005_JUDGE = dedent("""\
    CREATE TABLE judge_replies (
        id VARCHAR NOT NULL,
        candidate_id VARCHAR NOT NULL,
        model VARCHAR NOT NULL,
        reply VARCHAR NOT NULL USING COMPRESSION zstd,
        finish_reason VARCHAR NOT NULL,
        prompt_tokens BIGINT,
        completion_tokens BIGINT NOT NULL,
        tokens_estimated BOOLEAN NOT NULL,
        elapsed_s DOUBLE NOT NULL,
        created_at TIMESTAMP NOT NULL
    );

    CREATE VIEW judge_stats AS
        SELECT
            candidates.run_id,
            judge_replies.model,
            count(*) AS replies,
            coalesce(sum(judge_replies.prompt_tokens), 0)::BIGINT AS prompt_tokens,
            sum(judge_replies.completion_tokens)::BIGINT AS completion_tokens
        FROM judge_replies
        JOIN candidates ON candidates.id = judge_replies.candidate_id
        GROUP BY candidates.run_id, judge_replies.model;

    CREATE VIEW latest_reviews AS
        SELECT *
        FROM reviews
        QUALIFY row_number() OVER (PARTITION BY candidate_id ORDER BY created_at DESC, reviewer DESC) = 1
            AND outcome <> 'withdraw';

    CREATE OR REPLACE VIEW decisions AS
        WITH defended AS (
            SELECT judged.candidate_id
            FROM (
                SELECT candidate_id
                FROM verdicts
                WHERE verifier = 'judge'
                QUALIFY row_number() OVER (PARTITION BY candidate_id ORDER BY created_at DESC, id DESC) = 1
                    AND outcome = 'accept'
            ) AS judged
            JOIN candidates ON candidates.id = judged.candidate_id
            SEMI JOIN (SELECT run_id, problem_id FROM applied_policies WHERE verifier = 'judge') AS applied
                ON applied.run_id = candidates.run_id AND applied.problem_id = candidates.problem_id
        ),
        said AS (
            SELECT
                candidates.id AS candidate_id,
                applied_policies.verifier,
                applied_policies.position,
                latest_verdicts.outcome,
                latest_verdicts.reason,
                coalesce(
                    latest_verdicts.outcome = 'reject'
                    AND defended.candidate_id IS NOT NULL
                    AND applied_policies.verifier IN ('math', 'code', 'choice', 'exact', 'procedural'),
                    false
                ) AS disputed
            FROM candidates
            JOIN applied_policies
                ON applied_policies.run_id = candidates.run_id
                AND applied_policies.problem_id = candidates.problem_id
            LEFT JOIN latest_verdicts
                ON latest_verdicts.candidate_id = candidates.id
                AND latest_verdicts.verifier = applied_policies.verifier
            LEFT JOIN defended ON defended.candidate_id = candidates.id
            WHERE applied_policies.requirement = 'required' AND latest_verdicts.outcome IS DISTINCT FROM 'accept'
        ),
        open_questions AS (
            SELECT
                candidate_id,
                if(outcome = 'reject' AND NOT disputed, 'rejected', 'undecided') AS decision,
                if(disputed, 'judge_disagrees', coalesce(reason, 'not_judged')) AS reason,
                if(disputed, 'judge', verifier) AS decided_by
            FROM said
            QUALIFY row_number() OVER (PARTITION BY candidate_id ORDER BY decision, position, verifier) = 1
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
                ELSE coalesce(open_questions.decided_by, 'policy')
            END AS decided_by
        FROM candidates
        LEFT JOIN open_questions ON open_questions.candidate_id = candidates.id
        LEFT JOIN latest_reviews ON latest_reviews.candidate_id = candidates.id;

    CREATE OR REPLACE VIEW disagreements AS
        SELECT
            judged.candidate_id, candidates.problem_id, candidates.run_id, answered.verifier,
            answered.outcome, answered.reason, answered.extracted, answered.expected,
            judged.outcome AS judge_outcome, judged.detail AS judge_detail,
            latest_reviews.outcome AS review
        FROM latest_verdicts AS judged
        JOIN candidates ON candidates.id = judged.candidate_id
        JOIN problems ON problems.id = candidates.problem_id
        JOIN latest_verdicts AS answered
            ON answered.candidate_id = judged.candidate_id
            AND answered.verifier = coalesce(
                problems.verifier, CASE problems.domain WHEN 'logic' THEN 'exact' ELSE problems.domain END
            )
        LEFT JOIN latest_reviews ON latest_reviews.candidate_id = judged.candidate_id
        WHERE judged.verifier = 'judge'
            AND judged.outcome IN ('accept', 'reject')
            AND answered.outcome IN ('accept', 'reject')
            AND judged.outcome <> answered.outcome;

    COMMENT ON TABLE judge_replies IS 'What judge models answered, and what it cost; the same question is asked once.';
    COMMENT ON VIEW judge_stats IS 'Replies and tokens of judge models, per run.';
    COMMENT ON VIEW latest_reviews IS 'What people decided last, per candidate; decisions taken back are left out.';
    COMMENT ON VIEW decisions IS 'What became of each candidate, why, and which verifier (or review) decided it.';
    COMMENT ON VIEW disagreements IS
        'The judge accepts what the answer verifier rejects, or the reverse; review is null until a person decides.';
    """)
