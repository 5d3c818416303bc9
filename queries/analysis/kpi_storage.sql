-- Storage that is charged by size and time: volumes and disks, and objects. Providers name meters differently; what
-- is charged by the disk, by the snapshot or by the request is not a price of a gigabyte.
SELECT
  x_BillingMonth AS Month,
  BillingCurrency,
  CASE
    WHEN CAST(SkuMeter AS STRING) LIKE '%VolumeUsage%' OR CAST(SkuMeter AS STRING) LIKE '%PD Capacity%'
      OR CAST(SkuMeter AS STRING) LIKE '%Block Volume%' THEN 'block'
    ELSE 'object'
  END AS Kind,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ConsumedQuantity) AS Quantity
FROM meters_monthly
WHERE ConsumedUnit IN ('GB-Months', 'GiB-Months', 'GB-Mo', 'GB-Month', 'GB Month', 'GB Months', 'gibibyte month')
  AND ConsumedQuantity IS NOT NULL
  AND (CAST(SkuMeter AS STRING) LIKE '%VolumeUsage%' OR CAST(SkuMeter AS STRING) LIKE '%PD Capacity%'
    OR CAST(SkuMeter AS STRING) LIKE '%Block Volume%' OR CAST(SkuMeter AS STRING) LIKE '%TimedStorage%'
    OR (ServiceName = 'Cloud Storage' AND CAST(SkuMeter AS STRING) LIKE '%Storage%')
    OR (ProviderName = 'Microsoft' AND CAST(SkuMeter AS STRING) LIKE '%Data Stored%'
      AND CAST(ChargeDescription AS STRING) LIKE '%Blob%')
    OR CAST(SkuMeter AS STRING) LIKE '%Object Storage%')
GROUP BY
  x_BillingMonth, BillingCurrency,
  CASE
    WHEN CAST(SkuMeter AS STRING) LIKE '%VolumeUsage%' OR CAST(SkuMeter AS STRING) LIKE '%PD Capacity%'
      OR CAST(SkuMeter AS STRING) LIKE '%Block Volume%' THEN 'block'
    ELSE 'object'
  END
ORDER BY Month, BillingCurrency, Kind
