-- The latest result of every check, those that failed first.
SELECT table_name, check_name, passed, blocking, value, description, details
FROM data_quality
ORDER BY passed, NOT blocking, table_name, check_name
