-- From when to when each account is charged in each month.
SELECT
  x_BillingMonth AS Month, COALESCE(SubAccountId, '') AS Account,
  MIN(x_ChargeDate) AS FirstDay, MAX(x_ChargeDate) AS LastDay
FROM charges_daily
WHERE ChargeCategory = 'Usage'
GROUP BY x_BillingMonth, COALESCE(SubAccountId, '')
ORDER BY Month, Account
