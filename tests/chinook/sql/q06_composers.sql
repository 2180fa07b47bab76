-- Null is a group.
SELECT composer, count(*) FROM track GROUP BY composer ORDER BY count(*) DESC, composer COLLATE "C" NULLS FIRST LIMIT 25;
