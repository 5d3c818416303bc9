//! The conversation with Cost Explorer: credentials, pages, retries, and refusals in the reader's words.
//!
//! The one room with async code: the runtime is entered and left in [`days`]. The SDK's own retries are
//! off, since each would be a paid request that nobody counted.

use super::{Credentials, Meter, Pull};
use crate::error::{Error, Kind, Result};
use crate::source::aws::{self, causes, no_credentials};
use aws_sdk_costexplorer::Client;
use aws_sdk_costexplorer::config::retry::RetryConfig;
use aws_sdk_costexplorer::config::timeout::TimeoutConfig;
use aws_sdk_costexplorer::config::{self, ProvideCredentials, Region};
use aws_sdk_costexplorer::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_costexplorer::operation::get_cost_and_usage::{
    GetCostAndUsageError, GetCostAndUsageOutput,
};
use aws_sdk_costexplorer::types::{
    DateInterval, Granularity, GroupDefinition, GroupDefinitionType, ResultByTime,
};
use std::time::Duration;

/// How often one page is asked for before giving up.
const ATTEMPTS: u32 = 5;
/// The longest that one attempt may take; a large page takes seconds.
const PATIENCE: Duration = Duration::from_mins(2);

/// Error codes by which AWS says "not so fast".
const THROTTLED: [&str; 5] = [
    "LimitExceededException",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];
/// Error codes of keys that AWS does not accept.
const UNWELCOME: [&str; 8] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "UnrecognizedClientException",
];

type Failure = SdkError<GetCostAndUsageError>;

/// Every day of the period with its groups, page after page.
pub(super) fn days(
    request: &Pull,
    meter: &mut Meter,
    say: &mut dyn FnMut(&str),
) -> Result<Vec<ResultByTime>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime =
        runtime.map_err(|e| Error::new(Kind::Retry, format!("no network on this machine: {e}")))?;
    runtime.block_on(pages(request, meter, say))
}

async fn pages(
    request: &Pull,
    meter: &mut Meter,
    say: &mut dyn FnMut(&str),
) -> Result<Vec<ResultByTime>> {
    let client = client(request).await?;
    let mut days = Vec::new();
    let mut token = None;
    loop {
        let page = patiently(&client, request, token.as_deref(), meter, say).await?;
        days.extend(page.results_by_time.unwrap_or_default());
        token = page.next_page_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(days);
        }
    }
}

/// One page, asked for again with growing pauses while the trouble is of a kind that passes.
async fn patiently(
    client: &Client,
    request: &Pull,
    token: Option<&str>,
    meter: &mut Meter,
    say: &mut dyn FnMut(&str),
) -> Result<GetCostAndUsageOutput> {
    let mut pause = request.pause;
    let mut attempt = 1;
    loop {
        meter.count_one()?;
        let failure = match page(client, request, token).await {
            Ok(page) => return Ok(page),
            Err(failure) => failure,
        };
        if !passes(&failure) || attempt == ATTEMPTS || meter.is_spent() {
            return Err(explain(&failure));
        }
        say(&format!(
            "Cost Explorer: {}; asking again in {pause:?}",
            words(&failure)
        ));
        tokio::time::sleep(pause).await;
        pause = pause.saturating_mul(2);
        attempt += 1;
    }
}

/// One request, one attempt.
async fn page(
    client: &Client,
    request: &Pull,
    token: Option<&str>,
) -> std::result::Result<GetCostAndUsageOutput, Failure> {
    let period = request.period;
    let days = DateInterval::builder()
        .start(period.start.to_string())
        .end(period.end.to_string())
        .build()?;
    let group = |kind, key: &str| GroupDefinition::builder().r#type(kind).key(key).build();
    let second = match &request.tag {
        Some(key) => group(GroupDefinitionType::Tag, key),
        None => group(GroupDefinitionType::Dimension, "LINKED_ACCOUNT"),
    };
    client
        .get_cost_and_usage()
        .time_period(days)
        .granularity(Granularity::Daily)
        .metrics("UnblendedCost")
        .metrics("AmortizedCost")
        .group_by(group(GroupDefinitionType::Dimension, "SERVICE"))
        .group_by(second)
        .set_next_page_token(token.map(str::to_owned))
        .send()
        .await
}

/// A client whose credentials are already known to exist: their absence costs no request.
async fn client(request: &Pull) -> Result<Client> {
    // Cost Explorer lives in one region per partition.
    let mut loader = aws::settings(aws::region().or_else(Region::new("us-east-1")));
    if let Credentials::Static {
        access_key_id,
        secret_access_key,
        session_token,
    } = &request.credentials
    {
        let keys = (access_key_id, secret_access_key, session_token.clone());
        loader = loader.credentials_provider(config::Credentials::new(
            keys.0, keys.1, keys.2, None, "static",
        ));
    }
    let shared = loader.load().await;
    let provider = shared
        .credentials_provider()
        .ok_or_else(|| no_credentials("none are configured"))?;
    let known = provider
        .provide_credentials()
        .await
        .map_err(|e| no_credentials(&causes(&e).join(": ")))?;
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(10))
        .operation_attempt_timeout(PATIENCE);
    let mut config = config::Builder::from(&shared)
        .credentials_provider(known)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts.build());
    if let Some(url) = &request.endpoint {
        config = config.endpoint_url(url);
    }
    Ok(Client::from_conf(config.build()))
}

/// True where the same request may well be answered a little later.
fn passes(failure: &Failure) -> bool {
    match failure {
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => true,
        SdkError::DispatchFailure(f) => f.is_io() || f.is_timeout() || f.as_other().is_some(),
        SdkError::ServiceError(f) => {
            let status = f.raw().status().as_u16();
            status == 429
                || status >= 500
                || THROTTLED.contains(&failure.code().unwrap_or_default())
        }
        _ => false,
    }
}

/// What to tell the reader when it is over.
fn explain(failure: &Failure) -> Error {
    let words = words(failure);
    let code = failure.code().unwrap_or_default();
    if passes(failure) {
        return Error::new(
            Kind::Retry,
            format!("Cost Explorer does not answer: {words}"),
        )
        .hint("nothing was written; try again later");
    }
    if code.starts_with("AccessDenied") {
        return Error::usage(format!("Cost Explorer denies access: {words}")).hint(
            "allow ce:GetCostAndUsage; member accounts also need the management account to share Cost Explorer",
        );
    }
    if UNWELCOME.contains(&code) {
        return Error::usage(format!("AWS does not accept these credentials: {words}"))
            .hint("sign in again, or check the keys and this machine's clock");
    }
    if failure
        .raw_response()
        .is_some_and(|answer| answer.status().is_success())
    {
        return Error::data(format!("this is no answer of Cost Explorer: {words}"))
            .hint("nothing was written; a proxy or --endpoint may have answered instead");
    }
    if code == "DataUnavailableException" {
        return Error::new(
            Kind::Retry,
            format!("Cost Explorer has no data yet: {words}"),
        )
        .hint("newly enabled, it needs up to a day");
    }
    if failure.as_service_error().is_none() {
        return Error::usage(format!("the request cannot be sent: {words}"))
            .hint("check --endpoint and AWS_ENDPOINT_URL");
    }
    Error::usage(format!("Cost Explorer refuses the question: {words}"))
        .hint("daily cost reaches back about 14 months; check --period and --tag")
}

/// A failure in one line.
fn words(failure: &Failure) -> String {
    match (failure.code(), failure.message(), failure) {
        (Some(code), Some(message), _) => format!("{code}: {message}"),
        (Some(code), None, _) => code.to_owned(),
        (None, _, SdkError::ServiceError(answer)) => {
            format!("HTTP status {}", answer.raw().status().as_u16())
        }
        (None, ..) => causes(failure).pop().unwrap_or_default(),
    }
}
