-- What the bill says about every commitment: its kind, its end, its term, how it is paid, and the month and day (as
-- 32 less the day) of a purchase that paid for all of it.
SELECT
  CommitmentDiscountId,
  BillingCurrency,
  COALESCE(MAX(CommitmentDiscountType), '') AS Type,
  COALESCE(MAX(CommitmentDiscountCategory), '') AS Category,
  COALESCE(MAX(x_CommitmentDiscountEnd), '') AS EndsOn,
  COALESCE(MAX(x_CommitmentDiscountPayment), '') AS Payment,
  COALESCE(MAX(x_CommitmentDiscountTerm), '') AS Term,
  COALESCE(MIN(CASE WHEN PurchaseDaysLeft IS NOT NULL THEN x_BillingMonth END), '') AS BoughtMonth,
  MAX(PurchaseDaysLeft) AS BoughtDaysLeft
FROM commitments_monthly
GROUP BY CommitmentDiscountId, BillingCurrency
ORDER BY CommitmentDiscountId, BillingCurrency
