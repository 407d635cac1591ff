"""What each place offers to take is what the server takes, and it is named there."""

import tomllib

from paths import ROOT
from streamlit.testing.v1 import AppTest

PAGES = ("pages/2_Predict.py", "pages/3_Compare.py", "pages/5_Training.py")


def test_one_limit_holds_and_is_named_where_it_is_offered():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    taken = config["server"]["maxUploadSize"]
    offered = []
    for page in PAGES:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).switch_page(page).run()
        for uploader in app.get("file_uploader"):
            limit = uploader.proto.max_upload_size_mb
            assert limit <= taken
            assert f"p to {limit} MB" in uploader.proto.help
            offered.append(limit)
    assert len(offered) == len(PAGES)
    assert max(offered) == taken
