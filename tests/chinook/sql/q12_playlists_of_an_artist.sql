-- Parents found through a junction and two relations, with those of their children alone that were looked for.
SELECT p.playlist_id, p.name, count(*), (array_agg(t.name ORDER BY t.milliseconds DESC, t.track_id))[1]
FROM playlist p JOIN playlist_track l ON l.playlist_id = p.playlist_id JOIN track t ON t.track_id = l.track_id
JOIN album a ON a.album_id = t.album_id JOIN artist r ON r.artist_id = a.artist_id WHERE r.name = 'Iron Maiden'
GROUP BY p.playlist_id, p.name ORDER BY p.playlist_id;
