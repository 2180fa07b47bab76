-- Figures over a whole table.
SELECT count(*), sum(total), round(avg(total), 8), min(total), max(total), min(invoice_date), max(invoice_date),
count(DISTINCT billing_country), count(DISTINCT billing_state), min(billing_state COLLATE "C") FROM invoice;
