-- Core hours of managed databases that are charged by meter, not by machine type, with the first and last day of them.
SELECT
  x_BillingMonth AS Month, ResourceId, RegionId, BillingCurrency,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ConsumedQuantity) AS ConsumedQuantity,
  SUM(CASE WHEN CommitmentDiscountStatus = 'Used' THEN ConsumedQuantity END) AS CoveredQuantity,
  MAX(MaxDay) AS MaxDay,
  MAX(MaxDaysLeft) AS MaxDaysLeft
FROM meters_monthly
WHERE ResourceId IS NOT NULL
  AND (SkuMeter LIKE '%vCore%' OR ChargeDescription LIKE '%vCore%')
  AND ConsumedUnit IN ('Hrs', 'Hours', 'Hour', 'hours', 'hrs', '1 Hour')
GROUP BY x_BillingMonth, ResourceId, RegionId, BillingCurrency
ORDER BY Month, ResourceId, RegionId, BillingCurrency
