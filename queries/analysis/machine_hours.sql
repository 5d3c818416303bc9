-- What every machine's hours cost, by month: the price side of rightsizing. Google counts cores and memory apart.
SELECT
  x_BillingMonth AS Month,
  ResourceId,
  x_InstanceType AS InstanceType,
  COALESCE(RegionId, '') AS RegionId,
  COALESCE(x_OperatingSystem, '') AS OperatingSystem,
  BillingCurrency,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ConsumedQuantity) AS Hours,
  SUM(CASE WHEN CommitmentDiscountStatus = 'Used' THEN ConsumedQuantity END) AS CoveredHours,
  MAX(MaxListUnitPrice) AS ListRate
FROM compute_monthly
WHERE ProviderName <> 'Google Cloud' AND ConsumedUnit IN ('Hrs', 'Hours', 'Hour', 'hours', 'hrs', '1 Hour')
GROUP BY x_BillingMonth, ResourceId, x_InstanceType, COALESCE(RegionId, ''), COALESCE(x_OperatingSystem, ''),
  BillingCurrency
ORDER BY Month, ResourceId, InstanceType, RegionId, OperatingSystem, BillingCurrency
