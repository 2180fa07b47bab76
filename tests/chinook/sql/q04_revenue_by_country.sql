-- Groups ordered by a sum of decimals.
SELECT billing_country, count(*), sum(total), round(avg(total), 8), count(DISTINCT billing_city) FROM invoice
GROUP BY billing_country ORDER BY sum(total) DESC, billing_country COLLATE "C" NULLS FIRST;
