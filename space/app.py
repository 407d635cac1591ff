"""Start the Gradio app: `python -m space.app`, or `python app.py` in the folder that `make space` builds."""

from space import process


def main() -> None:
    process.prepare()
    from space import page  # Gradio reads its settings while it is imported

    page.serve()


if __name__ == "__main__":
    main()
