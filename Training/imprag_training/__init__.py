"""Training of ImpRAG models: Llama-family decoders that retrieve without a textual query and read what they find."""
