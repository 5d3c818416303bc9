-- First and last day of every type that a machine or database was billed as: when it was resized.
SELECT
  x_BillingMonth AS Month, ResourceId, x_InstanceType AS InstanceType,
  MAX(MaxDay) AS LastDay, MAX(MaxDaysLeft) AS MaxDaysLeft
FROM compute_monthly
GROUP BY x_BillingMonth, ResourceId, x_InstanceType
ORDER BY Month, ResourceId, InstanceType
