-- What every day cost by account, team, environment and cost centre: what forecasts and budgets of owners start from.
SELECT
  x_BillingMonth, x_ChargeDate, SubAccountId, x_Team, x_Environment, x_CostCenter, BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost
FROM focus
GROUP BY x_BillingMonth, x_ChargeDate, SubAccountId, x_Team, x_Environment, x_CostCenter, BillingCurrency
