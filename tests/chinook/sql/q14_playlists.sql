-- Rows through a junction, and parents that have none.
SELECT p.playlist_id, p.name, count(t.track_id), coalesce(sum(t.milliseconds), 0), min(t.name COLLATE "C") FROM playlist p
LEFT JOIN playlist_track l ON l.playlist_id = p.playlist_id LEFT JOIN track t ON t.track_id = l.track_id
GROUP BY p.playlist_id, p.name ORDER BY p.name COLLATE "C", p.playlist_id;
