-- What every day cost by team, environment and cost centre: what their forecasts and budgets start from.
SELECT
  x_BillingMonth, x_ChargeDate, x_Team, x_Environment, x_CostCenter, BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost
FROM focus
GROUP BY x_BillingMonth, x_ChargeDate, x_Team, x_Environment, x_CostCenter, BillingCurrency
