-- Which checks failed in the last refresh, and did they stop it?
SELECT table_name, check_name, blocking, value, description
FROM data_quality
WHERE NOT passed
ORDER BY blocking DESC, table_name, check_name
