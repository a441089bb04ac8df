-- figures: one row a quantity (money, a percentage or a count), duplicates of documents included.
-- needs: extracted_figures
SELECT
    figure_id,
    doc_id,
    start_char,
    end_char,
    text,
    kind,
    low,
    high,
    qualifier,
    unit,
    sentence
FROM extracted_figures
