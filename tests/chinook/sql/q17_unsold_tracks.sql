-- What is not in a long list, per group.
SELECT g.name, count(*) FROM track t JOIN genre g ON g.genre_id = t.genre_id
WHERE t.track_id NOT IN (SELECT track_id FROM invoice_line)
GROUP BY g.genre_id, g.name ORDER BY count(*) DESC, g.genre_id;
