-- Text is looked for literally and ordered by code point; asked for slice by slice.
SELECT artist_id, name FROM artist
WHERE name LIKE '%ã%' OR name LIKE '%é%' OR name LIKE '%ö%' OR name LIKE '%Â%' OR name LIKE '%í%'
ORDER BY name COLLATE "C", artist_id;
