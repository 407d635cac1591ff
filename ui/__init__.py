"""The only Streamlit code outside the pages: cached loaders, shared widgets, session state."""
