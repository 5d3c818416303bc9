//! What a store refuses, in the reader's words: what to set, whom to ask, or that trying again may help.

use super::Url;
use crate::error::{Error, Kind};
use crate::source::aws::causes;
use object_store::Error as Fault;
use regex::Regex;
use std::path::Path;

/// Codes by which stores say that they do not know who is asking.
const UNWELCOME: [&str; 8] = [
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "AuthorizationHeaderMalformed",
    "AuthenticationFailed",
    "InvalidAuthenticationInfo",
    "NoAuthenticationInformation",
];

/// A failed request about a place.
pub(super) fn explain(place: &Path, fault: &Fault) -> Error {
    let words = words(fault);
    let status = status(fault);
    let error = if is_machine_identity(fault) {
        Error::usage(format!(
            "no credentials, and this machine has none of its own: {words}"
        ))
        .hint(sign_in(place))
    } else if UNWELCOME.iter().any(|code| words.contains(code)) {
        Error::usage(format!(
            "the store does not accept these credentials: {words}"
        ))
        .hint(sign_in(place))
    } else if matches!(status, Some(401 | 403)) {
        Error::usage(format!("the store denies access: {words}")).hint(format!(
            "allow this identity to list and read the export, or use another one: {}",
            sign_in(place)
        ))
    } else if status == Some(404) {
        Error::usage(format!("the store does not have it: {words}"))
            .hint("check the names of the bucket and the prefix, and the account or endpoint")
    } else if status == Some(412) {
        changed()
    } else if words.contains("redirect") || matches!(status, Some(300..400)) {
        Error::usage(format!("the bucket is in another region: {words}"))
            .hint("set AWS_REGION to the bucket's region")
    } else if matches!(status, Some(400..=407 | 409..=428 | 430..500)) {
        Error::usage(format!("the store refuses the question: {words}"))
            .hint("check the endpoint, the region and the names in the URL")
    } else {
        Error::new(Kind::Retry, format!("the store does not answer: {words}"))
            .hint("what is already here is kept and goes on from there; try again later")
    };
    error.at(place)
}

/// An object that is another one than the listing had.
pub(super) fn changed() -> Error {
    Error::new(Kind::Retry, "the object changed while it was read")
        .hint("the export is being delivered right now; run again when it is done")
}

/// A store that cannot even be asked: settings are missing or make no sense.
pub(super) fn unusable(url: &Url, fault: &Fault) -> Error {
    let why = match fault {
        Fault::Generic { source, .. } => source.to_string(),
        other => other.to_string(),
    };
    Error::usage(format!("the store cannot be opened: {why}"))
        .at(&url.shown())
        .hint(sign_in(&url.shown()))
}

/// How to give credentials.
fn sign_in(place: &Path) -> &'static str {
    match place.to_str().and_then(|url| url.get(..2)) {
        Some("gs") => {
            "set GOOGLE_APPLICATION_CREDENTIALS, or sign in with `gcloud auth application-default login`"
        }
        Some("az") => {
            "set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN, or AZURE_USE_AZURE_CLI=true after `az login`"
        }
        _ => {
            "set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with `aws sso login`"
        }
    }
}

/// A failure in one line: the store's own code and message where it sent them.
fn words(fault: &Fault) -> String {
    let causes = causes(fault);
    let whole = causes.join(": ");
    let tag = |name: &str| {
        let tag = Regex::new(&format!("<{name}>([^<]*)</{name}>")).ok()?;
        Some(tag.captures(&whole)?[1].trim().to_owned())
    };
    match (tag("Code"), tag("Message")) {
        (Some(code), Some(message)) if !message.is_empty() => format!("{code}: {message}"),
        (Some(code), _) => code,
        _ => {
            let last = causes.last().map_or("", String::as_str);
            let word = last.lines().next().unwrap_or_default().trim();
            word.strip_prefix("Server returned non-2xx status code: ")
                .map_or(word, |status| status.trim_end_matches([':', ' ']))
                .to_owned()
        }
    }
}

/// True where only the machine itself was left to ask who we are.
fn is_machine_identity(fault: &Fault) -> bool {
    let whole = causes(fault).join(": ");
    ["169.254.169.254", "metadata.google", "computeMetadata"]
        .iter()
        .any(|place| whole.contains(place))
}

/// The status that the store answered with; listings hide it deep among the causes.
fn status(fault: &Fault) -> Option<u16> {
    match fault {
        Fault::PermissionDenied { .. } => Some(403),
        Fault::Unauthenticated { .. } => Some(401),
        Fault::NotFound { .. } => Some(404),
        Fault::Precondition { .. } => Some(412),
        _ => {
            let text = causes(fault).join(": ");
            let (_, rest) = text.split_once("status code: ")?;
            rest.get(..3)?.parse().ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(text: &str) -> Fault {
        Fault::Generic {
            store: "S3",
            source: text.into(),
        }
    }

    #[test]
    fn each_fault_has_its_code_and_its_hint() {
        let place = Path::new("s3://b/p");
        let xml = "<Error><Code>AccessDenied</Code><Message>no ListBucket</Message></Error>";
        let denied = explain(
            place,
            &Fault::PermissionDenied {
                path: "p".into(),
                source: xml.into(),
            },
        );
        assert_eq!(denied.kind(), Kind::Usage);
        assert!(
            denied.to_string().contains("AccessDenied: no ListBucket"),
            "{denied}"
        );
        assert!(denied.to_string().contains("s3://b/p"));
        for (text, kind) in [
            ("error sending request", Kind::Retry),
            (
                "Server returned non-2xx status code: 503 Service Unavailable: ",
                Kind::Retry,
            ),
            (
                "Server returned non-2xx status code: 400 Bad Request: ",
                Kind::Usage,
            ),
            (
                "status code: 403 Forbidden: <Code>AccessDenied</Code>",
                Kind::Usage,
            ),
            ("<Code>ExpiredToken</Code>", Kind::Usage),
            ("GET http://169.254.169.254/computeMetadata/v1", Kind::Usage),
        ] {
            assert_eq!(explain(place, &generic(text)).kind(), kind, "{text}");
        }
    }

    #[test]
    fn hints_know_the_store() {
        assert!(sign_in(Path::new("az://c/p")).contains("AZURE_STORAGE_ACCOUNT_NAME"));
        assert!(sign_in(Path::new("gs://c/p")).contains("gcloud"));
    }
}
