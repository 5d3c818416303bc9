//! An object store of a few lines: the listing, ranges and conditions of S3 (which Google speaks too) and
//! of Azure, with faults on demand. It remembers what it was asked.

use md5::{Digest, Md5};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Objects on one page of a listing.
const PAGE: usize = 3;
const DATE: &str = "Sun, 01 Nov 2026 06:00:00 GMT";

/// What goes wrong.
#[derive(Clone, Copy, Default)]
pub(crate) enum Fault {
    #[default]
    None,
    /// Every listing is refused with this status.
    Listing(u16),
    /// Data is cut after so many bytes and the connection lost; later requests get nothing at all.
    Cut(usize),
    /// The listing claims so many bytes more than there are.
    Longer(u64),
    /// One byte of the data is another one, the first so many times.
    Damaged(usize),
    /// Etags are no MD5 of the bytes, as with KMS.
    Opaque,
}

#[derive(Default)]
struct Shelf {
    objects: BTreeMap<String, Vec<u8>>,
    requests: Vec<String>,
    fault: Fault,
    cuts: usize,
}

/// A listening store; gone when dropped.
pub(crate) struct Bucket {
    address: SocketAddr,
    shelf: Arc<Mutex<Shelf>>,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Bucket {
    pub(crate) fn new() -> Bucket {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shelf = Arc::new(Mutex::new(Shelf::default()));
        let closing = Arc::new(AtomicBool::new(false));
        let (own, done) = (Arc::clone(&shelf), Arc::clone(&closing));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if done.load(Ordering::SeqCst) {
                    return;
                }
                let shelf = Arc::clone(&own);
                std::thread::spawn(move || serve(&stream.unwrap(), &shelf));
            }
        });
        Bucket {
            address,
            shelf,
            closing,
            thread: Some(thread),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn put(&self, key: &str, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref().to_vec();
        let mut shelf = self.shelf.lock().unwrap();
        shelf.objects.insert(key.to_owned(), bytes);
    }

    pub(crate) fn remove(&self, key: &str) {
        self.shelf.lock().unwrap().objects.remove(key);
    }

    pub(crate) fn fail(&self, fault: Fault) {
        let mut shelf = self.shelf.lock().unwrap();
        (shelf.fault, shelf.cuts) = (fault, 0);
    }

    /// What was asked since the last time: `LIST` with its prefix, `GET` with key and range.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.shelf.lock().unwrap().requests)
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// One request: its method, path, query and headers in lower case.
struct Request {
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
}

/// What is answered; `None` for a lost connection.
struct Answer {
    status: u16,
    headers: String,
    body: Vec<u8>,
    /// Bytes of the body that really come.
    sent: usize,
}

fn serve(stream: &TcpStream, shelf: &Mutex<Shelf>) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = request(&mut reader) {
        let head = request.method == "HEAD";
        let Some(answer) = answer(&request, &mut shelf.lock().unwrap()) else {
            return;
        };
        let length = answer.body.len();
        let text = format!(
            "HTTP/1.1 {} Any\r\nContent-Length: {length}\r\n{}\r\n",
            answer.status, answer.headers
        );
        let mut stream = stream;
        let body = if head {
            &[]
        } else {
            &answer.body[..answer.sent]
        };
        if stream.write_all(&[text.as_bytes(), body].concat()).is_err() || answer.sent < length {
            return;
        }
    }
}

fn request(reader: &mut BufReader<&TcpStream>) -> Option<Request> {
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return None;
    }
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => {
                headers.insert(name.to_lowercase(), value.trim().to_owned());
            }
            None => break,
        }
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    Some(Request {
        method,
        path: decoded(path),
        query: pairs
            .map(|(name, value)| (name.to_owned(), decoded(value)))
            .collect(),
        headers,
    })
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let hex = [rest.next().unwrap(), rest.next().unwrap()];
                let hex = std::str::from_utf8(&hex).unwrap();
                bytes.push(u8::from_str_radix(hex, 16).unwrap());
            }
            b'+' => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn answer(request: &Request, shelf: &mut Shelf) -> Option<Answer> {
    let (bucket, key) = request.path[1..]
        .split_once('/')
        .unwrap_or((&request.path[1..], ""));
    if bucket != "bucket" {
        return Some(refusal(404, "NoSuchBucket"));
    }
    if key.is_empty() {
        return Some(listing(request, shelf));
    }
    if !shelf.objects.contains_key(key) {
        return Some(refusal(404, "NoSuchKey"));
    }
    let range = request.headers.get("range").cloned().unwrap_or_default();
    shelf
        .requests
        .push(format!("{} {key} {range}", request.method));
    object(request, shelf, key)
}

fn object(request: &Request, shelf: &mut Shelf, key: &str) -> Option<Answer> {
    let mut bytes = shelf.objects[key].clone();
    let etag = etag(&bytes, shelf.fault);
    if request
        .headers
        .get("if-match")
        .is_some_and(|wanted| *wanted != etag)
    {
        return Some(refusal(412, "PreconditionFailed"));
    }
    let whole = bytes.len();
    let range = request.headers.get("range").and_then(|range| {
        let (start, end) = range.strip_prefix("bytes=")?.split_once('-')?;
        Some((start.parse::<usize>().ok()?, end.parse::<usize>().ok()?))
    });
    let (start, end) = range.map_or((0, whole), |(start, end)| (start, whole.min(end + 1)));
    let mut answer = Answer {
        status: if range.is_some() { 206 } else { 200 },
        headers: format!(
            "ETag: {etag}\r\nLast-Modified: {DATE}\r\nContent-Type: text/plain\r\nx-ms-blob-type: BlockBlob\r\n"
        ),
        body: Vec::new(),
        sent: 0,
    };
    if range.is_some() {
        let _ = write!(
            answer.headers,
            "Content-Range: bytes {start}-{}/{whole}\r\n",
            end - 1
        );
    }
    let is_data = request.method == "GET" && key.contains("/data/");
    let mut sent = end - start;
    match shelf.fault {
        Fault::Cut(after) if is_data => {
            shelf.cuts += 1;
            if shelf.cuts > 1 {
                return None;
            }
            sent = sent.min(after);
        }
        Fault::Damaged(times) if is_data => {
            shelf.cuts += 1;
            if shelf.cuts <= times {
                // Another damage every time.
                bytes[start] ^= u8::try_from(shelf.cuts).unwrap();
            }
        }
        _ => {}
    }
    answer.body = bytes[start..end].to_vec();
    answer.sent = sent;
    Some(answer)
}

fn listing(request: &Request, shelf: &mut Shelf) -> Answer {
    let query = |name: &str| request.query.get(name).map_or("", String::as_str);
    let prefix = query("prefix").to_owned();
    shelf.requests.push(format!("LIST {prefix}"));
    if let Fault::Listing(status) = shelf.fault {
        return refusal(status, "AccessDenied");
    }
    let azure = query("comp") == "list";
    let after = format!("{}{}", query("continuation-token"), query("marker"));
    let more = if let Fault::Longer(more) = shelf.fault {
        more
    } else {
        0
    };
    let found: Vec<(&String, &Vec<u8>)> = shelf
        .objects
        .iter()
        .filter(|(key, _)| key.starts_with(&prefix) && **key > after)
        .collect();
    let page = &found[..found.len().min(PAGE)];
    let next = (found.len() > PAGE).then(|| page[PAGE - 1].0);
    let mut text = String::new();
    for (key, bytes) in page {
        let size = bytes.len() as u64 + if key.contains("/data/") { more } else { 0 };
        let etag = etag(bytes, shelf.fault);
        let _ = if azure {
            let etag = etag.trim_matches('"');
            write!(
                text,
                "<Blob><Name>{key}</Name><Properties><Last-Modified>{DATE}</Last-Modified><Etag>{etag}</Etag><Content-Length>{size}</Content-Length><Content-Type>text/plain</Content-Type></Properties></Blob>"
            )
        } else {
            let etag = etag.replace('"', "&quot;");
            write!(
                text,
                "<Contents><Key>{key}</Key><LastModified>2026-11-01T06:00:00.000Z</LastModified><ETag>{etag}</ETag><Size>{size}</Size></Contents>"
            )
        };
    }
    let body = if azure {
        let next = next.map_or("", String::as_str);
        format!(
            "<?xml version=\"1.0\"?><EnumerationResults><Blobs>{text}</Blobs><NextMarker>{next}</NextMarker></EnumerationResults>"
        )
    } else {
        let token = next.map_or(String::new(), |key| {
            format!("<NextContinuationToken>{key}</NextContinuationToken>")
        });
        format!(
            "<?xml version=\"1.0\"?><ListBucketResult><Name>bucket</Name><IsTruncated>{}</IsTruncated>{text}{token}</ListBucketResult>",
            next.is_some()
        )
    };
    whole(200, &body)
}

fn etag(bytes: &[u8], fault: Fault) -> String {
    let mut hash = Md5::new();
    hash.update(bytes);
    if matches!(fault, Fault::Opaque) {
        hash.update("encrypted");
    }
    let hex = hash
        .finalize()
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
    format!("\"{hex}\"")
}

fn refusal(status: u16, code: &str) -> Answer {
    whole(
        status,
        &format!(
            "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>not here, not you</Message></Error>"
        ),
    )
}

fn whole(status: u16, body: &str) -> Answer {
    Answer {
        status,
        headers: "Content-Type: application/xml\r\n".to_owned(),
        body: body.as_bytes().to_vec(),
        sent: body.len(),
    }
}
