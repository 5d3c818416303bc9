//! Who we are to AWS: the usual chain of environment, profiles, single sign-on and machine roles.

use crate::error::Error;
use aws_config::ConfigLoader;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;

/// The region that a person has set, in the environment or a profile. The machine is not asked for its own:
/// that would be a wait of seconds wherever there is none.
pub(super) fn region() -> RegionProviderChain {
    RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(ProfileFileRegionProvider::new())
}

/// The settings of the machine with a region.
pub(super) fn settings(region: RegionProviderChain) -> ConfigLoader {
    aws_config::defaults(aws_config::BehaviorVersion::latest()).region(region)
}

/// The error of a machine on which nobody is signed in.
pub(super) fn no_credentials(why: &str) -> Error {
    Error::usage(format!("no AWS credentials: {why}"))
        .hint("set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with `aws sso login`")
}

/// What an error says and what caused it, the first cause last.
pub(super) fn causes(error: &dyn std::error::Error) -> Vec<String> {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect()
}
