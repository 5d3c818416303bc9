-- What the tag policy judges: cost by resource and tag set.
SELECT
  x_BillingMonth AS Month,
  COALESCE(ProviderName, '') AS ProviderName,
  COALESCE(SubAccountId, '') AS SubAccountId,
  COALESCE(ServiceName, '') AS ServiceName,
  COALESCE(RegionId, '') AS RegionId,
  COALESCE(ResourceId, '') AS ResourceId,
  COALESCE(ResourceType, '') AS ResourceType,
  COALESCE(ChargeCategory, '') AS ChargeCategory,
  COALESCE(Tags, '') AS Tags,
  COALESCE(x_Team, '(untagged)') AS Team,
  BillingCurrency,
  SUM(EffectiveCost) AS EffectiveCost
FROM resources_monthly
GROUP BY x_BillingMonth, COALESCE(ProviderName, ''), COALESCE(SubAccountId, ''), COALESCE(ServiceName, ''),
  COALESCE(RegionId, ''), COALESCE(ResourceId, ''), COALESCE(ResourceType, ''), COALESCE(ChargeCategory, ''),
  COALESCE(Tags, ''), COALESCE(x_Team, '(untagged)'), BillingCurrency
ORDER BY Month, ProviderName, SubAccountId, ServiceName, RegionId, ResourceId, ResourceType, ChargeCategory, Tags,
  Team, BillingCurrency
