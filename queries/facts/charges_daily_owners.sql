-- What every day cost by team and environment: what their forecasts and budgets start from.
SELECT
  x_BillingMonth, x_ChargeDate, x_Team, x_Environment, BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost
FROM focus
GROUP BY x_BillingMonth, x_ChargeDate, x_Team, x_Environment, BillingCurrency
