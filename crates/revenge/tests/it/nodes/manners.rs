//! What a node says to whoever speaks to it: told directly, without a server.

use std::fs::File;
use std::path::Path;

use axum::body::Bytes;
use futures::StreamExt as _;
use media::ReadAt as _;
use media::cmaf::Piece;
use media::samples::Film;
use media::transcode::{Abilities, Effort, Encoder, Picture, Rendition, Rung, work};
use reqwest::{Body, Client, Response};
use tokio::sync::mpsc;

use super::SECRET;
use super::node::{Node, patient_program, transcoder};
use crate::transcode::{BOTH, make_film, running, until};

fn client() -> Client {
    // Reqwest brings no provider of its own; this one installs it.
    outbound::trusted_client().expect("a provider");
    Client::builder().http2_prior_knowledge().no_proxy().build().expect("a client")
}

/// An order of four seconds of pictures as JSON, and its feed.
fn order(folder: &Path) -> (Vec<u8>, Vec<u8>) {
    let path = folder.join("film.mkv");
    make_film(&path, BOTH);
    let file = File::open(&path).expect("a film");
    let film = Film::open(&file).expect("a film");
    let encoder = Encoder::Software(Effort::Ultrafast);
    let picture = Picture { rung: Rung::P480, encoder, burnt: None };
    let rendition = Rendition::Picture(picture);
    let abilities = Abilities { has_zscale: true, ..Abilities::NONE };
    let work = work(&film, &file, film.video(), (rendition, None), 0, abilities).expect("an order");
    let mut feed = Vec::new();
    for piece in work.feed.pieces {
        match piece {
            Piece::Made(bytes) => feed.extend(bytes),
            Piece::Copied { offset, size } => {
                let mut bytes = vec![0; size as usize];
                file.read_at(&mut bytes, offset).expect("the film");
                feed.extend(bytes);
            }
        }
    }
    (work.order.to_json(), feed)
}

fn body(order: &[u8], feed: &[u8]) -> Vec<u8> {
    [(order.len() as u32).to_be_bytes().as_slice(), order, feed].concat()
}

async fn send(node: &Node, body: impl Into<Body>) -> Response {
    let request = client().post(format!("{}/v1/runs", node.url)).bearer_auth(SECRET);
    request.body(body).send().await.expect("an answer")
}

#[tokio::test]
async fn a_node_answers_only_those_who_know_its_secret() {
    let node = Node::start(&[]);
    let url = format!("{}/v1/abilities", node.url);
    let asked = async |secret: Option<&str>| {
        let mut request = client().get(&url);
        if let Some(secret) = secret {
            request = request.bearer_auth(secret);
        }
        request.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(asked(Some(SECRET)).await, 200);
    for wrong in [None, Some(""), Some("0123456789abcde"), Some("0123456789abcdef0")] {
        assert_eq!(asked(wrong).await, 401, "{wrong:?}");
    }
    let run = client().post(format!("{}/v1/runs", node.url)).body("x").send().await;
    assert_eq!(run.expect("an answer").status(), 401);
}

#[tokio::test]
async fn a_node_makes_what_is_ordered_and_says_how_it_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let (order, feed) = order(folder.path());
    let node = Node::start(&[]);
    let answer = send(&node, body(&order, &feed)).await;
    assert_eq!(answer.status(), 200);
    let answer = answer.bytes().await.expect("all of it");
    assert_eq!(&answer[4..8], b"ftyp", "FFmpeg's own output");
}

#[tokio::test]
async fn a_node_refuses_what_is_no_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let (order, feed) = order(folder.path());
    let node = Node::start(&[]);
    let text = String::from_utf8(order.clone()).expect("JSON");
    let making = format!("\"making\":{}", media::transcode::MAKING);
    let newer = text.replace(&making, "\"making\":999");
    assert_ne!(newer, text);
    let injected = text.replace("\"matroska\"", "\"concat -i /etc/passwd\"");
    assert_ne!(injected, text);
    let table = [
        (Vec::new(), 400),
        (vec![0, 0], 400),
        (b"\xff\xff\xff\xff".to_vec(), 413),
        (body(b"", &feed), 400),
        (body(b"{}", &feed), 400),
        (body(&order[..40], &feed), 400),
        (body(&order, &[])[..100].to_vec(), 400),
        (body(newer.as_bytes(), &feed), 409),
        (body(injected.as_bytes(), &feed), 400),
    ];
    for (number, (body, expected)) in table.into_iter().enumerate() {
        assert_eq!(send(&node, body).await.status(), expected, "{number}");
    }
    let old = outbound::trusted_client().expect("a client");
    let old = old.post(format!("{}/v1/runs", node.url)).bearer_auth(SECRET);
    assert_eq!(old.body(body(&order, &feed)).send().await.expect("an answer").status(), 505);
    assert_eq!(send(&node, body(&order, &feed)).await.status(), 200, "it works on");
}

/// A body that is sent piece by piece, and does not end before its sender is dropped.
fn endless(first: Vec<u8>) -> (mpsc::Sender<Vec<u8>>, Body) {
    let (sender, receiver) = mpsc::channel(4);
    sender.try_send(first).expect("there is room");
    let pieces =
        futures::stream::unfold(receiver, async |mut receiver: mpsc::Receiver<Vec<u8>>| {
            let piece = receiver.recv().await?;
            Some((Ok::<_, std::io::Error>(Bytes::from(piece)), receiver))
        });
    (sender, Body::wrap_stream(pieces.boxed()))
}

#[tokio::test]
async fn a_node_whose_places_are_taken_says_when_to_come_again() {
    const RATE: &str = "1.0537";
    let folder = tempfile::tempdir().expect("a folder");
    let (order, feed) = order(folder.path());
    let patient = patient_program(folder.path(), RATE);
    let node =
        Node::start(&[("REVENGE_TRANSCODER__MAX_FILMS", "1"), ("REVENGE_MEDIA__FFMPEG", &patient)]);
    // The feed does not end, so the run does not either.
    let (held, endless) = endless(body(&order, &feed[..feed.len() / 2]));
    let first = send(&node, endless).await;
    assert_eq!(first.status(), 200);
    let busy = send(&node, body(&order, &feed)).await;
    assert_eq!(
        (busy.status().as_u16(), &busy.headers()["retry-after"]),
        (503, &"2".parse().unwrap())
    );
    until("its child is at work", || !running(RATE).is_empty()).await;
    drop(first);
    drop(held);
    until("the child ends with its request", || running(RATE).is_empty()).await;
    assert_eq!(send(&node, body(&order, &feed)).await.status(), 200, "the place is free again");
}

#[tokio::test]
async fn a_node_that_stops_leaves_no_child() {
    const RATE: &str = "0.0533";
    let folder = tempfile::tempdir().expect("a folder");
    let (order, feed) = order(folder.path());
    let patient = patient_program(folder.path(), RATE);
    let node = Node::start(&[("REVENGE_MEDIA__FFMPEG", &patient)]);
    let first = send(&node, body(&order, &feed)).await;
    assert_eq!(first.status(), 200);
    until("its child is at work", || !running(RATE).is_empty()).await;
    assert_eq!(node.stop(), Some(0));
    until("the child is gone", || running(RATE).is_empty()).await;
    assert!(first.bytes().await.is_err(), "what was not made is not taken for whole");
}

#[test]
fn a_node_without_a_secret_listens_to_its_own_machine_only() {
    for (variables, arguments, what) in [
        (&[][..], &["--listen", "0.0.0.0:0"][..], "transcoder.secret"),
        (&[("REVENGE_TRANSCODER__SECRET", "")], &["--listen", "[::]:0"], "transcoder.secret"),
        (&[("REVENGE_MEDIA__FFMPEG", "/nowhere")], &["--listen", "127.0.0.1:0"], "no FFmpeg"),
        (&[("REVENGE_TRANSCODER__CERTIFICATE", "/nowhere")], &[], "need each other"),
    ] {
        let output = transcoder(variables).args(arguments).output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(what), "{arguments:?}: {said}");
    }
    let alone = Node::start(&[("REVENGE_TRANSCODER__SECRET", "")]);
    assert_eq!(alone.stop(), Some(0));
}
