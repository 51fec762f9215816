"""Has a text model read the judged films and writes what it says: a byte a number, film by film in the order of films.txt.

    pip install numpy onnxruntime tokenizers && python3 read.py FOLDER

FOLDER has model.onnx and tokenizer.json. minilm.bin was made so with all-MiniLM-L6-v2 (Apache-2.0; 384 numbers; weights of 8
bits). The text is that of `ModelText`.
"""

import pathlib
import sys

import numpy as np
import onnxruntime
import tokenizers

HERE = pathlib.Path(__file__).parent
folder = pathlib.Path(sys.argv[1])
session = onnxruntime.InferenceSession(folder / "model.onnx")
names = [it.name for it in session.get_inputs()]
tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.enable_truncation(256)


def text(line):
    title, _, _, _, _, genres, tags, _, directors, cast, overview = (it.strip() for it in line.split("|"))
    names = [[it.strip() for it in it.split(";") if it.strip()] for it in (genres, tags, directors + ";" + cast)]
    genres, tags, people = names
    parts = [", ".join(genres), ", ".join(tags[:24]), overview[:2000], title.removesuffix(" (Series)"), ", ".join(people[:4])]
    return ". ".join(it.rstrip(".") for it in parts if it)


def read(text):
    encoding = tokenizer.encode(text)
    given = {"input_ids": encoding.ids, "attention_mask": encoding.attention_mask, "token_type_ids": encoding.type_ids}
    answer = session.run(["last_hidden_state"], {it: np.array([given[it]], np.int64) for it in names})[0][0].mean(0)
    return np.round(answer / np.abs(answer).max() * 127).astype(np.int8)


lines = (HERE / "films.txt").read_text().splitlines()
films = [it for it in lines if it and not it.startswith("#")]
(HERE / "minilm.bin").write_bytes(b"".join(read(text(it)).tobytes() for it in films))
