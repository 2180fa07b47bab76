-- One page with its total, the customers of its rows and who looks after them.
SELECT count(*), ceil(count(*) / 25.0)::int FROM invoice;
SELECT i.invoice_id, i.total, i.billing_state, c.last_name, e.last_name
FROM invoice i JOIN customer c ON c.customer_id = i.customer_id LEFT JOIN employee e ON e.employee_id = c.support_rep_id
ORDER BY i.total DESC, i.invoice_id LIMIT 25 OFFSET 50;
