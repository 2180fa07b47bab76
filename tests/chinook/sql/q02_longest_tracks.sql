-- Some columns, ordered by another, cut.
SELECT name, composer, bytes, unit_price FROM track ORDER BY milliseconds DESC, track_id LIMIT 12;
