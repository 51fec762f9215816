//! A server of pictures on this machine, for tests: good ones, bad ones, and hosts with moods.

use std::collections::HashMap;
use std::io::Cursor;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// How often each path was asked for.
type Asked = Arc<Mutex<HashMap<String, u32>>>;

/// A running server; it ends with the test's runtime.
pub(crate) struct PictureServer {
    address: SocketAddr,
    asked: Asked,
}

impl PictureServer {
    pub async fn start() -> Self {
        let asked = Asked::default();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&asked));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, asked }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    pub fn n_asked(&self, path: &str) -> u32 {
        let asked = self.asked.lock().expect("not poisoned");
        asked.get(&format!("/{path}")).copied().unwrap_or(0)
    }
}

/// A PNG of one colour.
pub(crate) fn png(width: u32, height: u32, color: [u8; 3]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = DynamicImage::ImageRgb8(RgbImage::from_pixel(width, height, Rgb(color)));
    picture.write_to(&mut bytes, ImageFormat::Png).expect("a PNG");
    bytes.into_inner()
}

/// A PNG of a few hundred bytes that says that it has 100,000 pixels a side.
pub(crate) fn bomb() -> Vec<u8> {
    let mut bytes = png(8, 8, [0; 3]);
    bytes[16..24].copy_from_slice(&[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]);
    // With the checksum that belongs to it, so that nothing else is wrong.
    let sum = bytes[12..29].iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 }
        })
    });
    bytes[29..33].copy_from_slice(&(!sum).to_be_bytes());
    bytes
}

async fn answer(State(asked): State<Asked>, request: Request<Body>) -> Response {
    let path = request.uri().path().to_owned();
    let n = {
        let mut asked = asked.lock().expect("not poisoned");
        let n = asked.entry(path.clone()).or_default();
        *n += 1;
        *n
    };
    match path.as_str() {
        "/html" => {
            ([(header::CONTENT_TYPE, "image/png")], "<html>not a picture</html>").into_response()
        }
        "/truncated" => {
            let whole = png(90, 60, [9, 200, 9]);
            whole[..whole.len() - 30].to_vec().into_response()
        }
        "/bomb" => bomb().into_response(),
        "/huge" => vec![0_u8; 3 << 20].into_response(),
        "/private" => {
            (StatusCode::FOUND, [(header::LOCATION, "http://10.0.0.1/secret.png")]).into_response()
        }
        "/broken" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        "/busy" => (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "7200")]).into_response(),
        "/second-time" if n == 1 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        path if path.contains(".png") || path == "/second-time" => {
            let shade = path.len() as u8 * 9;
            png(90, 60, [shade, 40, 90]).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
