-- The sums that key figures are made of; those of commitments are commitment_months.sql's.
SELECT
  x_BillingMonth AS Month,
  BillingCurrency,
  SUM(EffectiveCost) AS Effective,
  SUM(CASE WHEN x_CostCenter IS NOT NULL THEN EffectiveCost END) AS Allocated,
  SUM(CASE WHEN ChargeCategory = 'Usage' AND ListCost IS NOT NULL THEN EffectiveCost END) AS UsageEffective,
  SUM(CASE WHEN ChargeCategory = 'Usage' THEN ListCost END) AS UsageList,
  SUM(CASE WHEN ChargeCategory = 'Usage' THEN ContractedCost END) AS UsageContracted
FROM charges_monthly
GROUP BY x_BillingMonth, BillingCurrency
ORDER BY Month, BillingCurrency
