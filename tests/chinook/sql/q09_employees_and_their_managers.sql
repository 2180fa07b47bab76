-- A tree, both ways, with instants before 1970.
SELECT e.last_name, e.title, m.last_name, (SELECT count(*) FROM employee r WHERE r.reports_to = e.employee_id),
e.birth_date, e.hire_date
FROM employee e LEFT JOIN employee m ON m.employee_id = e.reports_to ORDER BY e.hire_date, e.employee_id;
