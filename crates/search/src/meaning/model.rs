//! A text model from files: an ONNX graph with its tokenizer, as sentence transformers are exported.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use rten::{Dimension, Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};
use xxhash_rust::xxh3::Xxh3;

use super::rotate::MOST_DIMENSIONS;
use super::tokenizer::Tokenizer;
use super::{MeaningNumbers, ModelText, RULE};

/// A model this large is for other machines.
const MOST_MODEL_BYTES: u64 = 1 << 30;
/// The tokenizer of a model of a hundred languages has some 17 MB.
const MOST_TOKENIZER_BYTES: u64 = 64 << 20;
/// Pieces of words that are read of a text.
const MOST_TOKENS: usize = 256;

/// Why a model is of no use, in words of the operator.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file is not there, cannot be read, or is too large.
    #[error("{}: {why}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The files are no model that we can use.
    #[error("{}: {why}", .path.display())]
    Unusable {
        /// The graph or the tokenizer.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// It failed with a text.
    #[error("the text model failed: {0}")]
    Run(String),
}

/// Where a model is. Nothing is held in memory but what tells it from another.
#[derive(Debug)]
pub struct ModelPlace {
    model: PathBuf,
    tokenizer: PathBuf,
    /// What the files were when they were read last, and what tells them from others.
    known: Mutex<Option<(Stamp, String)>>,
}

/// Sizes and times of the files.
type Stamp = [(u64, Option<SystemTime>); 2];

impl ModelPlace {
    /// A folder with `model.onnx` and `tokenizer.json`, or the path of the former, with the latter beside it.
    pub fn new(path: &Path) -> Self {
        let is_file = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("onnx"));
        let model = if is_file { path.to_owned() } else { path.join("model.onnx") };
        let tokenizer = model.with_file_name("tokenizer.json");
        Self { model, tokenizer, known: Mutex::default() }
    }

    /// What tells the model from others: the files' contents and our rule. Reads them where they changed; blocks.
    pub fn digest(&self) -> Result<String, ModelError> {
        let stamp =
            [stamp(&self.model, MOST_MODEL_BYTES)?, stamp(&self.tokenizer, MOST_TOKENIZER_BYTES)?];
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((of, digest)) = known
            && of == stamp
        {
            return Ok(digest);
        }
        let mut told = Xxh3::new();
        told.update(&RULE.to_le_bytes());
        for path in [&self.model, &self.tokenizer] {
            tell(&mut told, path).map_err(|error| unreadable(path, &error))?;
        }
        let digest = format!("{:032x}", told.digest128());
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((stamp, digest.clone()));
        Ok(digest)
    }

    /// Reads the model; blocks.
    pub fn open(&self) -> Result<TextModel, ModelError> {
        stamp(&self.model, MOST_MODEL_BYTES)?;
        stamp(&self.tokenizer, MOST_TOKENIZER_BYTES)?;
        let unusable = |path: &Path, why: String| ModelError::Unusable { path: path.into(), why };
        let json = std::fs::read_to_string(&self.tokenizer)
            .map_err(|error| unreadable(&self.tokenizer, &error))?;
        let tokenizer = Tokenizer::parse(&json).map_err(|why| {
            unusable(&self.tokenizer, format!("no tokenizer that we can use: {why}"))
        })?;
        let model = ModelOptions::with_all_ops()
            .load_file(&self.model)
            .map_err(|it| unusable(&self.model, format!("no ONNX model that we can run: {it}")))?;
        let inputs = inputs(&model).map_err(|it| unusable(&self.model, it))?;
        let output = output(&model).map_err(|it| unusable(&self.model, it))?;
        let threads = Arc::new(ThreadPool::with_num_threads(1));
        Ok(TextModel { tokenizer, model, inputs, output, threads })
    }
}

/// Feeds a file, piece by piece.
fn tell(told: &mut Xxh3, path: &Path) -> std::io::Result<()> {
    let mut file = std::fs::File::open(path)?;
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(()),
            n => told.update(&piece[..n]),
        }
    }
}

fn stamp(path: &Path, most_bytes: u64) -> Result<(u64, Option<SystemTime>), ModelError> {
    let found = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    let wrong = |why: String| Err(ModelError::File { path: path.into(), why });
    if !found.is_file() {
        return wrong("is no file".to_owned());
    }
    if found.len() > most_bytes {
        return wrong(format!("is larger than {} MiB", most_bytes >> 20));
    }
    Ok((found.len(), found.modified().ok()))
}

fn unreadable(path: &Path, error: &std::io::Error) -> ModelError {
    ModelError::File { path: path.into(), why: error.to_string() }
}

/// What a model is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Input {
    Ids,
    Mask,
    Types,
}

/// What a model answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Output {
    /// Numbers of each token, of which the mean is taken.
    Tokens(NodeId),
    /// Numbers of the text.
    Text(NodeId),
}

fn inputs(model: &Model) -> Result<Vec<(NodeId, Input)>, String> {
    let name = |id: &NodeId| model.node_info(*id).and_then(|it| it.name()).unwrap_or_default();
    let inputs = model.input_ids().iter().map(|id| match name(id) {
        "input_ids" => Ok((*id, Input::Ids)),
        "attention_mask" => Ok((*id, Input::Mask)),
        "token_type_ids" => Ok((*id, Input::Types)),
        other => Err(format!("wants {other:?}, which we cannot give")),
    });
    let inputs: Vec<_> = inputs.collect::<Result<_, _>>()?;
    if inputs.iter().any(|it| it.1 == Input::Ids) {
        Ok(inputs)
    } else {
        Err("has no input input_ids".to_owned())
    }
}

fn output(model: &Model) -> Result<Output, String> {
    let named = |name: &str| {
        let mut ids = model.output_ids().iter().copied();
        ids.find(|id| model.node_info(*id).and_then(|it| it.name()) == Some(name))
    };
    let found = named("sentence_embedding").map(Output::Text);
    let found = found.or_else(|| named("last_hidden_state").map(Output::Tokens));
    let found = found.ok_or("has no output last_hidden_state or sentence_embedding")?;
    let (Output::Tokens(id) | Output::Text(id)) = found;
    let shape = model.node_info(id).and_then(|it| it.shape()).unwrap_or_default();
    match shape.last() {
        Some(Dimension::Fixed(n)) if *n > MOST_DIMENSIONS => {
            Err(format!("answers with {n} numbers, of which we take at most {MOST_DIMENSIONS}"))
        }
        _ => Ok(found),
    }
}

/// A model in memory. Runs on one thread beside the caller's.
pub struct TextModel {
    tokenizer: Tokenizer,
    model: Model,
    inputs: Vec<(NodeId, Input)>,
    output: Output,
    threads: Arc<ThreadPool>,
}

impl std::fmt::Debug for TextModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TextModel").field("output", &self.output).finish_non_exhaustive()
    }
}

impl TextModel {
    /// What it makes of texts, in the numbers that are kept; `None` where it makes nothing of one. Computes; blocks.
    pub fn read(&self, texts: &[ModelText]) -> Result<Vec<Option<MeaningNumbers>>, ModelError> {
        let texts: Vec<&str> = texts.iter().map(ModelText::as_str).collect();
        let numbers = self.numbers(&texts)?;
        Ok(numbers.iter().map(|it| MeaningNumbers::of(it)).collect())
    }

    /// Has it read something, and says with how many numbers it answers. Computes; blocks.
    pub fn try_out(&self) -> Result<usize, ModelError> {
        match self.numbers(&["The crew of a ship hears a signal."])?.first().map_or(0, Vec::len) {
            0 => Err(ModelError::Run("it makes nothing of a sentence".to_owned())),
            n => Ok(n),
        }
    }

    /// The model's own numbers of texts, of length 1; none where it makes nothing of one.
    pub(super) fn numbers(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, ModelError> {
        let numbers_of = |text: &&str| {
            let ids = self.tokenizer.encode(text, MOST_TOKENS);
            self.numbers_of(ids).map_err(ModelError::Run)
        };
        texts.iter().map(numbers_of).collect()
    }

    fn numbers_of(&self, ids: Vec<u32>) -> Result<Vec<f32>, String> {
        let ids: Result<Vec<i32>, _> = ids.into_iter().map(i32::try_from).collect();
        let ids = ids.map_err(|it| format!("a token: {it}"))?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        // One text at a time: nothing is padded, and all tokens are of it.
        let ids = NdTensor::from_data([1, ids.len()], ids);
        let mask = NdTensor::<i32, 2>::full(ids.shape(), 1);
        let types = NdTensor::<i32, 2>::zeros(ids.shape());
        let given = self.inputs.iter().map(|(id, input)| {
            let numbers: ValueOrView = match input {
                Input::Ids => ids.view().into(),
                Input::Mask => mask.view().into(),
                Input::Types => types.view().into(),
            };
            (*id, numbers)
        });
        let (Output::Tokens(wanted) | Output::Text(wanted)) = self.output;
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.threads)));
        let answer = self.model.run(given.collect(), &[wanted], Some(options));
        let answer = answer.map_err(|it| it.to_string())?.pop().ok_or("no answer")?;
        let numbers = match self.output {
            Output::Tokens(_) => mean(answer, ids.len()),
            Output::Text(_) => whole(answer),
        };
        Ok(unit(numbers?))
    }
}

/// The mean of the numbers of each token. None of them is padding.
fn mean(answer: Value, n_tokens: usize) -> Result<Vec<f32>, String> {
    let answer: Tensor<f32> = answer.try_into().map_err(|it| format!("the answer: {it}"))?;
    let shape = answer.shape().to_vec();
    let [1, n, dimensions] = shape[..] else { return Err(format!("an answer of shape {shape:?}")) };
    if n != n_tokens || !(1..=MOST_DIMENSIONS).contains(&dimensions) {
        return Err(format!("an answer of shape {shape:?} to {n_tokens} tokens"));
    }
    let mut sums = vec![0.0_f32; dimensions];
    for token in answer.to_vec().chunks_exact(dimensions) {
        sums.iter_mut().zip(token).for_each(|(sum, it)| *sum += it);
    }
    Ok(sums)
}

fn whole(answer: Value) -> Result<Vec<f32>, String> {
    let answer: Tensor<f32> = answer.try_into().map_err(|it| format!("the answer: {it}"))?;
    let shape = answer.shape().to_vec();
    match shape[..] {
        [1, n] if (1..=MOST_DIMENSIONS).contains(&n) => Ok(answer.to_vec()),
        _ => Err(format!("an answer of shape {shape:?}")),
    }
}

/// Of length 1; what is no number at all, or nothing, is nothing.
fn unit(numbers: Vec<f32>) -> Vec<f32> {
    let length = numbers.iter().map(|it| it * it).sum::<f32>().sqrt();
    if !length.is_finite() || length == 0.0 {
        return Vec::new();
    }
    numbers.into_iter().map(|it| it / length).collect()
}
