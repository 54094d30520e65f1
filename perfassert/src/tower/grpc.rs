//! What is different with gRPC: the path is the pattern, and the status stands in a header, or in the trailers.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response, StatusCode, Uri};

/// Whether a request is a call of gRPC.
pub(super) fn is_call(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}

/// `/package.Service/Method`.
pub(super) fn method(uri: &Uri) -> String {
    uri.path().to_owned()
}

/// Whether the status is one that the server is to blame for: unknown, deadline exceeded, internal, unavailable, data loss.
pub(super) fn is_failure(headers: &HeaderMap) -> bool {
    matches!(status(headers), Some(b"2" | b"4" | b"13" | b"14" | b"15"))
}

/// Whether the framework has answered that there is no such method: unimplemented, and without a message. A method that is
/// there and answers so by itself says why. A router that knows nothing of gRPC says 404, and means the same.
pub(super) fn is_no_method<B>(response: &Response<B>) -> bool {
    let headers = response.headers();
    let has_message = headers.get("grpc-message").is_some_and(|message| !message.is_empty());
    response.status() == StatusCode::NOT_FOUND || (status(headers) == Some(b"12") && !has_message)
}

fn status(headers: &HeaderMap) -> Option<&[u8]> {
    Some(headers.get("grpc-status")?.as_bytes())
}
