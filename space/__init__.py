"""The Gradio app of the Hugging Face Space: photos in, perceived expressions out, through ONNX Runtime alone."""
