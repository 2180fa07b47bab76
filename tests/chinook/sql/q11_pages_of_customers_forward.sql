-- Every page of seven by place, by a column with many nulls and another in the other direction.
SELECT (row_number() OVER by_place - 1) / 7 + 1, state, country, last_name FROM customer
WINDOW by_place AS (ORDER BY state COLLATE "C" NULLS FIRST, country COLLATE "C" DESC NULLS LAST, customer_id)
ORDER BY row_number() OVER by_place;
