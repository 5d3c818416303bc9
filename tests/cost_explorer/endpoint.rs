//! A Cost Explorer of a few lines: replies in the order they were given, and remembers what it was asked.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// One reply.
#[derive(Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
    /// Bytes that the header promises and that never come.
    pub(crate) missing: usize,
}

/// A listening endpoint; gone when dropped.
pub(crate) struct Endpoint {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Value>>>,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Endpoint {
    pub(crate) fn new(replies: Vec<Reply>) -> Endpoint {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let closing = Arc::new(AtomicBool::new(false));
        let (seen, done) = (Arc::clone(&requests), Arc::clone(&closing));
        let thread = std::thread::spawn(move || {
            let mut replies = replies.into_iter();
            for stream in listener.incoming() {
                if done.load(Ordering::SeqCst) {
                    return;
                }
                serve(&stream.unwrap(), &seen, || {
                    replies
                        .next()
                        .unwrap_or_else(|| refusal(400, "NoMoreReplies", "one request too many"))
                });
            }
        });
        Endpoint {
            address,
            requests,
            closing,
            thread: Some(thread),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Bodies of the requests so far.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// An address where nobody listens.
pub(crate) fn closed_url() -> String {
    format!(
        "http://{}",
        TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
    )
}

/// One connection: any number of requests, each with a body of known length.
fn serve(stream: &TcpStream, seen: &Mutex<Vec<Value>>, mut reply: impl FnMut() -> Reply) {
    let mut reader = BufReader::new(stream);
    while let Some(body) = request(&mut reader) {
        seen.lock()
            .unwrap()
            .push(serde_json::from_slice(&body).unwrap());
        let Reply {
            status,
            body,
            missing,
        } = reply();
        // Every second connection is kept, so that both ways of the protocol are used.
        let close = missing > 0 || seen.lock().unwrap().len().is_multiple_of(2);
        let connection = if close { "close" } else { "keep-alive" };
        let head = format!(
            "HTTP/1.1 {status} Any\r\nContent-Type: application/x-amz-json-1.1\r\n\
             Content-Length: {}\r\nConnection: {connection}\r\n\r\n",
            body.len() + missing
        );
        let mut stream = stream;
        stream
            .write_all(format!("{head}{body}").as_bytes())
            .unwrap();
        if close {
            return;
        }
    }
}

/// The body of a request that is signed and asks the right question; nothing when the caller went away.
fn request(reader: &mut BufReader<&TcpStream>) -> Option<Vec<u8>> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return None;
        }
    }
    let head = head.to_lowercase();
    assert!(head.starts_with("post / http/1.1"), "{head}");
    assert!(
        head.contains("x-amz-target: awsinsightsindexservice.getcostandusage"),
        "{head}"
    );
    assert!(head.contains("credential=akidexample/"), "{head}");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    Some(body)
}

/// A page of an answer.
pub(crate) fn page(next: Option<&str>, days: Vec<Value>) -> Reply {
    let mut body = json!({"GroupDefinitions": [], "ResultsByTime": Value::Array(days), "DimensionValueAttributes": []});
    if let Some(token) = next {
        body["NextPageToken"] = json!(token);
    }
    answer(200, &body.to_string())
}

/// A day of an answer, half-open as Cost Explorer writes it.
pub(crate) fn day(start: &str, groups: Vec<Value>) -> Value {
    let day: chrono::NaiveDate = start.parse().unwrap();
    let end = day.succ_opt().unwrap().to_string();
    json!({"TimePeriod": {"Start": start, "End": end}, "Total": {}, "Groups": Value::Array(groups), "Estimated": true})
}

/// A group of a day.
pub(crate) fn group(keys: [&str; 2], unblended: &str, amortized: &str) -> Value {
    let usd = |amount: &str| json!({"Amount": amount, "Unit": "USD"});
    json!({"Keys": keys, "Metrics": {"UnblendedCost": usd(unblended), "AmortizedCost": usd(amortized)}})
}

/// An error as AWS JSON services send it.
pub(crate) fn refusal(status: u16, code: &str, message: &str) -> Reply {
    answer(
        status,
        &json!({"__type": code, "message": message}).to_string(),
    )
}

/// Any answer.
pub(crate) fn answer(status: u16, body: &str) -> Reply {
    Reply {
        status,
        body: body.to_owned(),
        missing: 0,
    }
}
