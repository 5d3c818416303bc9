-- The team of every resource that names one: its latest, by name where a month has two.
SELECT
  x_BillingMonth AS Month, SubAccountId AS Account, ResourceId AS Resource, MAX(x_Team) AS Team
FROM resources_monthly
JOIN wanted ON resources_monthly.SubAccountId = wanted.WantedAccount
  AND resources_monthly.ResourceId = wanted.WantedResource
WHERE x_Team IS NOT NULL
GROUP BY x_BillingMonth, SubAccountId, ResourceId
ORDER BY Month, Account, Resource
