-- search_tokens: the words of a text as the search compares them, in the order of the text: in lower case, without
-- accents, without "'s", and English plurals as singulars. A number keeps its commas and points (4.5, 1,000). The rules
-- for plurals are the S stemmer of Harman (1991), "How effective is suffixing?", J. Am. Soc. Inf. Sci. 42(1): "policies"
-- is "policy", "missiles" is "missile"; it knows no irregular ones.
CREATE OR REPLACE MACRO search_tokens(words) AS
    list_transform(
        regexp_extract_all(
            regexp_replace(lower(strip_accents(words)), '[''’]s\b', '', 'g'),
            '\p{N}+(?:[.,]\p{N}+)+|[\p{L}\p{N}]+'
        ),
        lambda word: CASE
            WHEN length(word) <= 3 OR regexp_matches(word, '([ea]ies|[aeo]es|us|ss)$') THEN word
            WHEN ends_with(word, 'ies') THEN left(word, -3) || 'y'
            WHEN ends_with(word, 's') THEN left(word, -1)
            ELSE word
        END
    )
