-- Usage that commitments cover or could cover, hour by hour: on demand, covered, and what nobody used. Could be
-- covered: machines and other compute, as far as it is charged by time; spot never. Where a charge is longer than
-- an hour, x_Hour is empty: its bill knows days only.
SELECT
  x_BillingMonth, x_ChargeDate,
  CASE
    WHEN CAST(ChargePeriodStart AS DATE) = CAST(ChargePeriodEnd AS DATE)
      AND EXTRACT(HOUR FROM ChargePeriodEnd) - EXTRACT(HOUR FROM ChargePeriodStart) <= 1
      THEN CAST(EXTRACT(HOUR FROM ChargePeriodStart) AS STRING)
    WHEN EXTRACT(HOUR FROM ChargePeriodStart) = 23 AND EXTRACT(HOUR FROM ChargePeriodEnd) = 0 THEN '23'
    ELSE ''
  END AS x_Hour,
  ProviderName, BillingAccountId, ServiceCategory, ServiceName, RegionId, x_InstanceType, CommitmentDiscountId,
  CommitmentDiscountCategory, CommitmentDiscountStatus, x_OperatingSystem, ConsumedUnit, BillingCurrency,
  SUM(ContractedCost) AS ContractedCost,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost,
  SUM(ConsumedQuantity) AS ConsumedQuantity
FROM focus
WHERE ChargeCategory = 'Usage'
  AND (CommitmentDiscountStatus IS NOT NULL
    OR (PricingCategory = 'Standard'
      AND (x_InstanceType IS NOT NULL OR ServiceCategory = 'Compute')
      AND (CAST(ConsumedUnit AS STRING) LIKE '%our%' OR CAST(ConsumedUnit AS STRING) LIKE '%econd%'
        OR CAST(ConsumedUnit AS STRING) LIKE '%Hr%' OR CAST(ConsumedUnit AS STRING) IN ('hrs', 'h'))))
GROUP BY
  x_BillingMonth, x_ChargeDate,
  CASE
    WHEN CAST(ChargePeriodStart AS DATE) = CAST(ChargePeriodEnd AS DATE)
      AND EXTRACT(HOUR FROM ChargePeriodEnd) - EXTRACT(HOUR FROM ChargePeriodStart) <= 1
      THEN CAST(EXTRACT(HOUR FROM ChargePeriodStart) AS STRING)
    WHEN EXTRACT(HOUR FROM ChargePeriodStart) = 23 AND EXTRACT(HOUR FROM ChargePeriodEnd) = 0 THEN '23'
    ELSE ''
  END,
  ProviderName, BillingAccountId, ServiceCategory, ServiceName, RegionId, x_InstanceType, CommitmentDiscountId,
  CommitmentDiscountCategory, CommitmentDiscountStatus, x_OperatingSystem, ConsumedUnit, BillingCurrency
