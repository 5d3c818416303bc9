-- Machine hours and what they cost, by machine, type and price: the own bill as a price list.
SELECT
  x_BillingMonth, ProviderName, SubAccountId, RegionId, ServiceName, ResourceId, x_InstanceType, x_OperatingSystem,
  SkuMeter, PricingCategory, CommitmentDiscountStatus, ConsumedUnit, BillingCurrency,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost,
  SUM(ConsumedQuantity) AS ConsumedQuantity,
  MAX(ListUnitPrice) AS MaxListUnitPrice,
  MAX(EXTRACT(DAY FROM x_ChargeDate)) AS MaxDay,
  MAX(32 - EXTRACT(DAY FROM x_ChargeDate)) AS MaxDaysLeft
FROM focus
WHERE x_InstanceType IS NOT NULL AND ResourceId IS NOT NULL AND ChargeCategory = 'Usage'
GROUP BY
  x_BillingMonth, ProviderName, SubAccountId, RegionId, ServiceName, ResourceId, x_InstanceType, x_OperatingSystem,
  SkuMeter, PricingCategory, CommitmentDiscountStatus, ConsumedUnit, BillingCurrency
