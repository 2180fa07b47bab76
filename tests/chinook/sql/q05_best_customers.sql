-- The first groups of an order, and the parents they belong to.
SELECT c.first_name, c.last_name, c.company, sum(i.total), max(i.invoice_date)
FROM invoice i JOIN customer c ON c.customer_id = i.customer_id
GROUP BY c.customer_id, c.first_name, c.last_name, c.company ORDER BY sum(i.total) DESC, c.customer_id LIMIT 10;
