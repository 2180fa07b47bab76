-- A table of pairs, and parents that have no child.
SELECT p.playlist_id, p.name, count(t.track_id) FROM playlist p LEFT JOIN playlist_track t ON t.playlist_id = p.playlist_id
GROUP BY p.playlist_id, p.name ORDER BY p.name COLLATE "C", p.playlist_id;
