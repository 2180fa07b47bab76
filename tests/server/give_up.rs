//! A caller that gives up.

use std::{future::poll_fn, pin::pin, task::Poll};

/// Gives up at the n-th time that the future is pending; none where it did. Timers tick in milliseconds and miss most awaits.
pub async fn give_up_at<T>(n: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = n;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}
