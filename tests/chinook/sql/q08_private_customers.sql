-- What is null in two columns.
SELECT last_name, first_name, fax, postal_code FROM customer WHERE company IS NULL AND state IS NULL
ORDER BY last_name COLLATE "C" DESC, customer_id;
