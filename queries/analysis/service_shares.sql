-- How many charges every service has under each category; FOCUS publishes a service under one.
SELECT
  COALESCE(ServiceName, 'Unknown') AS Service,
  COALESCE(ServiceCategory, 'Other') AS ServiceCategory,
  SUM(Charges) AS Charges
FROM charges_monthly
GROUP BY COALESCE(ServiceName, 'Unknown'), COALESCE(ServiceCategory, 'Other')
ORDER BY Service, ServiceCategory
