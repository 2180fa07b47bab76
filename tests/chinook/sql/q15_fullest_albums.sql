-- Groups, their parents, and the parents of those.
SELECT a.title, r.name, count(*), sum(t.milliseconds) FROM track t
JOIN album a ON a.album_id = t.album_id JOIN artist r ON r.artist_id = a.artist_id
GROUP BY a.album_id, a.title, r.name ORDER BY count(*) DESC, a.album_id LIMIT 10;
