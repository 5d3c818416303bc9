-- What the resources of the savings ledger used of every meter, by month and with its first and last day. What a
-- commitment left unused belongs to no resource.
WITH lines AS (
  SELECT
    x_BillingMonth AS Month, COALESCE(SubAccountId, '') AS Account, COALESCE(ResourceId, '') AS Resource,
    COALESCE(SkuMeter, '') AS Meter, '' AS InstanceType, COALESCE(ConsumedUnit, '') AS Unit,
    COALESCE(CommitmentDiscountStatus, '') AS Status, BillingCurrency, EffectiveCost, ConsumedQuantity, MaxDay, MaxDaysLeft
  FROM meters_monthly
  UNION ALL
  SELECT
    x_BillingMonth AS Month, COALESCE(SubAccountId, '') AS Account, COALESCE(ResourceId, '') AS Resource,
    COALESCE(SkuMeter, '') AS Meter, COALESCE(x_InstanceType, '') AS InstanceType, COALESCE(ConsumedUnit, '') AS Unit,
    COALESCE(CommitmentDiscountStatus, '') AS Status, BillingCurrency, EffectiveCost, ConsumedQuantity, MaxDay, MaxDaysLeft
  FROM compute_monthly
)
SELECT
  lines.Month AS Month, lines.Account AS Account, lines.Resource AS Resource, lines.Meter AS Meter,
  lines.InstanceType AS InstanceType, lines.Unit AS Unit, lines.BillingCurrency AS BillingCurrency,
  SUM(lines.EffectiveCost) AS EffectiveCost,
  SUM(lines.ConsumedQuantity) AS ConsumedQuantity,
  MAX(lines.MaxDay) AS MaxDay,
  MAX(lines.MaxDaysLeft) AS MaxDaysLeft
FROM lines
JOIN wanted ON lines.Account = wanted.WantedAccount AND lines.Resource = wanted.WantedResource
WHERE lines.Status <> 'Unused'
GROUP BY lines.Month, lines.Account, lines.Resource, lines.Meter, lines.InstanceType, lines.Unit, lines.BillingCurrency
ORDER BY Month, Account, Resource, Meter, InstanceType, Unit, BillingCurrency
