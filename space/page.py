"""The page: a photo, a batch, and what one should know; then the server."""

from pathlib import Path

import gradio as gr
from starlette.middleware import Middleware

from fer_core.errors import FerError, PhotoError, let_go, unforeseen
from fer_core.photos import wording
from fer_core.photos.analysis import UNFORESEEN
from space import answers, endpoints, engine, live, spool, words
from space.endpoints import Lane
from space.gate import Gate
from space.process import SAMPLES
from space.uploads import LARGEST_UPLOAD, Upload, photo_input, photos_input

SINGLE = Lane("photo", at_once=2)
BATCH = Lane("batch", at_once=1)
LISTING = Lane("listing", at_once=2)
"""Two cores: two photos at once, and a long batch never stands before them."""

MAX_WAITING = 100

Settings = list[gr.CheckboxGroup | gr.Slider | gr.Checkbox]

FONTS = ["ui-sans-serif", "system-ui", "sans-serif"]
MONO_FONTS = ["ui-monospace", "monospace"]


def look(photo: Upload | None, models: list[str], min_score: float, face_crop: bool) -> str:
    if photo is None:
        return answers.EMPTY
    try:
        with unforeseen(PhotoError, UNFORESEEN):
            return answers.of_photo(engine.look(photo, models, min_score, face_crop))
    except FerError as error:
        let_go(error)
        return answers.of_error(error)


def look_at_many(photos: list[Upload], models: list[str], min_score: float, face_crop: bool) -> str:
    return answers.of_batch(list(endpoints.look_at_all(photos, models, min_score, face_crop)))


def build() -> gr.Blocks:
    """The whole app; nothing runs yet."""
    gr.set_static_paths([SAMPLES])
    demo = gr.Blocks(title="Perceived facial expressions", analytics_enabled=False)
    with demo:
        gr.Markdown(words.INTRODUCTION)
        gr.Markdown(words.NOTICE, elem_classes="fer-notice")
        settings = _settings()
        with gr.Tab("Photo"):
            _photo_tab(settings)
        with gr.Tab("Many photos"):
            _batch_tab(settings)
        with gr.Tab("Live"):
            live.tab()
        with gr.Tab("About"):
            gr.Markdown(words.about())
        endpoints.offer(endpoints.list_models, "models", [], endpoints.ModelsJson, LISTING)
    demo.queue(max_size=MAX_WAITING, api_open=False)
    return demo


def _settings() -> Settings:
    """Models, certainty, and whether to search for faces: what both tabs and all endpoints take."""
    names = list(engine.names())
    with gr.Accordion("Settings", open=len(names) > 1):
        models = gr.CheckboxGroup(names, value=names[:1], label="Models, side by side")
        min_score = gr.Slider(0, 1, value=0.7, step=0.05, label=wording.THRESHOLD)
        face_crop = gr.Checkbox(False, label=wording.FACE_CROP)
    return [models, min_score, face_crop]


def _photo_tab(settings: Settings) -> None:
    with gr.Row():
        with gr.Column(scale=2):
            photo = photo_input(label="Photo", height=320)
            gr.Examples(sorted(map(str, SAMPLES.glob("*.jpg"))), photo, label="Samples", cache_examples=False)
        with gr.Column(scale=3):
            answer = gr.HTML(answers.EMPTY, label="Answer")
    inputs = [photo, *settings]
    triggers = [photo.change, *(setting.change for setting in settings)]
    gr.on(
        triggers,
        look,
        inputs,
        answer,
        api_visibility="private",
        trigger_mode="always_last",
        concurrency_limit=SINGLE.at_once,
        concurrency_id=SINGLE.name,
    )
    endpoints.offer(endpoints.predict, "predict", inputs, endpoints.PhotoJson, SINGLE)


def _batch_tab(settings: Settings) -> None:
    photos = photos_input(label="Up to 50 photos", height=180)
    answer = gr.HTML("", label="Answers")
    inputs = [photos, *settings]
    gr.on(
        photos.upload,
        look_at_many,
        inputs,
        answer,
        api_visibility="private",
        concurrency_limit=BATCH.at_once,
        concurrency_id=BATCH.name,
    )
    photos.clear(lambda: "", None, answer, api_visibility="private")
    endpoints.offer(endpoints.predict_batch, "predict_batch", inputs, endpoints.BatchJson, BATCH)


def serve() -> None:
    """Listen until stopped; GRADIO_SERVER_NAME and GRADIO_SERVER_PORT say where."""
    demo = build()
    spool.start(demo)
    engine.warm_up()
    launch(demo)


def launch(demo: gr.Blocks, *, wait: bool = True) -> str:
    """Start the server; its address when it is not waited for."""
    _, address, _ = demo.launch(
        css_paths=Path(__file__).with_name("style.css"),
        theme=gr.themes.Default(primary_hue="teal", secondary_hue="teal", font=FONTS, font_mono=MONO_FONTS),
        max_file_size=LARGEST_UPLOAD,
        app_kwargs={"middleware": [Middleware(Gate)], "lifespan": spool.forgetting, "routes": live.routes()},
        footer_links=["api"],
        run_history=False,
        enable_monitoring=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        state_session_capacity=200,
        prevent_thread_lock=not wait,
        _frontend=False,  # else a server too busy to answer itself within 3 s gives up: 'Runtime error' on a Space
    )
    return address
