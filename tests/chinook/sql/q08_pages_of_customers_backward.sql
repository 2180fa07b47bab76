-- Every page of ten from the last back to the first, nulls first in a descending order.
SELECT page, state, last_name, first_name FROM (
  SELECT state, last_name, first_name, (row_number() OVER back - 1) / 10 + 1 AS page, row_number() OVER back AS place
  FROM customer WHERE company IS NULL
  WINDOW back AS (ORDER BY state COLLATE "C" ASC NULLS LAST, last_name COLLATE "C" DESC, customer_id DESC)
) AS walked ORDER BY page, place DESC;
