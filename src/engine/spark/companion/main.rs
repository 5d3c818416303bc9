//! Carries Cloudtally's queries to a Spark cluster and their answers back: requests come in on stdin, one JSON
//! object a line, answers leave on stdout as a JSON line and the bytes of a table. Knows no bill and writes no SQL.
//!
//! It ends when stdin ends. What still runs on the cluster then is interrupted, and what was cached there is given
//! back, whether the caller was done, was stopped or died.

mod cluster;
mod fault;
mod table;
mod words;

use cluster::Cluster;
use std::io::{self, BufRead, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use words::{Answer, Ask, Request};

fn main() -> io::Result<()> {
    outlive_ctrl_c()?;
    let (answers, running) = (
        Arc::new(Mutex::new(io::stdout())),
        Arc::new(AtomicUsize::new(0)),
    );
    let mut cluster: Option<Arc<Cluster>> = None;
    for line in io::stdin().lock().lines() {
        let request: Request = serde_json::from_str(&line?)?;
        if let Ask::Connect { url } = &request.ask {
            let (connected, answer) = match Cluster::connect(url) {
                Ok((connected, kind)) => (Some(Arc::new(connected)), Answer::said(kind)),
                Err(error) => (None, Answer::fault(&error)),
            };
            cluster = connected;
            send(&answers, request.id, answer)?;
            continue;
        }
        let Some(cluster) = cluster.clone() else {
            continue;
        };
        let (answers, running) = (answers.clone(), running.clone());
        running.fetch_add(1, Ordering::SeqCst);
        std::thread::spawn(move || {
            let answer = cluster.answer(&request.ask);
            let answer = answer.unwrap_or_else(|error| Answer::fault(&error));
            running.fetch_sub(1, Ordering::SeqCst);
            // Nobody listens any more: stdin ends too, and with it this process.
            let _ = send(&answers, request.id, answer);
        });
    }
    if let Some(cluster) = cluster {
        cluster.leave(running.load(Ordering::SeqCst) > 0);
    }
    Ok(())
}

/// Ctrl-C goes to caller and companion alike. The caller ends by it, and its end is what ends this process, once
/// the cluster has been told.
fn outlive_ctrl_c() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    std::thread::spawn(move || {
        runtime.block_on(async { while tokio::signal::ctrl_c().await.is_ok() {} });
    });
    Ok(())
}

fn send(answers: &Mutex<io::Stdout>, id: u64, answer: Answer) -> io::Result<()> {
    let mut out = answers
        .lock()
        .map_err(|_| io::Error::other("an answer broke off"))?;
    let (head, bytes) = answer.written(id)?;
    out.write_all(&head)?;
    out.write_all(&bytes)?;
    out.flush()
}
