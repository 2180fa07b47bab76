-- Each combination once, null among them.
SELECT * FROM (SELECT DISTINCT country, state FROM customer) AS found
ORDER BY country COLLATE "C" NULLS FIRST, state COLLATE "C" NULLS FIRST;
