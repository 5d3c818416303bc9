-- The sums that key figures of cost are made of; those of commitments are commitment_months.sql's. Usage has its
-- prices side by side only where a bill has all of them: a missing price is unknown, not nothing.
SELECT
  x_BillingMonth AS Month,
  BillingCurrency,
  SUM(EffectiveCost) AS Effective,
  SUM(CASE WHEN x_CostCenter IS NOT NULL THEN EffectiveCost END) AS Allocated,
  SUM(CASE WHEN ChargeCategory = 'Usage' AND ListCost IS NOT NULL AND ContractedCost IS NOT NULL
    THEN EffectiveCost END) AS UsageEffective,
  SUM(CASE WHEN ChargeCategory = 'Usage' AND ListCost IS NOT NULL AND ContractedCost IS NOT NULL
    THEN ListCost END) AS UsageList,
  SUM(CASE WHEN ChargeCategory = 'Usage' AND ListCost IS NOT NULL AND ContractedCost IS NOT NULL
    THEN ContractedCost END) AS UsageContracted
FROM charges_monthly
GROUP BY x_BillingMonth, BillingCurrency
ORDER BY Month, BillingCurrency
