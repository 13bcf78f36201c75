//! Calls to other systems over HTTP.

use anyhow::Result;
use chrono::TimeDelta;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tower::Service;
use waybill::webhooks::{Answer, Call, Poster, PosterCall};

/// Whoever takes longer is called again later.
const PATIENCE: Duration = Duration::from_secs(15);
/// So long is waited for what an answer says besides its status.
const PATIENCE_FOR_WORDS: Duration = Duration::from_secs(2);
/// So much is read of an answer, in bytes.
const MOST_READ: usize = 4_096;

type Connector = HttpsConnector<HttpConnector<Resolver>>;

/// Calls whoever is at an address, and follows nobody who points elsewhere.
pub struct HttpPoster {
    http: Client<Connector, Full<bytes::Bytes>>,
    anywhere: bool,
}

impl HttpPoster {
    /// `anywhere` lets it call addresses inside this network, and this machine.
    pub fn new(anywhere: bool) -> Result<Self> {
        let mut plain = HttpConnector::new_with_resolver(Resolver { anywhere });
        plain.enforce_http(false);
        plain.set_connect_timeout(Some(PATIENCE));
        // What the machine trusts, or where it keeps no such list what browsers do.
        let builder = match HttpsConnectorBuilder::new().with_provider_and_native_roots(ring::default_provider()) {
            Ok(builder) => builder,
            Err(_) => HttpsConnectorBuilder::new().with_provider_and_webpki_roots(ring::default_provider())?,
        };
        let connector = builder.https_or_http().enable_http1().wrap_connector(plain);
        Ok(Self { http: Client::builder(TokioExecutor::new()).build(connector), anywhere })
    }

    async fn answer_to(&self, call: Call) -> Result<(StatusCode, String), String> {
        let request = Request::post(&call.url)
            .header("content-type", "application/json")
            .header("user-agent", concat!("Waybill/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", &call.id)
            .header("webhook-timestamp", call.timestamp)
            .header("webhook-signature", &call.signature)
            .body(Full::from(call.body))
            .map_err(|error| format!("It cannot be called: {error}."))?;
        // A host that is an address is not looked up.
        let literal = request.uri().host().and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok());
        if literal.is_some_and(|address| !self.anywhere && !is_public(address)) {
            return Err(NOT_PUBLIC.to_owned());
        }
        let answered = tokio::time::timeout(PATIENCE, self.http.request(request)).await;
        let response = answered
            .map_err(|_| format!("No answer within {} seconds.", PATIENCE.as_secs()))?
            .map_err(|error| format!("No answer: {}.", innermost(&error)))?;
        let status = response.status();
        let (mut body, mut read) = (response.into_body(), Vec::new());
        let words = async {
            while read.len() < MOST_READ
                && let Some(Ok(frame)) = body.frame().await
            {
                read.extend(frame.data_ref().into_iter().flatten());
            }
        };
        // What it says besides is only shown: the status is the answer.
        let _all_or_some = tokio::time::timeout(PATIENCE_FOR_WORDS, words).await;
        read.truncate(MOST_READ);
        Ok((status, String::from_utf8_lossy(&read).trim().to_owned()))
    }
}

impl Poster for HttpPoster {
    fn post(&self, call: Call) -> PosterCall<'_> {
        Box::pin(async move {
            let begun = Instant::now();
            let answered = self.answer_to(call).await;
            let took = TimeDelta::from_std(begun.elapsed()).unwrap_or(TimeDelta::MAX);
            match answered {
                Ok((status, words)) => Answer { status: Some(status.as_u16()), words, took },
                Err(words) => Answer { status: None, words, took },
            }
        })
    }
}

/// The cause behind the others: what a person can do something about.
fn innermost(error: &dyn StdError) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

const NOT_PUBLIC: &str = "The address is inside this network. Start Waybill with WAYBILL_WEBHOOKS_ANYWHERE=true to call it";

/// Finds the addresses of a host that may be called.
#[derive(Clone, Copy, Debug)]
struct Resolver {
    anywhere: bool,
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let anywhere = self.anywhere;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<SocketAddr> = found.into_iter().filter(|address| anywhere || is_public(address.ip())).collect();
            if allowed.is_empty() { Err(io::Error::other(NOT_PUBLIC)) } else { Ok(allowed.into_iter()) }
        })
    }
}

/// False of what the registries of special-purpose addresses (RFC 6890 and its successors) say is not reached from everywhere.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let special = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_documentation() || v4.is_multicast() || v4.is_broadcast();
    // This network; shared by carriers (RFC 6598); protocol assignments; benchmarks (RFC 2544); reserved.
    let more = a == 0 || (a == 100 && b & 0xc0 == 64) || (a, b, c) == (192, 0, 0) || (a == 198 && b & 0xfe == 18) || a >= 240;
    !special && !more
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    if let Some(v4) = v6.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    let [a, b, ..] = v6.segments();
    // What is given out to networks is in 2000::/3 (RFC 4291); in it are protocol assignments (2001::/23), examples (RFC 3849, RFC 9637) and what stands for
    // an address of version 4 (2002::/16, RFC 3056).
    let is_unicast = a & 0xe000 == 0x2000;
    let special = (a == 0x2001 && b < 0x200) || (a, b) == (0x2001, 0xdb8) || a == 0x2002 || (a == 0x3fff && b < 0x1000);
    is_unicast && !special
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// Answers one call, and gives back what it was sent.
    async fn receiver(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?of=waybill", listener.local_addr().unwrap());
        let talk = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut seen = vec![0; 4_096];
            let mut length = 0;
            while !String::from_utf8_lossy(&seen[..length]).ends_with('}') {
                length += stream.read(&mut seen[length..]).await.unwrap();
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            let _kept_open_until_it_is_closed = stream.read(&mut [0]).await;
            String::from_utf8_lossy(&seen[..length]).into_owned()
        });
        (url, talk)
    }

    fn call(url: &str) -> Call {
        let (id, signature) = ("d-1".to_owned(), "v1,abc v1,def".to_owned());
        Call { url: url.to_owned(), id, timestamp: 1_700_000_000, signature, body: r#"{"type":"trial"}"#.to_owned() }
    }

    #[tokio::test]
    async fn a_call_is_made_as_the_specification_says_and_its_answer_told() {
        let (url, talk) = receiver("HTTP/1.1 503 Busy\r\ncontent-length: 9\r\n\r\nlater, ok").await;
        let answer = HttpPoster::new(true).unwrap().post(call(&url)).await;
        assert_eq!((answer.status, answer.words.as_str()), (Some(503), "later, ok"));
        let seen = talk.await.unwrap();
        for part in
            ["POST /hook?of=waybill", "webhook-id: d-1", "webhook-timestamp: 1700000000", "webhook-signature: v1,abc v1,def", r#"{"type":"trial"}"#]
        {
            assert!(seen.contains(part), "{part} in {seen}");
        }
    }

    #[tokio::test]
    async fn whoever_points_elsewhere_is_not_followed() {
        let (url, _talk) = receiver("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n").await;
        assert_eq!(HttpPoster::new(true).unwrap().post(call(&url)).await.status, Some(302));
    }

    #[tokio::test]
    async fn an_answer_that_goes_on_and_on_is_an_answer() {
        let (url, _talk) = receiver("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nthe beginning").await;
        let answer = HttpPoster::new(true).unwrap().post(call(&url)).await;
        assert_eq!((answer.status, answer.words.as_str()), (Some(200), "the beginning"));
    }

    #[tokio::test]
    async fn this_machine_and_this_network_are_called_only_where_that_is_wanted() {
        let poster = HttpPoster::new(false).unwrap();
        for url in [
            "http://127.0.0.1:1/",
            "http://localhost:1/",
            "http://[::1]:1/",
            "http://10.0.0.8/",
            "http://169.254.169.254/latest",
            "http://[fd00::1]/",
        ] {
            let answer = poster.post(call(url)).await;
            assert!(answer.status.is_none() && answer.words.contains("WAYBILL_WEBHOOKS_ANYWHERE"), "{url}: {answer:?}");
        }
        let open = HttpPoster::new(true).unwrap().post(call("http://127.0.0.1:1/")).await;
        assert!(open.status.is_none() && open.words.starts_with("No answer: "), "{open:?}");
    }

    #[test]
    fn special_addresses_are_not_public() {
        for special in [
            "0.1.2.3",
            "100.64.0.1",
            "127.8.8.8",
            "172.16.0.1",
            "192.168.1.1",
            "192.0.0.8",
            "198.19.0.1",
            "240.0.0.1",
            "224.0.0.1",
            "255.255.255.255",
        ] {
            assert!(!is_public(special.parse().unwrap()), "{special}");
        }
        for special in [
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "100::1",
            "fec0::1",
            "::a00:1",
            "3fff::1",
            "5f00::1",
            "2001:2::1",
            "2001:10::1",
        ] {
            assert!(!is_public(special.parse().unwrap()), "{special}");
        }
        for public in ["1.1.1.1", "100.128.0.1", "172.32.0.1", "198.20.0.1", "::ffff:1.1.1.1", "2606:4700::1111"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }
}
