-- The sums that key figures are made of. Coverage looks at the services and categories that commitments cover.
WITH covered AS (
  SELECT ServiceName, ServiceCategory, BillingCurrency, COUNT(*) AS Lines
  FROM charges_monthly
  WHERE CommitmentDiscountStatus = 'Used'
  GROUP BY ServiceName, ServiceCategory, BillingCurrency
)
SELECT
  c.x_BillingMonth AS Month,
  c.BillingCurrency AS BillingCurrency,
  SUM(c.EffectiveCost) AS Effective,
  SUM(CASE WHEN c.x_CostCenter IS NOT NULL THEN c.EffectiveCost END) AS Allocated,
  SUM(CASE WHEN c.ChargeCategory = 'Usage' AND c.ListCost IS NOT NULL THEN c.EffectiveCost END) AS UsageEffective,
  SUM(CASE WHEN c.ChargeCategory = 'Usage' THEN c.ListCost END) AS UsageList,
  SUM(CASE WHEN c.ChargeCategory = 'Usage' THEN c.ContractedCost END) AS UsageContracted,
  SUM(CASE WHEN c.CommitmentDiscountStatus = 'Used' THEN c.ListCost END) AS CoveredList,
  SUM(CASE WHEN c.ChargeCategory = 'Usage' AND v.Lines IS NOT NULL THEN c.ListCost END) AS EligibleList,
  SUM(CASE WHEN c.CommitmentDiscountStatus = 'Used' THEN c.EffectiveCost END) AS Used,
  SUM(CASE WHEN c.CommitmentDiscountStatus = 'Unused' THEN c.EffectiveCost END) AS Unused
FROM charges_monthly AS c
LEFT JOIN covered AS v
  ON c.ServiceName = v.ServiceName AND c.ServiceCategory = v.ServiceCategory AND c.BillingCurrency = v.BillingCurrency
GROUP BY c.x_BillingMonth, c.BillingCurrency
ORDER BY Month, BillingCurrency
