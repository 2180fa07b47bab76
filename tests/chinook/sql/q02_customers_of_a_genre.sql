-- Through four relations, and the same negated.
SELECT customer_id, last_name, country FROM customer c WHERE EXISTS (
  SELECT FROM invoice i JOIN invoice_line l ON l.invoice_id = i.invoice_id
  JOIN track t ON t.track_id = l.track_id JOIN genre g ON g.genre_id = t.genre_id
  WHERE i.customer_id = c.customer_id AND g.name = 'Blues'
) AND NOT EXISTS (
  SELECT FROM invoice i JOIN invoice_line l ON l.invoice_id = i.invoice_id
  JOIN track t ON t.track_id = l.track_id JOIN genre g ON g.genre_id = t.genre_id
  WHERE i.customer_id = c.customer_id AND g.name = 'Jazz'
) ORDER BY last_name COLLATE "C" DESC, customer_id;
