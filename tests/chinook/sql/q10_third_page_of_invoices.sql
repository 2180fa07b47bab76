-- One page, and how many rows and pages there are.
SELECT count(*), ceil(count(*) / 25.0)::int FROM invoice;
SELECT invoice_id, total, billing_state FROM invoice ORDER BY total DESC, invoice_id LIMIT 25 OFFSET 50;
