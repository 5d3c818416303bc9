//! Ways into the three stores, with the credentials that each provider's tools would use, and the listing.

use super::{Url, fault};
use crate::error::{Error, Result};
use crate::source::aws;
use aws_sdk_costexplorer::config::{ProvideCredentials, Region, SharedCredentialsProvider};
use futures_util::TryStreamExt;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, AwsCredential, resolve_bucket_region};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::path::Path as Location;
use object_store::{
    BackoffConfig, ClientConfigKey, ClientOptions, CredentialProvider, ObjectMeta, ObjectStore,
    ObjectStoreExt, RetryConfig,
};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The longest that one request may take: a range of 8 MiB at 70 kB/s.
const PATIENCE: &str = "2 minutes";
/// How long credentials are used before the chain is asked again; those of machines live longer.
const FRESH: Duration = Duration::from_mins(4);

/// An open store.
pub(super) struct Store<'a> {
    pub(super) url: &'a Url,
    pub(super) client: Arc<dyn ObjectStore>,
}

/// An object as the listing has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) key: String,
    pub(super) size: u64,
    /// As the store writes it; empty where the store has none.
    pub(super) etag: String,
    pub(super) modified: String,
}

impl Object {
    fn of(meta: ObjectMeta) -> Object {
        Object {
            key: meta.location.to_string(),
            size: meta.size,
            etag: meta.e_tag.unwrap_or_default(),
            modified: meta.last_modified.to_rfc3339(),
        }
    }

    /// What changes with the bytes: the etag, else the time of change.
    pub(super) fn version(&self) -> String {
        match self.etag.trim_matches('"') {
            "" => self.modified.clone(),
            etag => etag.to_owned(),
        }
    }
}

/// Opens a store and lists everything below the prefix, by key.
pub(super) async fn list(url: &Url) -> Result<(Store<'_>, BTreeMap<String, Object>)> {
    let client = match url.scheme {
        "s3" => s3(url).await?,
        "gs" => gs(url)?,
        _ => az(url)?,
    };
    let store = Store { url, client };
    let explain = |e: object_store::Error| fault::explain(&url.shown(), &e);
    let prefix = Location::parse(&url.prefix).map_err(|e| {
        Error::usage(format!("`{}` is no prefix: {e}", url.prefix))
            .hint("write folders with single slashes between them")
    })?;
    let listed = store.client.list(Some(&prefix));
    let mut objects: Vec<ObjectMeta> = listed.try_collect().await.map_err(explain)?;
    if objects.is_empty() && !url.prefix.is_empty() {
        // The name may be that of one object.
        match store.client.head(&prefix).await {
            Ok(meta) => objects.push(meta),
            Err(object_store::Error::NotFound { .. }) => {}
            Err(e) => return Err(explain(e)),
        }
    }
    if objects.is_empty() {
        return Err(Error::usage("nothing is there").at(&url.shown()).hint(
            "name the bucket and the prefix as the export has them; folders match whole names",
        ));
    }
    let objects = objects.into_iter().map(Object::of);
    let objects = objects.map(|object| (object.key.clone(), object)).collect();
    Ok((store, objects))
}

/// Connection loss and busy stores are waited for, half a minute at most.
fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(300),
            max_backoff: Duration::from_secs(10),
            base: 3.0,
        },
        max_retries: 5,
        retry_timeout: Duration::from_mins(3),
    }
}

/// S3 by the chain of the AWS tools; `AWS_SKIP_SIGNATURE` reads public buckets unsigned.
async fn s3(url: &Url) -> Result<Arc<dyn ObjectStore>> {
    let option = AmazonS3ConfigKey::Client;
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(&url.bucket)
        .with_retry(retries());
    if builder
        .get_config_value(&option(ClientConfigKey::Timeout))
        .is_none()
    {
        builder = builder.with_config(option(ClientConfigKey::Timeout), PATIENCE);
    }
    let set = |builder: &AmazonS3Builder, key| builder.get_config_value(&key);
    let unsigned = set(&builder, AmazonS3ConfigKey::SkipSignature)
        .is_some_and(|value| matches!(value.to_lowercase().as_str(), "true" | "1" | "yes"));
    let mut endpoint = set(&builder, AmazonS3ConfigKey::S3Endpoint)
        .or_else(|| set(&builder, AmazonS3ConfigKey::Endpoint));
    let mut region = set(&builder, AmazonS3ConfigKey::Region);
    if !unsigned {
        let own = aws::region().region().await;
        region = own.map(|region| region.to_string()).or(region);
        // The chain wants some region, or it would ask the machine for one.
        let settings = aws::settings(aws::region().or_else(Region::new("us-east-1")));
        let settings = settings.load().await;
        if endpoint.is_none()
            && let Some(own) = settings.endpoint_url()
        {
            endpoint = Some(own.to_owned());
            builder = builder.with_endpoint(own);
        }
        let provider = settings
            .credentials_provider()
            .ok_or_else(|| aws::no_credentials("none are configured").at(&url.shown()))?;
        let chain = Chain::new(provider);
        let known = chain.current().await;
        known.map_err(|why| aws::no_credentials(&why).at(&url.shown()))?;
        builder = builder.with_credentials(Arc::new(chain));
    }
    if endpoint
        .as_deref()
        .is_some_and(|endpoint| endpoint.starts_with("http://"))
    {
        builder = builder.with_allow_http(true);
    }
    if region.is_none() && endpoint.is_none() {
        let found = resolve_bucket_region(&url.bucket, &ClientOptions::new()).await;
        region = Some(found.map_err(|e| fault::explain(&url.shown(), &e))?);
    }
    let builder = builder.with_region(region.unwrap_or_else(|| "us-east-1".to_owned()));
    let client = builder.build().map_err(|e| fault::unusable(url, &e))?;
    Ok(Arc::new(client))
}

/// Google Cloud Storage by `GOOGLE_APPLICATION_CREDENTIALS`, a signed-in `gcloud`, or the machine.
fn gs(url: &Url) -> Result<Arc<dyn ObjectStore>> {
    let option = GoogleConfigKey::Client;
    let mut builder = GoogleCloudStorageBuilder::from_env()
        .with_bucket_name(&url.bucket)
        .with_retry(retries());
    if builder
        .get_config_value(&option(ClientConfigKey::Timeout))
        .is_none()
    {
        builder = builder.with_config(option(ClientConfigKey::Timeout), PATIENCE);
    }
    let endpoint = builder.get_config_value(&GoogleConfigKey::BaseUrl);
    if endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) {
        builder = builder.with_config(option(ClientConfigKey::AllowHttp), "true");
    }
    let client = builder.build().map_err(|e| fault::unusable(url, &e))?;
    Ok(Arc::new(client))
}

/// Azure Blob Storage of the account in `AZURE_STORAGE_ACCOUNT_NAME`.
fn az(url: &Url) -> Result<Arc<dyn ObjectStore>> {
    let option = AzureConfigKey::Client;
    let mut builder = MicrosoftAzureBuilder::from_env()
        .with_container_name(&url.bucket)
        .with_retry(retries());
    if builder
        .get_config_value(&option(ClientConfigKey::Timeout))
        .is_none()
    {
        builder = builder.with_config(option(ClientConfigKey::Timeout), PATIENCE);
    }
    let endpoint = builder.get_config_value(&AzureConfigKey::Endpoint);
    if endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) {
        builder = builder.with_config(option(ClientConfigKey::AllowHttp), "true");
    }
    let client = builder.build().map_err(|e| fault::unusable(url, &e))?;
    Ok(Arc::new(client))
}

/// The AWS chain as the store's client asks for it: before every request.
#[derive(Debug)]
struct Chain {
    provider: SharedCredentialsProvider,
    known: Mutex<Option<(Instant, Arc<AwsCredential>)>>,
}

impl Chain {
    fn new(provider: SharedCredentialsProvider) -> Chain {
        Chain {
            provider,
            known: Mutex::new(None),
        }
    }

    async fn current(&self) -> std::result::Result<Arc<AwsCredential>, String> {
        let known = self.known.lock().ok().and_then(|known| known.clone());
        if let Some((_, known)) = known.filter(|(since, _)| since.elapsed() < FRESH) {
            return Ok(known);
        }
        let fresh = self.provider.provide_credentials().await;
        let fresh = fresh.map_err(|e| aws::causes(&e).join(": "))?;
        let fresh = Arc::new(AwsCredential {
            key_id: fresh.access_key_id().to_owned(),
            secret_key: fresh.secret_access_key().to_owned(),
            token: fresh.session_token().map(str::to_owned),
        });
        if let Ok(mut known) = self.known.lock() {
            *known = Some((Instant::now(), Arc::clone(&fresh)));
        }
        Ok(fresh)
    }
}

impl CredentialProvider for Chain {
    type Credential = AwsCredential;

    fn get_credential<'a, 'b>(
        &'a self,
    ) -> Pin<Box<dyn Future<Output = object_store::Result<Arc<AwsCredential>>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            self.current()
                .await
                .map_err(|why| object_store::Error::Generic {
                    store: "S3",
                    source: why.into(),
                })
        })
    }
}
