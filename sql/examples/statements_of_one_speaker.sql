-- What did Kallas say, deny or want, in the order of time?
SELECT published_on, speaker, speaker_text, cue_text, kind, negated, content, source
FROM said_by('kallas')
ORDER BY published_on, doc_id, content_spans[1]."start", statement_id
