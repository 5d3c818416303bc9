-- Every set of tags: the resources that carry it and what they cost.
SELECT
  COALESCE(ProviderName, '') AS ProviderName,
  Tags,
  BillingCurrency,
  COUNT(DISTINCT ResourceId) AS Resources,
  SUM(EffectiveCost) AS EffectiveCost
FROM resources_monthly
WHERE Tags IS NOT NULL
GROUP BY COALESCE(ProviderName, ''), Tags, BillingCurrency
ORDER BY ProviderName, Tags, BillingCurrency
