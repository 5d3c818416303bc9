-- What every resource cost in a month, with its tags: compliance, owners, showback rules, waste.
-- Data transfer is told by the meter's name, for it has no FOCUS column of its own: AWS (DataTransfer, In-Bytes,
-- Out-Bytes, the bytes of gateways and endpoints), Azure, Google and Oracle (Data Transfer, Egress, Ingress). Names
-- are looked at once each, not once a charge; the meter itself would multiply the rows.
WITH meter AS (
  SELECT SkuMeter AS Meter, CAST(SkuMeter AS STRING) AS Name FROM focus WHERE SkuMeter IS NOT NULL GROUP BY SkuMeter
),
transfer AS (
  SELECT Meter, 'yes' AS x_DataTransfer
  FROM meter
  WHERE Name LIKE '%DataTransfer%' OR Name LIKE '%-In-Bytes%' OR Name LIKE '%-Out-Bytes%'
    OR Name LIKE '%NatGateway-Bytes%' OR Name LIKE '%TransitGateway-Bytes%' OR Name LIKE '%VpcEndpoint-Bytes%'
    OR Name LIKE '%Data Transfer%' OR Name LIKE '%Egress%' OR Name LIKE '%Ingress%'
)
SELECT
  x_BillingMonth, ProviderName, BillingAccountId, SubAccountId, SubAccountName, ServiceCategory, ServiceName, RegionId,
  ResourceId, ResourceType, ChargeCategory, PricingCategory, CommitmentDiscountStatus, x_DataTransfer, Tags,
  x_CostCenter, x_Environment, x_Team, BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost
FROM focus
LEFT JOIN transfer ON focus.SkuMeter = transfer.Meter
GROUP BY
  x_BillingMonth, ProviderName, BillingAccountId, SubAccountId, SubAccountName, ServiceCategory, ServiceName, RegionId,
  ResourceId, ResourceType, ChargeCategory, PricingCategory, CommitmentDiscountStatus, x_DataTransfer, Tags,
  x_CostCenter, x_Environment, x_Team, BillingCurrency
