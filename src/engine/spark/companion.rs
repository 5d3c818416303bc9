//! The program beside this one that speaks with the cluster: asked by lines of JSON, answered by tables. Many
//! questions may be open at a time. When this process ends, however it ends, the companion interrupts what still
//! runs on the cluster and gives back what was kept there.

use super::frame::{Head, frame};
use super::url::Url;
use crate::error::{Error, Kind, Result};
use polars::prelude::DataFrame;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The program, beside this one or in the PATH.
const PROGRAM: &str = "cloudtally-spark";
/// Names another place for it.
const VARIABLE: &str = "CLOUDTALLY_SPARK";

type Answered = (Head, Vec<u8>);
type Waiting = Arc<Mutex<Option<BTreeMap<u64, Sender<Answered>>>>>;

/// A running companion.
#[derive(Debug)]
pub(super) struct Companion {
    url: Url,
    child: Child,
    asking: Option<Mutex<(ChildStdin, u64)>>,
    waiting: Waiting,
}

impl Companion {
    /// Starts it and connects; the name of the cluster's own catalog says which engine it is.
    pub(super) fn start(url: &Url) -> Result<(Companion, String)> {
        let program = program();
        let child = Command::new(&program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.map_err(|e| missing(&program, &e))?;
        let (Some(asking), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(missing(&program, &std::io::Error::other("it has no pipes")));
        };
        let waiting: Waiting = Arc::new(Mutex::new(Some(BTreeMap::new())));
        let listening = waiting.clone();
        std::thread::spawn(move || listen(answers, &listening));
        let companion = Companion {
            url: url.clone(),
            child,
            asking: Some(Mutex::new((asking, 0))),
            waiting,
        };
        let (head, _) =
            companion.ask("connect", json!({"ask": "connect", "url": url.connect()}))?;
        Ok((companion, head.said.unwrap_or_default()))
    }

    /// The rows of a query; `name` is what errors call it.
    pub(super) fn query(&self, name: &str, sql: &str) -> Result<DataFrame> {
        let (head, bytes) = self.ask(name, json!({"ask": "query", "sql": sql}))?;
        frame(&head, &bytes)
    }

    /// Does something and waits for it; `name` is what errors call it.
    pub(super) fn tell(&self, name: &str, what: Value) -> Result<()> {
        self.ask(name, what).map(|_| ())
    }

    fn ask(&self, name: &str, question: Value) -> Result<Answered> {
        let answer = self.send(question).map_err(|e| self.ended(&e))?;
        let answered = answer
            .recv()
            .map_err(|_| self.ended(&std::io::Error::other("it has ended")))?;
        match &answered.0.fault {
            Some(fault) => Err(fault.error(name, &self.url)),
            None => Ok(answered),
        }
    }

    fn send(&self, mut question: Value) -> std::io::Result<Receiver<Answered>> {
        let gone = || std::io::Error::other("it has ended");
        let mut asking = self
            .asking
            .as_ref()
            .ok_or_else(gone)?
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (pipe, id) = &mut *asking;
        *id += 1;
        let (sender, receiver) = channel();
        held(&self.waiting)
            .as_mut()
            .ok_or_else(gone)?
            .insert(*id, sender);
        question["id"] = json!(*id);
        let mut line = serde_json::to_vec(&question)?;
        line.push(b'\n');
        pipe.write_all(&line)?;
        pipe.flush()?;
        Ok(receiver)
    }

    fn ended(&self, error: &std::io::Error) -> Error {
        Error::new(
            Kind::Retry,
            format!(
                "`{PROGRAM}`, which speaks with the cluster at {}, has gone: {error}",
                self.url
            ),
        )
        .hint("nothing was published; run again")
    }
}

/// The companion ends when nobody can ask it any more; it gives back first what it has on the cluster.
impl Drop for Companion {
    fn drop(&mut self) {
        self.asking = None;
        let _ = self.child.wait();
    }
}

fn held(waiting: &Waiting) -> MutexGuard<'_, Option<BTreeMap<u64, Sender<Answered>>>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hands every answer to whoever waits for it, until there is no more.
fn listen(answers: ChildStdout, waiting: &Waiting) {
    let mut answers = BufReader::with_capacity(1 << 20, answers);
    let mut line = Vec::new();
    while answers
        .read_until(b'\n', &mut line)
        .is_ok_and(|read| read > 0)
    {
        let Ok(head) = serde_json::from_slice::<Head>(&line) else {
            break;
        };
        let mut bytes = vec![0; head.bytes];
        if answers.read_exact(&mut bytes).is_err() {
            break;
        }
        if let Some(waiting) = held(waiting)
            .as_mut()
            .and_then(|waiting| waiting.remove(&head.id))
        {
            // Whoever asked may have given up.
            let _ = waiting.send((head, bytes));
        }
        line.clear();
    }
    held(waiting).take();
}

fn program() -> PathBuf {
    let beside = || {
        let own = std::env::current_exe().ok()?.with_file_name(PROGRAM);
        own.exists().then_some(own)
    };
    let named = std::env::var_os(VARIABLE).map(PathBuf::from);
    named
        .or_else(beside)
        .unwrap_or_else(|| PathBuf::from(PROGRAM))
}

fn missing(program: &std::path::Path, error: &std::io::Error) -> Error {
    Error::usage(format!("the Spark engine needs the program `{}`: {error}", program.display())).hint(format!(
        "`make spark` builds it; put it beside cloudtally or into the PATH, or name it in {VARIABLE}"
    ))
}
