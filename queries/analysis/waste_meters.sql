-- What every resource used of every meter, by month and with its first and last day: one row each for waste checks.
-- What a commitment left unused belongs to no resource and is looked at elsewhere.
SELECT
  x_BillingMonth AS Month, ProviderName, SubAccountId, ServiceName, RegionId, ResourceId, SkuMeter, ChargeDescription,
  CAST(NULL AS STRING) AS InstanceType, CAST(NULL AS STRING) AS OperatingSystem, ConsumedUnit,
  COALESCE(CommitmentDiscountStatus, '') AS Status, BillingCurrency, EffectiveCost, ConsumedQuantity, MaxDay, MaxDaysLeft
FROM meters_monthly
WHERE COALESCE(CommitmentDiscountStatus, '') <> 'Unused'
UNION ALL
SELECT
  x_BillingMonth AS Month, ProviderName, SubAccountId, ServiceName, RegionId, ResourceId, SkuMeter,
  CAST(NULL AS STRING) AS ChargeDescription, x_InstanceType AS InstanceType, x_OperatingSystem AS OperatingSystem,
  ConsumedUnit, COALESCE(CommitmentDiscountStatus, '') AS Status, BillingCurrency, EffectiveCost, ConsumedQuantity,
  MaxDay, MaxDaysLeft
FROM compute_monthly
WHERE COALESCE(CommitmentDiscountStatus, '') <> 'Unused' AND COALESCE(PricingCategory, '') <> 'Dynamic'
ORDER BY Month, ProviderName, SubAccountId, ServiceName, RegionId, ResourceId, SkuMeter, ChargeDescription,
  InstanceType, OperatingSystem, ConsumedUnit, Status, BillingCurrency, EffectiveCost, ConsumedQuantity
