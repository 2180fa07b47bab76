-- Every page of seven, by two columns in two directions.
SELECT (row_number() OVER by_place - 1) / 7 + 1, country, city, last_name FROM customer
WINDOW by_place AS (ORDER BY country COLLATE "C" DESC NULLS LAST, city COLLATE "C" NULLS FIRST, customer_id)
ORDER BY row_number() OVER by_place;
