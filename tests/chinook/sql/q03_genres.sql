-- Sums, averages and extremes per group, ordered by a count.
SELECT g.name, count(*), sum(t.milliseconds), round(avg(t.milliseconds), 6), min(t.unit_price), max(t.unit_price), sum(t.bytes)
FROM track t LEFT JOIN genre g ON g.genre_id = t.genre_id
GROUP BY t.genre_id, g.name ORDER BY count(*) DESC, t.genre_id NULLS FIRST;
