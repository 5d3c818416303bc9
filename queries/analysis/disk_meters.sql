-- What volumes and managed disks cost, by meter and month, with the first and last day of it.
SELECT
  x_BillingMonth AS Month, ResourceId, RegionId, SkuMeter, ConsumedUnit, BillingCurrency,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ConsumedQuantity) AS ConsumedQuantity,
  MAX(MaxDay) AS MaxDay,
  MAX(MaxDaysLeft) AS MaxDaysLeft
FROM meters_monthly
WHERE ResourceId IS NOT NULL
  AND (SkuMeter LIKE '%EBS:Volume%' OR SkuMeter LIKE '%PD Capacity%' OR SkuMeter LIKE '% Disk' OR SkuMeter LIKE '% Disks')
GROUP BY x_BillingMonth, ResourceId, RegionId, SkuMeter, ConsumedUnit, BillingCurrency
ORDER BY Month, ResourceId, RegionId, SkuMeter, ConsumedUnit, BillingCurrency
