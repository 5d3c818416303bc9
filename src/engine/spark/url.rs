//! Where a cluster is: `spark://host:port`, or a Spark Connect URL with a token in it, which no message repeats.

use crate::error::{Error, Kind, Result};
use std::fmt;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// The port of Spark Connect where a URL names none.
const PORT: u16 = 15002;
/// How long one try to reach a cluster may take, and the pauses before the next ones.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// The address of a Spark Connect server.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Url {
    host: String,
    port: u16,
    /// What stands behind host and port: `/;token=...;use_ssl=true`.
    parameters: String,
}

/// True for what names a cluster.
#[must_use]
pub fn is_url(text: &str) -> bool {
    text.starts_with("spark://") || text.starts_with("sc://")
}

impl Url {
    pub(super) fn parse(text: &str) -> Result<Url> {
        let rest = text
            .split_once("://")
            .map(|(_, rest)| rest)
            .unwrap_or_default();
        let end = rest.find(['/', ';']).unwrap_or(rest.len());
        let (address, parameters) = rest.split_at(end);
        let wrong = |what: &str| {
            Error::usage(format!("{what} in the URL of the cluster"))
                .hint("write spark://host:port, or sc://host:port/;token=...;use_ssl=true")
        };
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (
                host,
                port.parse()
                    .map_err(|_| wrong(&format!("`{port}` is no port")))?,
            ),
            _ => (address, PORT),
        };
        if host.is_empty() {
            return Err(wrong("there is no host"));
        }
        let parameters = parameters.trim_start_matches('/');
        let named = parameters
            .split(';')
            .filter(|parameter| !parameter.is_empty());
        if !parameters.is_empty() && !parameters.starts_with(';') {
            return Err(wrong("there is a path"));
        }
        if named.clone().any(|parameter| !parameter.contains('=')) {
            return Err(wrong("a parameter has no value"));
        }
        Ok(Url {
            host: host.to_owned(),
            port,
            parameters: named.map(|parameter| format!(";{parameter}")).collect(),
        })
    }

    /// As the client of Spark Connect wants it.
    pub(super) fn connect(&self) -> String {
        let slash = if self.parameters.is_empty() { "" } else { "/" };
        format!("sc://{self}{slash}{}", self.parameters)
    }

    /// Waits a little for somebody to be there: the client would try for ten minutes.
    pub(super) fn reach(&self) -> Result<()> {
        let mut pauses = PAUSES.iter();
        loop {
            match self.knock() {
                Ok(()) => return Ok(()),
                Err(error) => match pauses.next() {
                    Some(pause) => std::thread::sleep(*pause),
                    None => return Err(self.unreachable(&error)),
                },
            }
        }
    }

    fn knock(&self) -> std::io::Result<()> {
        let mut last = std::io::Error::other("the name has no address");
        let host = self.host.trim_matches(['[', ']']);
        for address in (host, self.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(_) => return Ok(()),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn unreachable(&self, error: &std::io::Error) -> Error {
        Error::new(
            Kind::Retry,
            format!("the cluster at {self} cannot be reached: {error}"),
        )
        .hint("is its Spark Connect server running there? Its port is 15002 by default, not 7077")
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> String {
        Url::parse(text).unwrap().connect()
    }

    #[test]
    fn both_forms_are_one_address() {
        assert_eq!(parsed("spark://head:15002"), "sc://head:15002");
        assert_eq!(parsed("sc://head"), "sc://head:15002");
        assert_eq!(parsed("sc://[::1]:7"), "sc://[::1]:7");
        assert_eq!(parsed("sc://[::1]"), "sc://[::1]:15002");
        assert_eq!(
            parsed("sc://head:443/;token=secret;use_ssl=true"),
            "sc://head:443/;token=secret;use_ssl=true"
        );
    }

    #[test]
    fn a_token_is_never_shown() {
        let url = Url::parse("sc://head:443/;token=secret;use_ssl=true").unwrap();
        assert_eq!(format!("{url} {url:?}"), "head:443 Url(head:443)");
        assert!(
            !url.unreachable(&std::io::Error::other("x"))
                .to_string()
                .contains("secret")
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for wrong in [
            "spark://",
            "spark://:15002",
            "spark://a:b",
            "sc://a:1/path",
            "sc://a:1/;token",
        ] {
            let error = Url::parse(wrong).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage, "{wrong}");
        }
    }
}
