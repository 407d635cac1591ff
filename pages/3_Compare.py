"""Models side by side on labelled photos: figures, mistakes, and why."""

import streamlit as st

from fer_core.errors import FerError
from ui.compare import comparison, report, sources
from ui.shared import layout, loaders, notice
from ui.shared.text import plain

layout.frame("Compare")
loaders.warm_up()

st.title("Compare models on labelled photos", anchor=False)
st.markdown(
    "Which model works best on your own photos? Give photos with labels. The report names the better model if there "
    "are enough photos, and shows what each model gets wrong."
)
notice.line()

try:
    given = sources.pick()
    if given:
        settings = comparison.pick()
        compared = comparison.report(given, settings)
        if compared:
            report.show(compared, given)
except FerError as error:
    st.error(plain(str(error)))
