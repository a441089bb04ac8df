-- The statements that the report shows, the newest first, at most $most of them and until their passages have $characters
-- characters; duplicates of documents, belief and intention left out. about are those of $subjects, whom the report's
-- matrix shows, that a statement names. first and last bound what is shown of the text, $around characters around it.
WITH days AS (  -- by appearances, which are fewer: a day too early does no harm
    SELECT published_on, sum(sum(said_count)) OVER (ORDER BY published_on DESC) AS so_far
    FROM appearances
    WHERE is_original
    GROUP BY published_on
),

told AS (
    SELECT *
    FROM statements
    WHERE published_on >= coalesce((SELECT max(published_on) FROM days WHERE so_far >= $most), DATE '-infinity')
        AND cue_class NOT IN ('think', 'plan')
        AND doc_id IN (SELECT doc_id FROM documents WHERE duplicate_of IS NULL)
),

newest AS (
    SELECT * FROM told ORDER BY published_on DESC, doc_id, content_spans[1]."start", statement_id LIMIT $most
),

said AS (
    SELECT
        *,
        row_number() OVER (ORDER BY published_on DESC, doc_id, content_spans[1]."start", statement_id) AS place,
        least(content_spans[1]."start", speaker_start, cue_start) - $around AS first,
        greatest(content_spans[-1]."end", speaker_end, cue_end) + $around AS last
    FROM newest
),

named AS (
    SELECT statement_id, list(actor_id ORDER BY actor_id) AS about
    FROM statement_mentions
    SEMI JOIN newest USING (statement_id)
    WHERE actor_id IN (SELECT unnest($subjects))
    GROUP BY statement_id
),

measured AS (
    SELECT
        *,
        greatest(0, last - greatest(0, first, max(last) OVER (
            PARTITION BY doc_id ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ))) AS new_characters
    FROM said
)

SELECT
    said.place,
    said.doc_id,
    greatest(0, said.first) AS first,
    said.last,
    struct_pack(
        content := list_transform(said.content_spans, lambda piece: [piece."start", piece."end"]),
        speaker := CASE WHEN said.speaker_start IS NOT NULL THEN [[said.speaker_start, said.speaker_end]] END,
        cue := CASE WHEN said.cue_start IS NOT NULL THEN [[said.cue_start, said.cue_end]] END
    ) AS spans,
    said.statement_id,
    said.speaker_id,
    said.speaker_text,
    said.cue_class,
    said.kind,
    said.published_on,
    said.confidence,
    named.about
FROM measured AS said
LEFT JOIN named ON named.statement_id = said.statement_id
QUALIFY sum(said.new_characters) OVER (ORDER BY said.place) - said.new_characters < $characters
