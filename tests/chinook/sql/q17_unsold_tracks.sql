-- What has no row that belongs to it, per group.
SELECT g.name, count(*) FROM track t JOIN genre g ON g.genre_id = t.genre_id
WHERE NOT EXISTS (SELECT FROM invoice_line l WHERE l.track_id = t.track_id)
GROUP BY g.genre_id, g.name ORDER BY count(*) DESC, g.genre_id;
