-- The environment of every resource that names one: its latest, by name where a month has two.
SELECT
  x_BillingMonth AS Month, SubAccountId, ResourceId, MAX(x_Environment) AS Environment
FROM resources_monthly
WHERE x_Environment IS NOT NULL AND ResourceId IS NOT NULL
GROUP BY x_BillingMonth, SubAccountId, ResourceId
ORDER BY Month, SubAccountId, ResourceId
