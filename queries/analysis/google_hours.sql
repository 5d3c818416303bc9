-- What Google's machines cost: cores and memory have lines of their own, in seconds or hours of a core and of a byte.
SELECT
  x_BillingMonth AS Month, ResourceId, x_InstanceType AS InstanceType, BillingCurrency,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(CASE WHEN SkuMeter LIKE '%Core%' AND ConsumedUnit IN ('Seconds', 'seconds') THEN ConsumedQuantity END) AS CoreSeconds,
  SUM(CASE WHEN SkuMeter LIKE '%Core%' AND ConsumedUnit IN ('Hours', 'Hour', 'hour', 'hours') THEN ConsumedQuantity END) AS CoreHours,
  SUM(CASE WHEN CommitmentDiscountStatus = 'Used' THEN EffectiveCost END) AS CoveredCost,
  MAX(MaxDay) AS MaxDay,
  MAX(MaxDaysLeft) AS MaxDaysLeft
FROM compute_monthly
WHERE ProviderName = 'Google Cloud' AND (SkuMeter LIKE '%Instance Core%' OR SkuMeter LIKE '%Instance Ram%')
GROUP BY x_BillingMonth, ResourceId, x_InstanceType, BillingCurrency
ORDER BY Month, ResourceId, InstanceType, BillingCurrency
