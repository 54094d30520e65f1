//! Return types, `?` and early returns work as in the function itself.
#![deny(warnings)]

use std::error::Error;
use std::process::ExitCode;

use perfassert::max_queries;

#[max_queries(0)]
fn with_a_question_mark() -> Result<(), Box<dyn Error>> {
    let number: u32 = "7".parse()?;
    if number == 7 {
        return Ok(());
    }
    Err("not seven".into())
}

#[max_queries(0)]
fn with_a_value() -> Result<u32, std::num::ParseIntError> {
    "7".parse()
}

#[max_queries(0)]
fn with_an_exit_code() -> ExitCode {
    ExitCode::SUCCESS
}

#[max_queries(0)]
async fn asynchronous_with_a_question_mark() -> Result<(), Box<dyn Error>> {
    let number: u32 = "7".parse()?;
    if number == 7 {
        return Ok(());
    }
    Err("not seven".into())
}

#[max_queries(0)]
async fn asynchronous_without_a_value() {
    if std::env::args().len() == 0 {
        return;
    }
    std::future::ready(()).await;
}

#[max_queries(0)]
async fn a_future_that_is_not_send() {
    let local = std::rc::Rc::new(7);
    std::future::ready(()).await;
    assert_eq!(*local, 7);
}

/// A runtime for futures that are ready, inside something measured: by itself a future that nobody drives is inconclusive.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let run = || loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    };
    perfassert::measure("runtime", run).0
}

fn main() -> Result<(), Box<dyn Error>> {
    with_a_question_mark()?;
    assert_eq!(with_a_value()?, 7);
    assert_eq!(with_an_exit_code(), ExitCode::SUCCESS);
    block_on(asynchronous_with_a_question_mark())?;
    block_on(asynchronous_without_a_value());
    block_on(a_future_that_is_not_send());
    Ok(())
}
