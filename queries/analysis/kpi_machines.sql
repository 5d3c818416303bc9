-- Machine hours by type and by how they were paid for: what a vCPU costs, and on what machines the money is.
SELECT
  x_BillingMonth AS Month,
  BillingCurrency,
  COALESCE(ProviderName, '') AS ProviderName,
  x_InstanceType AS InstanceType,
  CASE
    WHEN PricingCategory = 'Dynamic' THEN 'spot'
    WHEN CommitmentDiscountStatus = 'Used' THEN 'committed'
    ELSE 'on demand'
  END AS Paid,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ConsumedQuantity) AS Hours
FROM compute_monthly
WHERE ConsumedUnit IN ('Hrs', 'Hours', 'Hour', 'hours', 'hrs', '1 Hour')
  AND COALESCE(CommitmentDiscountStatus, '') <> 'Unused'
GROUP BY
  x_BillingMonth, BillingCurrency, COALESCE(ProviderName, ''), x_InstanceType,
  CASE
    WHEN PricingCategory = 'Dynamic' THEN 'spot'
    WHEN CommitmentDiscountStatus = 'Used' THEN 'committed'
    ELSE 'on demand'
  END
ORDER BY Month, BillingCurrency, ProviderName, InstanceType, Paid
