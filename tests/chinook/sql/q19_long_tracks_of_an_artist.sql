-- From a name through two relations.
SELECT a.title, t.name, t.milliseconds FROM track t JOIN album a ON a.album_id = t.album_id
JOIN artist r ON r.artist_id = a.artist_id WHERE r.name = 'Iron Maiden' AND t.milliseconds > 420000
ORDER BY a.title COLLATE "C", t.milliseconds DESC, t.track_id;
