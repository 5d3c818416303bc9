-- What every resource used of every meter in a month, machine hours apart (`compute_monthly`): where waste is looked for.
SELECT
  x_BillingMonth, ProviderName, SubAccountId, ServiceName, RegionId, ResourceId,
  COALESCE(SkuMeter, ChargeDescription) AS SkuMeter,
  CASE WHEN ProviderName = 'Microsoft' THEN ChargeDescription END AS ChargeDescription,
  ConsumedUnit, CommitmentDiscountStatus, BillingCurrency,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ConsumedQuantity) AS ConsumedQuantity,
  MAX(EXTRACT(DAY FROM x_ChargeDate)) AS MaxDay,
  MAX(32 - EXTRACT(DAY FROM x_ChargeDate)) AS MaxDaysLeft
FROM focus
WHERE ChargeCategory = 'Usage' AND (x_InstanceType IS NULL OR ResourceId IS NULL)
GROUP BY
  x_BillingMonth, ProviderName, SubAccountId, ServiceName, RegionId, ResourceId, COALESCE(SkuMeter, ChargeDescription),
  CASE WHEN ProviderName = 'Microsoft' THEN ChargeDescription END, ConsumedUnit, CommitmentDiscountStatus,
  BillingCurrency
