//! The gateway's store: one line per decision, on disk before it is answered. Waiting decisions share one flush.

use super::rules::{Book, Entry};
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use tokio::sync::{mpsc, oneshot};

/// Hands entries to the writer.
#[derive(Clone, Debug)]
pub struct Journal {
    queue: mpsc::Sender<(Entry, oneshot::Sender<()>)>,
}

/// Decisions that share one flush at most.
const BATCH: usize = 256;

impl Journal {
    /// Opens the store and reads back what was decided. A last line that a crash cut short is dropped: it was never answered.
    pub fn open(dir: &Path) -> Result<(Self, Book)> {
        fs::create_dir_all(dir)?;
        let path = dir.join("gateway.jsonl");
        let mut file = File::options().create(true).truncate(false).read(true).write(true).open(&path)?;
        let (mut book, mut whole) = (Book::default(), 0u64);
        let mut reader = BufReader::new(&file);
        let mut line = String::new();
        loop {
            line.clear();
            let read = reader.read_line(&mut line)?;
            if read == 0 || !line.ends_with('\n') {
                break;
            }
            book.keep(serde_json::from_str(&line).with_context(|| format!("reading {}", path.display()))?);
            whole += read as u64;
        }
        file.set_len(whole)?;
        file.seek(SeekFrom::End(0))?;
        let (queue, mut waiting) = mpsc::channel::<(Entry, oneshot::Sender<()>)>(BATCH);
        std::thread::spawn(move || {
            let mut batch = Vec::new();
            while waiting.blocking_recv_many(&mut batch, BATCH) > 0 {
                let text: String = batch.iter().map(|(entry, _)| serde_json::to_string(entry).unwrap_or_default() + "\n").collect();
                // Without its store the gateway must not answer: the senders are dropped, the callers get an error and ask again.
                if file.write_all(text.as_bytes()).and_then(|()| file.sync_data()).is_err() {
                    return;
                }
                for (_, done) in batch.drain(..) {
                    let _caller_may_be_gone = done.send(());
                }
            }
        });
        Ok((Self { queue }, book))
    }

    /// Returns when the entry is on disk.
    pub async fn append(&self, entry: Entry) -> Result<()> {
        let (done, written) = oneshot::channel();
        self.queue.send((entry, done)).await.context("the gateway's store is closed")?;
        written.await.context("the gateway's store cannot be written")
    }
}
