-- What every resource of every account cost: compared with what the inventories list. Charges without a resource
-- say which accounts the bill covers.
SELECT
  x_BillingMonth AS Month,
  COALESCE(ProviderName, '') AS ProviderName,
  COALESCE(SubAccountId, '') AS SubAccountId,
  COALESCE(RegionId, '') AS RegionId,
  COALESCE(ServiceName, '') AS ServiceName,
  COALESCE(ResourceId, '') AS ResourceId,
  BillingCurrency,
  MAX(CASE WHEN COALESCE(Tags, '') IN ('', '{}') THEN 0 ELSE 1 END) AS Tagged,
  SUM(EffectiveCost) AS EffectiveCost
FROM resources_monthly
WHERE ChargeCategory = 'Usage'
GROUP BY x_BillingMonth, COALESCE(ProviderName, ''), COALESCE(SubAccountId, ''), COALESCE(RegionId, ''),
  COALESCE(ServiceName, ''), COALESCE(ResourceId, ''), BillingCurrency
ORDER BY Month, ProviderName, SubAccountId, RegionId, ServiceName, ResourceId, BillingCurrency
