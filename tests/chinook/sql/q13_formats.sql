-- Sums beyond 32 bits, extremes of text by code point.
SELECT m.name, count(*), sum(t.bytes), min(t.name COLLATE "C"), max(t.name COLLATE "C"), count(DISTINCT t.composer)
FROM track t JOIN media_type m ON m.media_type_id = t.media_type_id
GROUP BY m.media_type_id, m.name ORDER BY sum(t.bytes) DESC NULLS LAST, m.media_type_id;
