"""Models side by side on labelled photos: figures, mistakes, and why."""

import streamlit as st

from fer_core.errors import FerError
from ui import compare, compare_report, compare_sources, layout, loaders, notice
from ui.text import plain

layout.frame("Compare")
loaders.warm_up()

st.title("Compare models on labelled photos", anchor=False)
st.markdown(
    "A network that is right in 69 of 100 test images may be right in 37 of 100 of your own photos. Give labelled "
    "photos, and see which model to trust on them, how far, and what makes it fail."
)
notice.show_short()

try:
    given = compare_sources.pick()
    if given:
        settings = compare.pick()
        report = compare.report(given, settings)
        if report:
            compare_report.show(report, given)
except FerError as error:
    st.error(plain(str(error)))
