SELECT
  x_BillingMonth AS Month,
  CommitmentDiscountId,
  COALESCE(CommitmentDiscountType, '') AS Type,
  COALESCE(CommitmentDiscountCategory, '') AS Category,
  SUM(CASE WHEN CommitmentDiscountStatus = 'Used' THEN EffectiveCost END) AS UsedCost,
  SUM(CASE WHEN CommitmentDiscountStatus = 'Unused' THEN EffectiveCost END) AS UnusedCost,
  SUM(CASE WHEN CommitmentDiscountStatus = 'Used' THEN ListCost END) AS OnDemandCost,
  BillingCurrency
FROM commitments_monthly
WHERE ChargeCategory = 'Usage'
GROUP BY x_BillingMonth, CommitmentDiscountId, COALESCE(CommitmentDiscountType, ''),
  COALESCE(CommitmentDiscountCategory, ''), BillingCurrency
ORDER BY Month, BillingCurrency, CommitmentDiscountId, Type, Category
