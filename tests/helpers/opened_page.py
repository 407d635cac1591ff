"""A page as Streamlit runs it without a browser, and what a person reads on it."""

from paths import ROOT
from streamlit.testing.v1 import AppTest

from fer_core import predictors
from fer_core.photos.analysis import analyse

TIMEOUT = 120
SAMPLES = ("astronaut.jpg", "grace_hopper.jpg")


def opened(page=None):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT)
    return (app.switch_page(page) if page else app).run()


def texts(app):
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.info, app.warning, app.error)
    return [element.value for kind in kinds for element in kind]


def said(app):
    return "\n".join(texts(app))


def widget(app, kind, name):
    return next(one for one in getattr(app, kind) if one.key.startswith(f"{name}:"))


def give(app, *files):
    for name, data in files:
        widget(app, "file_uploader", "uploads").upload(name, data)
    return app.run()


def choose(app, *names):
    return widget(app, "pills", "models").set_value(list(names)).run()


def expected(data, *names, **options):
    return analyse(data, [predictors.load(name) for name in names], **options)
