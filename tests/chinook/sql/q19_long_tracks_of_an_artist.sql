-- From an artist over the albums to their tracks; an album without a long one is there too.
SELECT a.title, t.name, t.milliseconds FROM artist r JOIN album a ON a.artist_id = r.artist_id
LEFT JOIN track t ON t.album_id = a.album_id AND t.milliseconds > 420000 WHERE r.name = 'Iron Maiden'
ORDER BY a.title COLLATE "C", a.album_id, t.milliseconds DESC, t.track_id;
