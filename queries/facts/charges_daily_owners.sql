-- What every day cost by account, team and environment: what the forecasts and budgets of owners start from.
SELECT
  x_BillingMonth, x_ChargeDate, SubAccountId, x_Team, x_Environment, BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost
FROM focus
GROUP BY x_BillingMonth, x_ChargeDate, SubAccountId, x_Team, x_Environment, BillingCurrency
