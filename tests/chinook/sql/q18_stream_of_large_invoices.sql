-- Between two instants, above a decimal, row by row.
SELECT invoice_id, invoice_date, total, billing_state, billing_country FROM invoice
WHERE invoice_date >= '2023-01-01' AND invoice_date < '2024-01-01' AND total > 8.90 ORDER BY invoice_date, invoice_id;
