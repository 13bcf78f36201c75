//! Requests that arrive while others are worked on wait together, and are worked on together: one transaction for all of them.
//!
//! Nothing waits while nothing else does: a request that comes alone is a batch of one. Batches grow by themselves as requests come faster
//! than they are finished, and shrink again.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Gathers inputs and hands them to a piece of work, at most so many at a time and in so many batches at once.
pub struct Batcher<I, O> {
    state: Mutex<State<I, O>>,
    lanes: usize,
    most: usize,
}

struct State<I, O> {
    /// In the order of their arrival.
    waiting: VecDeque<(I, oneshot::Sender<O>)>,
    running: usize,
}

impl<I, O> fmt::Debug for Batcher<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batcher").field("lanes", &self.lanes).field("most", &self.most).finish_non_exhaustive()
    }
}

impl<I, O> Batcher<I, O> {
    /// `lanes` batches are worked on at once, each of at most `most` inputs.
    pub fn new(lanes: usize, most: usize) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State { waiting: VecDeque::new(), running: 0 }), lanes, most })
    }

    fn state(&self) -> MutexGuard<'_, State<I, O>> {
        // Nothing under this lock can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<I: Send + 'static, O: Send + 'static> Batcher<I, O> {
    /// Hands in one input and waits for its output. `work` gives one output for each input, in their order, and goes on though whoever
    /// waits goes away. None where the work came to a bad end.
    pub async fn submit<F, Fut>(self: &Arc<Self>, input: I, work: F) -> Option<O>
    where
        F: Fn(Vec<I>) -> Fut + Send + 'static,
        Fut: Future<Output = Vec<O>> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let free_lane = {
            let mut state = self.state();
            state.waiting.push_back((input, sender));
            let free = state.running < self.lanes;
            state.running += usize::from(free);
            free
        };
        if free_lane {
            let batcher = Arc::clone(self);
            tokio::spawn(async move {
                while let Some((inputs, senders)) = batcher.next() {
                    // Apart, so that work that comes to a bad end takes nobody with it but those it was for: they lose their senders.
                    let Ok(outputs) = tokio::spawn(work(inputs)).await else { continue };
                    for (sender, output) in senders.into_iter().zip(outputs) {
                        // Whoever waited may have gone.
                        let _heard_or_not = sender.send(output);
                    }
                }
            });
        }
        receiver.await.ok()
    }

    /// The inputs that wait, oldest first. Where none do the lane ends: whoever comes next starts another.
    fn next(&self) -> Option<(Vec<I>, Vec<oneshot::Sender<O>>)> {
        let mut state = self.state();
        let count = state.waiting.len().min(self.most);
        if count == 0 {
            state.running -= 1;
            return None;
        }
        Some(state.waiting.drain(..count).unzip())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test(flavor = "multi_thread")]
    async fn everybody_gets_their_own_answer_and_batches_grow_under_load() {
        let batcher: Arc<Batcher<u32, u32>> = Batcher::new(2, 16);
        let (batches, largest) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let submit = |n: u32| {
            let (batcher, batches, largest) = (Arc::clone(&batcher), Arc::clone(&batches), Arc::clone(&largest));
            async move {
                let work = move |inputs: Vec<u32>| {
                    batches.fetch_add(1, Ordering::Relaxed);
                    largest.fetch_max(inputs.len(), Ordering::Relaxed);
                    async move {
                        tokio::task::yield_now().await;
                        inputs.into_iter().map(|i| i * 2).collect()
                    }
                };
                batcher.submit(n, work).await
            }
        };
        assert_eq!(submit(21).await, Some(42));
        assert_eq!(batches.load(Ordering::Relaxed), 1);
        let tasks: Vec<_> = (0..1_000).map(|n| tokio::spawn(submit(n))).collect();
        for (n, task) in (0..).zip(tasks) {
            assert_eq!(task.await.unwrap(), Some(n * 2));
        }
        assert!(batches.load(Ordering::Relaxed) < 1_001, "nothing was worked on together");
        assert!(largest.load(Ordering::Relaxed) <= 16);
    }

    #[tokio::test]
    async fn a_bad_end_takes_its_batch_only() {
        let batcher: Arc<Batcher<u32, u32>> = Batcher::new(1, 1);
        let work = |inputs: Vec<u32>| async move {
            assert_ne!(inputs, [13], "as the test wants it");
            inputs
        };
        assert_eq!(batcher.submit(13, work).await, None);
        assert_eq!(batcher.submit(14, work).await, Some(14));
    }
}
