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
    "A network that is right in 69 of 100 test images may be right in 37 of 100 of your own photos. Give labelled "
    "photos, and see which model to trust on them, how far, and what makes it fail."
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
