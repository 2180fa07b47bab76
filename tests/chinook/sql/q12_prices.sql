-- Groups by a decimal.
SELECT unit_price, count(*), sum(quantity), count(DISTINCT track_id) FROM invoice_line
GROUP BY unit_price ORDER BY unit_price DESC;
