-- Wildcards are letters, and case counts.
SELECT count(*) FILTER (WHERE strpos(name, 'love') > 0), count(*) FILTER (WHERE strpos(name, 'Love') > 0),
count(*) FILTER (WHERE starts_with(name, 'The ')), count(*) FILTER (WHERE right(name, 1) = ')') FROM track;
SELECT track_id, name FROM track
WHERE strpos(name, '%') > 0 OR strpos(name, '_') > 0 OR strpos(name, '\') > 0 OR right(name, 1) = '?' ORDER BY name COLLATE "C", track_id;
